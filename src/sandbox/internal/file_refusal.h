#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::sandbox {

/// Why the policy, rather than the file system, said no.
enum class FileRefusalReason : std::uint8_t {
  kReadOnly,      ///< the grant is for reading
  kEscape,        ///< the path leads out of the directory
  kLink,          ///< the grant does not allow symbolic links, or the link's target could lead out
  kSpecialFile,   ///< neither a regular file nor a directory, or a set-user-id program that would be written
  kKernelFiles,   ///< a file system through which the kernel shows itself: /proc, /sys and their like
  kAcrossGrants,  ///< a name would move, or be linked, from one grant to another
  kOpenFiles,     ///< from here on: limits
  kCreatedFiles,
  kFileSize,
  kReadBytes,
  kWriteBytes,
};

[[nodiscard]] constexpr bool is_limit(FileRefusalReason reason) noexcept {
  return reason >= FileRefusalReason::kOpenFiles;
}

/// Something a guest asked of its files that its policy does not give. The views live as long as the report of it.
struct FileRefusal {
  std::string_view operation;  ///< `path_open`
  std::string_view path{};     ///< as the guest wrote it, any bytes; empty when it named a descriptor
  std::string_view directory;  ///< what the guest calls the grant
  FileRefusalReason reason{};
  std::uint64_t limit = 0;  ///< of the limits
};

/// One line for a Violation: what was asked for, why not, and what would allow it. The guest's path is escaped and
/// shortened.
[[nodiscard]] std::string describe(const FileRefusal& refusal);

}  // namespace caisson::sandbox
