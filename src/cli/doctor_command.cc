#include "base/unicode.h"
#include "cli/command.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"
#include "document/print.h"
#include "document/value.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace caisson::cli {

namespace {

class DoctorCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS]")
        .about(
            "Checks that this machine is fit to run sandboxes: what is installed, where compiled modules are kept, and "
            "a sandbox run as proof, with limits that have to hold. The exit code is 2 when something is not right.")
        .flag("--json", "Prints the same as JSON", json_)
        .example("caisson doctor", "Prints one line for each check.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (!operands.empty()) {
      return fail_usage(context, "doctor", fmt::format("it takes no argument, and '{}' is one", operands.front()));
    }
    Result<std::unique_ptr<Runtime>> runtime = create_runtime({});
    if (!runtime) {
      return fail(context, runtime.error());
    }
    const std::vector<Finding> findings = (*runtime)->diagnose();
    const bool ok = std::ranges::all_of(findings, &Finding::ok);
    context.output.out(json_ ? to_json(findings, ok) : to_text(findings));
    return ok ? 0 : exit_code(Category::kFailedPrecondition);
  }

 private:
  static std::string to_text(const std::vector<Finding>& findings) {
    std::size_t width = 0;
    for (const Finding& finding : findings) {
      width = std::max(width, finding.subject.size());
    }
    std::string out;
    for (const Finding& finding : findings) {
      out += fmt::format("{:4}  {:{}}  {}\n", finding.ok ? "ok" : "FAIL", finding.subject, width,
                         base::printable(finding.text));
    }
    return out;
  }

  static std::string to_json(const std::vector<Finding>& findings, bool ok) {
    document::Value list = document::Value::list();
    for (const Finding& finding : findings) {
      list.push(document::Value::map({{"subject", finding.subject}, {"ok", finding.ok}, {"text", finding.text}}));
    }
    const document::Value all = document::Value::map({{"ok", ok}, {"findings", std::move(list)}});
    return document::to_json(all, document::JsonStyle::kIndented) + '\n';
  }

  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_doctor_command() { return std::make_unique<DoctorCommand>(); }

}  // namespace caisson::cli
