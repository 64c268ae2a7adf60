#pragma once

#include "cli/command.h"

#include <caisson/runtime.h>

#include <cstdint>
#include <functional>
#include <mutex>
#include <set>
#include <span>
#include <string>
#include <string_view>

namespace caisson::cli {

/// `caisson: MESSAGE` on standard error, escaped.
void print_message(Context& context, std::string_view message);

/// The message of a wrong command line, with where to read how it is right. Returns the exit code.
[[nodiscard]] int fail_usage(Context& context, std::string_view command, std::string_view message);

/// The message of an error. Returns the exit code of its category.
[[nodiscard]] int fail(Context& context, const Error& error);

/// Problems of a text, one to a line, on standard error.
void print_diagnostics(Context& context, std::span<const Diagnostic> diagnostics);

/// Prints a runtime's notices: warnings once for each kind, details only to somebody who asked for them.
///
/// Lifetime: outlives the runtime it is given to.
class NoticePrinter {
 public:
  enum class Detail : std::uint8_t { kWarnings, kEverything };

  NoticePrinter(Context& context, Detail detail) : context_(context), detail_(detail) {}
  NoticePrinter(const NoticePrinter&) = delete;
  NoticePrinter& operator=(const NoticePrinter&) = delete;
  ~NoticePrinter() = default;

  void print(const Notice& notice);

  /// For RuntimeOptions::on_notice.
  [[nodiscard]] std::function<void(const Notice&)> receiver() {
    return [this](const Notice& notice) { print(notice); };
  }

 private:
  Context& context_;
  const Detail detail_;
  std::mutex mutex_;
  std::set<std::string, std::less<>> told_;
};

}  // namespace caisson::cli
