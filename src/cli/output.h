#pragma once

#include <caisson/result.h>

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::cli {

/// The reason of the Error when whoever read the output has gone. It ends in an exit code and never leaves the program.
inline constexpr std::string_view kReaderGone = "reader_gone";

/// Standard output and standard error of the program, each in the order it was written. What goes to standard output is
/// collected and written in large pieces, before anything that follows it on standard error.
///
/// Threads: safe to call concurrently.
class Output {
 public:
  Output(int out_descriptor, int error_descriptor) : out_fd_(out_descriptor), error_fd_(error_descriptor) {}
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  ~Output() = default;

  void out(std::string_view text);

  /// What cannot be written there is lost: there is nobody left to tell.
  void error(std::string_view text);

  /// The last line of standard error, a terminal: it stays below everything that is written, and another one replaces
  /// it. Without escapes and line breaks; empty: there is none any more. It is not wrapped, but cut.
  void status(std::string_view line);

  /// Writes what is still collected.
  /// Errors, also of anything written before: unavailable / kReaderGone when nobody reads it any more;
  /// resource_exhausted / file.no_space; internal / file.io.
  [[nodiscard]] Status flush();

 private:
  void flush_locked();
  void hide_status_locked();
  void show_status_locked();

  const int out_fd_;
  const int error_fd_;
  std::mutex mutex_;
  std::string pending_;
  std::string status_;
  std::optional<Error> failure_;  // the first one; nothing is written after it
};

}  // namespace caisson::cli
