#include "base/unicode.h"
#include "cli/command.h"
#include "cli/definition_source.h"
#include "cli/find_definitions.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"
#include "cli/policy_options.h"
#include "document/print.h"
#include "document/value.h"
#include "workflow/run_json.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace caisson::cli {

namespace {

/// What became of one definition.
struct Verdict {
  std::size_t nodes = 0;
  std::vector<Diagnostic> diagnostics;
  int status = 0;  ///< the exit code
};

class ValidateCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] FILE...")
        .about(
            "Checks workflow definitions without running them, and opens the modules they name. Every problem is "
            "printed with its file, line and column, and the likely name where one is misspelt. The exit code is that "
            "of the first definition with an error; warnings do not count.")
        .operand(
            "FILE",
            "A workflow definition, a folder of them, or a name in workflows, examples, templates or tests; `-` is "
            "standard input")
        .flag("--no-modules", "Does not open the modules", no_modules_)
        .flag("--json", "Prints the verdict as JSON: an object, or an array of them for several definitions", json_);
    definitions_.describe(arguments);
    policy_.describe(arguments);
    arguments.example("caisson validate examples/*.yaml", "Checks all examples.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (operands.empty()) {
      return fail_usage(context, "validate", "there is no workflow definition");
    }
    NoticePrinter notices(context, NoticePrinter::Detail::kWarnings);
    RuntimeOptions options;
    policy_.apply(options);
    options.on_notice = notices.receiver();
    Result<std::unique_ptr<Runtime>> runtime = create_runtime(std::move(options));
    if (!runtime) {
      return fail(context, runtime.error());
    }
    const std::vector<std::string> files = find_definitions(operands);
    int status = 0;
    document::Value all = document::Value::list();
    for (const std::string& file : files) {
      const Verdict verdict = check(**runtime, file);
      if (json_) {
        all.push(to_value(file, verdict));
      } else {
        print(context, file, verdict);
      }
      status = status == 0 ? verdict.status : status;
    }
    if (json_) {
      const document::Value& shown = files.size() == 1 ? all.as_list()->front() : all;
      context.output.out(document::to_json(shown, document::JsonStyle::kIndented) + '\n');
    }
    return status;
  }

 private:
  Verdict check(Runtime& runtime, const std::string& file) const {
    const Result<std::shared_ptr<const Workflow>> workflow = definitions_.load(runtime, file);
    if (!workflow) {
      Verdict verdict;
      add_error(workflow.error(), file, verdict);
      return verdict;
    }
    Verdict verdict{(*workflow)->node_count(), (*workflow)->warnings(), 0};
    if (const std::optional<Error>& refusal = (*workflow)->refusal()) {
      add_error(*refusal, file, verdict);
    }
    if (!no_modules_) {
      const std::vector<Diagnostic> problems = runtime.check_modules(**workflow);
      verdict.diagnostics.insert(verdict.diagnostics.end(), problems.begin(), problems.end());
      if (!problems.empty() && verdict.status == 0) {
        verdict.status = exit_code(Category::kInvalidArgument);
      }
    }
    return verdict;
  }

  static void add_error(const Error& error, const std::string& file, Verdict& verdict) {
    verdict.diagnostics.insert(verdict.diagnostics.end(), error.diagnostics.begin(), error.diagnostics.end());
    if (error.diagnostics.empty()) {
      verdict.diagnostics.push_back({Severity::kError, error.reason, error.message, {.file = file}});
    }
    verdict.status = exit_code(error.category);
  }

  static void print(Context& context, const std::string& file, const Verdict& verdict) {
    print_diagnostics(context, verdict.diagnostics);
    if (verdict.status == 0) {
      context.output.out(
          fmt::format("{}: ok, {} node{}\n", base::printable(file), verdict.nodes, verdict.nodes == 1 ? "" : "s"));
    }
  }

  static document::Value to_value(const std::string& file, const Verdict& verdict) {
    document::Value out = document::Value::map({{"definition", file}, {"valid", verdict.status == 0}});
    if (verdict.status == 0) {
      out.set("nodes", static_cast<std::int64_t>(verdict.nodes));
    }
    document::Value list = document::Value::list();
    for (const Diagnostic& diagnostic : verdict.diagnostics) {
      list.push(workflow::to_value(diagnostic));
    }
    out.set("diagnostics", std::move(list));
    return out;
  }

  DefinitionSource definitions_;
  PolicyOptions policy_;
  bool no_modules_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_validate_command() { return std::make_unique<ValidateCommand>(); }

}  // namespace caisson::cli
