#include "cli/messages.h"

#include "base/unicode.h"
#include "cli/exit_codes.h"

#include <fmt/format.h>

namespace caisson::cli {

void print_message(Context& context, std::string_view message) {
  context.output.error(fmt::format("caisson: {}\n", base::printable(message)));
}

int fail_usage(Context& context, std::string_view command, std::string_view message) {
  print_message(context, fmt::format("{}: {}", command, message));
  context.output.error(fmt::format("caisson: `caisson {} --help` explains it\n", command));
  return kExitUsage;
}

int fail(Context& context, const Error& error) {
  print_message(context, error.message);
  print_diagnostics(context, error.diagnostics);
  return exit_code(error.category);
}

void print_diagnostics(Context& context, std::span<const Diagnostic> diagnostics) {
  for (const Diagnostic& diagnostic : diagnostics) {
    context.output.error(base::printable(to_string(diagnostic)) + '\n');
  }
}

void NoticePrinter::print(const Notice& notice) {
  if (notice.detail && detail_ == Detail::kWarnings) {
    return;
  }
  if (!notice.detail) {
    const std::scoped_lock lock(mutex_);
    if (!told_.emplace(notice.name).second) {
      return;
    }
  }
  print_message(context_, fmt::format("{}: {}", notice.detail ? "note" : "warning", notice.text));
}

}  // namespace caisson::cli
