#include "base/unicode.h"
#include "cli/command.h"
#include "cli/definition_source.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"
#include "cli/policy_options.h"
#include "runtime/definitions.h"
#include "runtime/machinery.h"
#include "runtime/policies.h"
#include "workflow/definition.h"
#include "workflow/source.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace caisson::cli {

namespace {

/// Writes a file anew.
Status write_file(const std::string& path, std::string_view text) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
  int failed = fd < 0 ? errno : 0;
  while (failed == 0 && !text.empty()) {
    const ssize_t put = ::write(fd, text.data(), text.size());
    if (put >= 0) {
      text.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno != EINTR) {
      failed = errno;
    }
  }
  if (fd >= 0 && ::close(fd) != 0 && failed == 0) {
    failed = errno;
  }
  if (failed == 0) {
    return {};
  }
  const bool refused = failed == EACCES || failed == EPERM || failed == EROFS;
  const bool full = failed == ENOSPC || failed == EDQUOT;
  const bool missing = failed == ENOENT || failed == ENOTDIR;
  return Error{refused   ? Category::kPermissionDenied
               : full    ? Category::kResourceExhausted
               : missing ? Category::kNotFound
                         : Category::kInternal,
               refused   ? "file.permission"
               : full    ? "file.no_space"
               : missing ? "file.missing"
                         : "file.io",
               fmt::format("cannot write '{}': {}", base::printable(path), std::generic_category().message(failed))};
}

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
    CAISSON_CHECK(workflow::definition_of(read.root, source.file));
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
