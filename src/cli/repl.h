#pragma once

#include "cli/command.h"
#include "cli/line_editor.h"
#include "cli/stop_signals.h"
#include "language/language.h"

#include <caisson/runtime.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::cli {

/// Statements, one after the other, in a session.
///
/// A statement that is not finished waits for more lines; a block of Python for an empty one, or one that is not
/// indented. Before a statement runs
/// the session is forked, so that one that is stopped or breaks a limit can be undone. Lines that begin with a colon
/// are for the loop itself.
///
/// Threads: one.
class Repl {
 public:
  struct Setup {
    Context& context;
    Runtime& runtime;
    StopSignals& signals;
    language::Language language;
    SessionOptions options;
    bool terminal = false;  ///< what is printed goes to a terminal
    bool typed = false;     ///< somebody types the statements, and Ctrl-C where nothing runs
  };
  explicit Repl(Setup setup) : setup_(std::move(setup)) {}

  /// Errors: those of Runtime::open_session.
  [[nodiscard]] Status open();

  [[nodiscard]] std::string prompt() const;
  /// False: it is over.
  [[nodiscard]] bool take(std::string_view line);
  /// Forgets the statement that is not finished.
  void give_up();
  /// Runs what is not finished yet. The exit code: of the first error.
  [[nodiscard]] int finish();

  /// The names that the text before the cursor may be the beginning of: commands, or what a fork says that there is.
  [[nodiscard]] LineEditor::Completion complete(std::string_view before_cursor);

 private:
  void run();
  /// Of the loop's own commands, without their colon.
  [[nodiscard]] static LineEditor::Completion complete_command(std::string_view typed);
  [[nodiscard]] bool command(std::string_view name);
  void print(const Execution& execution, std::string_view statement);
  /// What code printed.
  void print_lines(const Execution& execution);
  /// What is there under a name, which is no JSON. False: nothing was shown.
  [[nodiscard]] bool print_name(std::string_view path);
  [[nodiscard]] std::string shown(std::string_view text) const;
  void note(std::string_view text);
  void failed(const Error& error);
  void print_usage(bool limits);

  Setup setup_;
  std::vector<std::unique_ptr<Session>> sessions_;  // the last one is used; those before it wait for its end
  std::string statement_;
  bool in_block_ = false;
  int exit_code_ = 0;
};

}  // namespace caisson::cli
