#include "cli/command.h"
#include "cli/messages.h"
#include "document/print.h"
#include "document/value.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <array>
#include <utility>

namespace caisson::cli {

namespace {

class VersionCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS]")
        .about("Prints the version of Caisson, of the engine inside it, and how it was built.")
        .flag("--json", "Prints the same as JSON", json_)
        .example("caisson version", "Prints what a report of a problem should contain.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (!operands.empty()) {
      return fail_usage(context, "version", fmt::format("it takes no argument, and '{}' is one", operands.front()));
    }
    const std::array<std::pair<std::string_view, std::string_view>, 5> parts = {{
        {"caisson", version()},
        {"wasmtime", wasmtime_version()},
        {"compiler", CAISSON_COMPILER},
        {"build", CAISSON_BUILD},
        {"platform", CAISSON_PLATFORM},
    }};
    document::Value values = document::Value::map();
    for (const auto& [name, value] : parts) {
      if (json_) {
        values.set(std::string(name), value);
      } else {
        context.output.out(fmt::format("{:8} {}\n", name, value));
      }
    }
    if (json_) {
      context.output.out(document::to_json(values, document::JsonStyle::kIndented) + '\n');
    }
    return 0;
  }

 private:
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_version_command() { return std::make_unique<VersionCommand>(); }

}  // namespace caisson::cli
