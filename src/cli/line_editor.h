#pragma once

#include <caisson/result.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::cli {

/// Lines that a person types on a terminal, with editing, history and completion (libedit).
///
/// Threads: one.
class LineEditor {
 public:
  /// Gives what the text before the cursor may become: whole names, of which its last `typed` bytes are the beginning.
  struct Completion {
    std::size_t typed = 0;
    std::vector<std::string> names{};
  };
  using Completer = std::function<Completion(std::string_view before_cursor)>;

  explicit LineEditor(Completer completer);
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;
  ~LineEditor();

  enum class End { kLine, kCancelled, kEndOfFile };
  struct Line {
    End end = End::kEndOfFile;
    std::string text{};  ///< without its line feed
  };
  /// One line; kCancelled: Ctrl-C was typed.
  [[nodiscard]] Line read(std::string_view prompt);

  /// Brings the lines of a HistoryFile back, and adds those that come. Errors: those of HistoryFile::open.
  [[nodiscard]] Status keep(const std::string& path);

  /// Lets later lines be this one again. Errors: those of HistoryFile::add; from then on nothing is kept in a file.
  [[nodiscard]] Status remember(const std::string& text);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace caisson::cli
