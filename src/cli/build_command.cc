#include "base/unicode.h"
#include "cli/command.h"
#include "cli/messages.h"
#include "cli/output_file.h"
#include "cli/own_runtime.h"
#include "cli/source_build.h"
#include "cli/stop_signals.h"
#include "document/print.h"
#include "document/value.h"
#include "workflow/run_json.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace caisson::cli {

namespace {

class BuildCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] FILE")
        .about(
            "Builds a WebAssembly module from one source file, with a compiler of this machine and the SDK that is "
            "part of this program. The name tells the language: .c, .cc, .cpp, .cxx, .rs, .go, .ts (AssemblyScript).")
        .operand("FILE", "The source")
        .path("-o,--output", "The module; without it, the name of the source with the ending .wasm", output_)
        .choice("--as", {"processor", "component", "program"},
                "What it is: bytes in and out over the ABI buffer (the default), the same as a component, or a WASI "
                "program",
                as_)
        .flag("--json", "Prints what was built as JSON", json_)
        .example("caisson build shout.c", "Makes shout.wasm.")
        .example("caisson build --as program -o tool.wasm tool.go", "Makes a WASI program.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (operands.size() != 1) {
      return fail_usage(context, "build", operands.empty() ? "there is no source file" : "one source file at a time");
    }
    const std::string& file = operands.front();
    const std::string output = output_.value_or(std::filesystem::path(file).replace_extension(".wasm").native());
    std::error_code ignored;
    if (output == file || std::filesystem::equivalent(file, output, ignored)) {
      return fail_usage(context, "build", "the module would take the place of its source");
    }
    StopSignals signals;
    const Result<SourceBuild> build = build_source(context.environment, file, as(), signals.token());
    if (!build) {
      print_failure(context, build.error());
      return exit_code(build.error().category);
    }
    context.output.error(build->messages);
    if (const Status written = write_file(output, build->module); !written) {
      return fail(context, written.error());
    }
    return report(context, *build, output);
  }

 private:
  [[nodiscard]] BuildAs as() const {
    return as_ == "component" ? BuildAs::kComponent : as_ == "program" ? BuildAs::kProgram : BuildAs::kProcessor;
  }

  /// What a compiler said has lines, which stay lines.
  static void print_failure(Context& context, const Error& error) {
    const std::size_t line = std::min(error.message.find('\n'), error.message.size());
    print_message(context, error.message.substr(0, line));
    if (line < error.message.size()) {
      context.output.error(error.message.substr(line + 1) + '\n');
    }
  }

  int report(Context& context, const SourceBuild& build, const std::string& output) const {
    NoticePrinter notices(context, NoticePrinter::Detail::kWarnings);
    RuntimeOptions options;
    options.on_notice = notices.receiver();
    Result<std::unique_ptr<Runtime>> runtime = create_runtime(std::move(options));
    if (!runtime) {
      return fail(context, runtime.error());
    }
    const Result<ModuleReport> module = (*runtime)->inspect(output);
    if (!module) {
      return fail(context, module.error());
    }
    if (json_) {
      using document::Value;
      Value out = Value::map({{"module", output},
                              {"language", std::string(build.language)},
                              {"kind", module->kind},
                              {"abi", module->abi},
                              {"bytes", static_cast<std::int64_t>(module->bytes)},
                              {"sha256", module->digest},
                              {"runnable", !module->problem.has_value()}});
      if (module->problem) {
        out.set("problem", workflow::to_value(*module->problem));
      }
      context.output.out(document::to_json(out, document::JsonStyle::kIndented) + '\n');
    } else {
      context.output.out(fmt::format("{}: {} bytes, {}\n", base::printable(output), module->bytes,
                                     module->abi.empty() ? "ABI none" : "ABI " + module->abi));
    }
    if (module->problem) {
      print_message(context, fmt::format("warning: it cannot run as a node yet: {}", module->problem->message));
    }
    return 0;
  }

  std::optional<std::string> output_;
  std::optional<std::string> as_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_build_command() { return std::make_unique<BuildCommand>(); }

}  // namespace caisson::cli
