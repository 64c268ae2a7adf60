#include "cli/command.h"
#include "cli/definition_source.h"
#include "cli/messages.h"
#include "cli/output_file.h"
#include "cli/own_runtime.h"
#include "cli/policy_options.h"
#include "runtime/definitions.h"
#include "runtime/machinery.h"
#include "runtime/policies.h"
#include "workflow/definition.h"
#include "workflow/source.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace caisson::cli {

namespace {

class ConvertCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] --to FORMAT FILE")
        .about(
            "Writes a workflow in another format. The definition is checked first; what comes out has the same nodes "
            "and "
            "does the same, without the comments. Variables (`${NAME}`) stay as they are.")
        .operand("FILE", "A workflow definition; `-` takes it from standard input")
        .choice("--to", {workflow::kSourceFormats.begin(), workflow::kSourceFormats.end()}, "What to write", to_)
        .path("-o,--output", "The file to write; without it, standard output", output_);
    definitions_.describe(arguments);
    policy_.describe(arguments);
    arguments.example("caisson convert --to yaml flow.lua", "Prints a workflow in Lua as YAML.")
        .example("caisson convert --to blueprint -o flow.json flow.yaml", "Writes a blueprint.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    const auto to = workflow::source_format_from(to_.value_or(""));
    if (operands.size() != 1 || !to) {
      return fail_usage(context, "convert",
                        !to                ? "--to says what to write: yaml, json, lua or blueprint"
                        : operands.empty() ? "there is no workflow definition"
                                           : "one definition at a time");
    }
    const Result<std::string> text = convert(context.environment, operands.front(), *to);
    if (!text) {
      return fail(context, text.error());
    }
    if (!output_) {
      context.output.out(*text);
      return 0;
    }
    const Status written = write_file(*output_, *text);
    return written ? 0 : fail(context, written.error());
  }

 private:
  Result<std::string> convert(const base::Environment& environment, const std::string& file,
                              workflow::SourceFormat to) const {
    CAISSON_TRY(const auto own, runtime::Configurations::load(environment, policy_.flags()));
    CAISSON_TRY(const runtime::DefinitionText source, definitions_.read(environment, file));
    CAISSON_TRY(const auto configurations, runtime::with_project(own, source.folder, environment));
    RuntimeOptions options;
    options.compile_program = kOwnProgram;
    runtime::Machinery machinery(std::move(options), base::make_environment());
    CAISSON_TRY(const workflow::Source read, runtime::read_source(source, configurations, machinery));
    CAISSON_CHECK(workflow::definition_of(read.root, source.file, {.text = source.text}));
    return workflow::print_source(read.root, to);
  }

  std::optional<std::string> to_;
  std::optional<std::string> output_;
  DefinitionSource definitions_;
  PolicyOptions policy_;
};

}  // namespace

std::unique_ptr<Command> make_convert_command() { return std::make_unique<ConvertCommand>(); }

}  // namespace caisson::cli
