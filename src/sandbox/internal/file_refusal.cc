#include "sandbox/internal/file_refusal.h"

#include "base/unicode.h"

#include <fmt/format.h>

namespace caisson::sandbox {

namespace {

constexpr std::size_t kLongestShown = 120;

std::string why(const FileRefusal& refusal, std::string_view directory) {
  switch (refusal.reason) {
    case FileRefusalReason::kReadOnly:
      return fmt::format("{} is granted for reading; `write: [{}]` in its grants would allow it", directory, directory);
    case FileRefusalReason::kEscape:
      return fmt::format("it leads out of {}; grant the directory that it means", directory);
    case FileRefusalReason::kLink:
      return fmt::format("{} is granted without symbolic links, or the link could lead out of it", directory);
    case FileRefusalReason::kSpecialFile:
      return "only regular files and directories can be used, and set-user-id programs cannot be written";
    case FileRefusalReason::kKernelFiles:
      return "it is no stored file but an interface of the kernel";
    case FileRefusalReason::kAcrossGrants:
      return "it would go from one granted directory to another; copy it";
    case FileRefusalReason::kOpenFiles:
      return fmt::format("{} descriptors are open; limit `files`", refusal.limit);
    case FileRefusalReason::kCreatedFiles:
      return fmt::format("{} files were created; limit `created_files`", refusal.limit);
    case FileRefusalReason::kFileSize:
      return fmt::format("a file may have {} bytes; limit `file_size`", refusal.limit);
    case FileRefusalReason::kReadBytes:
      return fmt::format("{} bytes were read; limit `file_read`", refusal.limit);
    case FileRefusalReason::kWriteBytes:
      return fmt::format("{} bytes were written; limit `file_write`", refusal.limit);
  }
  return {};
}

}  // namespace

std::string describe(const FileRefusal& refusal) {
  // Cut before anything is done with it: what a guest calls a path may be as large as its memory.
  constexpr std::size_t kMostBytes = 4 * (kLongestShown + 1);
  const std::string directory = base::quote(base::shorten(refusal.directory, kLongestShown));
  if (refusal.path.empty()) {
    return fmt::format("{} in {}: {}", refusal.operation, directory, why(refusal, directory));
  }
  return fmt::format("{} {} in {}: {}", refusal.operation,
                     base::quote(base::shorten(refusal.path.substr(0, kMostBytes), kLongestShown)), directory,
                     why(refusal, directory));
}

}  // namespace caisson::sandbox
