#include "base/unicode.h"
#include "cli/code_input.h"
#include "cli/command.h"
#include "cli/history_file.h"
#include "cli/line_editor.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"
#include "cli/policy_options.h"
#include "cli/repl.h"
#include "cli/stop_signals.h"
#include "language/language.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <unistd.h>

namespace caisson::cli {

namespace {

constexpr std::string_view kCommand = "repl";

class ReplCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("--lang LANGUAGE [OPTIONS]")
        .about(
            "Runs Python, JavaScript or Lua line by line in one sandbox that keeps what was defined, and prints the "
            "value of each statement. `:help` lists what else can be typed. Ctrl-C stops a statement and undoes it. "
            "Standard input that is no terminal is run as a script.")
        .text("--lang", "LANGUAGE", "python, javascript or lua; python-data where that is installed", language_)
        .text("--memory", "SIZE", "What the code may use on top of its language: 64MB (default 32MB)", memory_)
        .text("--timeout", "TIME", "How long a statement may take: 5s, 500ms (default 30s)", timeout_)
        .text("--import", "NAME,...", "All that the code may import, instead of the language's default list", imports_)
        .flag("--no-history", "Neither reads nor writes the lines that were typed in earlier sessions", no_history_)
        .flag("--no-cache", "Neither reads nor writes the cache of compiled languages", no_cache_);
    policy_.describe(arguments);
    arguments.example("caisson repl --lang python", "Begins a session of Python.")
        .example("caisson repl --lang lua < steps.lua", "Runs a file statement by statement.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    const auto language = language::parse_language(language_.value_or(""));
    if (!operands.empty() || !language) {
      return fail_usage(context, kCommand,
                        !operands.empty() ? "it takes no file; `< FILE` reads one"
                        : language_ ? fmt::format("--lang: Unsupported language: {}; it must be python, javascript or "
                                                  "lua",
                                                  base::printable(base::shorten(*language_, 64)))
                                    : "--lang python, javascript or lua says what the code is written in");
    }
    StopSignals signals;
    signals.disarm();
    NoticePrinter notices(context, NoticePrinter::Detail::kWarnings);
    RuntimeOptions runtime_options;
    policy_.apply(runtime_options);
    runtime_options.on_notice = notices.receiver();
    runtime_options.threads = 1;
    if (no_cache_) {
      runtime_options.cache_folder = "";
    }
    const auto runtime = create_runtime(std::move(runtime_options));
    if (!runtime) {
      return fail(context, runtime.error());
    }
    SessionOptions options{.language = std::string(language::to_string(*language)),
                           .idle = std::chrono::hours(24 * 365)};
    if (memory_) {
      options.limits.push_back("memory=" + *memory_);
    }
    if (timeout_) {
      options.limits.push_back("timeout=" + *timeout_);
    }
    if (imports_) {
      options.imports = split_names(*imports_);
    }
    const bool typed = ::isatty(STDIN_FILENO) == 1;
    Repl repl({.context = context,
               .runtime = **runtime,
               .signals = signals,
               .language = *language,
               .options = std::move(options),
               .terminal = ::isatty(STDOUT_FILENO) == 1,
               .typed = typed});
    if (const Status opened = repl.open(); !opened) {
      return fail(context, opened.error());
    }
    signals.disarm(typed);
    return typed ? converse(context, *language, repl) : read_script(repl);
  }

 private:
  int converse(Context& context, language::Language language, Repl& repl) const {
    context.output.out(fmt::format("{} in a sandbox; :help lists commands\n", language::title(language)));
    LineEditor editor([&repl](std::string_view before_cursor) { return repl.complete(before_cursor); });
    const auto warn = [&context](const Status& kept) {
      if (!kept) {
        print_message(context, fmt::format("warning: what is typed is not kept: {}", kept.error().message));
      }
    };
    if (const auto path = history_path(context.environment, language::to_string(language)); path && !no_history_) {
      warn(editor.keep(*path));
    }
    while (context.output.flush()) {
      const LineEditor::Line line = editor.read(repl.prompt());
      if (line.end == LineEditor::End::kEndOfFile) {
        context.output.out("\n");
        return 0;
      }
      if (line.end == LineEditor::End::kCancelled) {
        repl.give_up();
        continue;
      }
      if (!line.text.empty()) {
        warn(editor.remember(line.text));
      }
      if (!repl.take(line.text)) {
        return 0;
      }
    }
    return 0;
  }

  static int read_script(Repl& repl) {
    std::string line;
    while (std::getline(std::cin, line)) {
      if (!repl.take(line)) {
        break;
      }
    }
    return repl.finish();
  }

  std::optional<std::string> language_;
  std::optional<std::string> memory_;
  std::optional<std::string> timeout_;
  std::optional<std::string> imports_;
  bool no_history_ = false;
  bool no_cache_ = false;
  PolicyOptions policy_;
};

}  // namespace

std::unique_ptr<Command> make_repl_command() { return std::make_unique<ReplCommand>(); }

}  // namespace caisson::cli
