#include "base/unicode.h"
#include "cli/code_input.h"
#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/input.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"
#include "cli/policy_options.h"
#include "cli/stop_signals.h"
#include "cli/terminal.h"
#include "language/language.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace caisson::cli {

namespace {

constexpr std::string_view kCommand = "exec";
constexpr std::uint8_t kInfo = 2;
constexpr std::string_view kEveryMethod = "GET|HEAD|POST|PUT|PATCH|DELETE";

/// A schema as it is, or from a file.
Result<std::string> schema_of(const std::string& text) {
  const bool is_json = text.starts_with('{') || text == "true" || text == "false";
  return is_json ? Result<std::string>(text) : read_input(text, "schema");
}

class ExecCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] [FILE]")
        .about(
            "Runs a piece of Python, JavaScript or Lua in a sandbox of its own, which may compute and touch nothing "
            "else, and prints its value: what `run(inputs)` returns if it defines that, otherwise `result`, `output` "
            "or "
            "its last expression.")
        .operand("FILE", "The code; `-` takes it from standard input. Leave it out with -c")
        .text("--lang", "LANGUAGE",
              "python, javascript or lua, which a file's name tells too; python-data where that is installed",
              language_)
        .text("-c,--code", "CODE", "The code itself", code_)
        .text("--input", "JSON", "What the code gets: the members of an object by name, everything as the payload",
              input_)
        .text("--import", "NAME,...", "All that the code may import, instead of the language's default list", imports_)
        .text("--output-schema", "FILE|JSON", "A JSON Schema that the value has to fit", schema_)
        .text("--entry", "NAME", "The function that is called, instead of run", entry_)
        .text("--memory", "SIZE", "What the code may use on top of its language: 64MB (default 32MB)", memory_)
        .text("--timeout", "TIME", "How long it may take: 5s, 500ms (default 30s, 10s of them computing)", timeout_)
        .texts("--allow-host", "HOST", "Lets the code talk to this host over HTTPS", hosts_)
        .flag("--deterministic", "Gives it a virtual clock and seeded randomness: the same result every time",
              deterministic_)
        .flag("--json", "Prints what happened as JSON, with times and memory", json_)
        .flag("--no-cache", "Neither reads nor writes the cache of compiled languages", no_cache_);
    policy_.describe(arguments);
    arguments.example("caisson exec --lang python -c \"sum(range(10))\"", "Prints 45.")
        .example("caisson exec --input '{\"n\": 5}' --memory 16MB factorial.py",
                 "Calls run(inputs) of a file with a value.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    Result<CodeOptions> options = code_options(operands);
    if (!options) {
      return options.error().reason == kUsage ? fail_usage(context, kCommand, options.error().message)
                                              : fail(context, options.error());
    }
    CodeInput input;
    if (input_) {
      Result<CodeInput> read = code_input(*input_);
      if (!read) {
        return fail(context, read.error());
      }
      input = std::move(*read);
    }
    StopSignals signals;
    input.stop = signals.token();
    NoticePrinter notices(context, NoticePrinter::Detail::kWarnings);
    RuntimeOptions runtime_options;
    policy_.apply(runtime_options);
    runtime_options.on_notice = notices.receiver();
    runtime_options.threads = 1;
    for (const std::string& host : hosts_) {
      runtime_options.grants.push_back(fmt::format("net={} https://{}", kEveryMethod, host));
    }
    if (no_cache_) {
      runtime_options.cache_folder = "";
    }
    const auto runtime = create_runtime(std::move(runtime_options));
    if (!runtime) {
      return fail(context, runtime.error());
    }
    const auto code = (*runtime)->load_code(*options);
    if (!code) {
      return fail(context, code.error());
    }
    const Execution execution = (*runtime)->execute(**code, input);
    print(context, execution);
    return execution.error ? fail(context, *execution.error) : 0;
  }

 private:
  Result<CodeOptions> code_options(const std::vector<std::string>& operands) const {
    if (operands.size() > 1 || operands.empty() == !code_) {
      return usage_error(operands.size() > 1 ? "one file at a time"
                         : code_             ? "there is a file and -c; leave one of them out"
                                             : "there is no code: name a file, or write it behind -c");
    }
    CodeOptions out;
    std::optional<language::Language> language;
    if (code_) {
      out.code = *code_;
    } else {
      CAISSON_TRY(out.code, read_input(operands.front(), "code"));
      language = language::language_of_file(operands.front());
      out.name = operands.front() == "-" ? "stdin" : std::filesystem::path(operands.front()).filename().native();
    }
    if (language_) {
      language = language::parse_language(*language_);
    }
    if (!language) {
      return usage_error(language_
                             ? fmt::format("--lang: Unsupported language: {}; it must be python, javascript or lua",
                                           base::printable(base::shorten(*language_, 64)))
                             : "--lang python, javascript or lua says what the code is written in");
    }
    out.language = language::to_string(*language);
    out.entry = entry_.value_or(out.entry);
    out.deterministic = deterministic_;
    if (imports_) {
      out.imports = split_names(*imports_);
    }
    if (schema_) {
      CAISSON_TRY(out.output_schema, schema_of(*schema_));
    }
    if (memory_) {
      out.limits.push_back("memory=" + *memory_);
    }
    if (timeout_) {
      out.limits.push_back("timeout=" + *timeout_);
    }
    return out;
  }

  void print(Context& context, const Execution& execution) const {
    const bool terminal = ::isatty(STDOUT_FILENO) == 1;
    if (json_) {
      for (const CodeLine& line : execution.lines) {  // the JSON is all that standard output has
        context.output.error(terminal_text(line.text) + '\n');
      }
      context.output.out((terminal ? terminal_json(execution.json) : execution.json) + '\n');
      return;
    }
    for (const CodeLine& line : execution.lines) {
      if (line.level <= kInfo) {
        context.output.out((terminal ? terminal_text(line.text) : line.text) + '\n');
      } else {
        context.output.error(terminal_text(line.text) + '\n');
      }
    }
    if (execution.error) {
      context.output.error(terminal_text(execution.trace));
    } else if (execution.output.bytes() != "null" || execution.output.media_type() != Payload::kJson) {
      const std::string_view value = execution.output.bytes();
      context.output.out((terminal ? terminal_text(value) : std::string(value)) + '\n');
    }
  }

  std::optional<std::string> language_;
  std::optional<std::string> code_;
  std::optional<std::string> input_;
  std::optional<std::string> imports_;
  std::optional<std::string> schema_;
  std::optional<std::string> entry_;
  std::optional<std::string> memory_;
  std::optional<std::string> timeout_;
  std::vector<std::string> hosts_;
  bool deterministic_ = false;
  bool json_ = false;
  bool no_cache_ = false;
  PolicyOptions policy_;
};

}  // namespace

std::unique_ptr<Command> make_exec_command() { return std::make_unique<ExecCommand>(); }

}  // namespace caisson::cli
