#pragma once

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::observe {

/// A descriptor that is closed when it goes.
class AuditDescriptor {
 public:
  explicit AuditDescriptor(int fd = -1) noexcept : fd_(fd) {}
  AuditDescriptor(AuditDescriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  AuditDescriptor& operator=(AuditDescriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  AuditDescriptor(const AuditDescriptor&) = delete;
  AuditDescriptor& operator=(const AuditDescriptor&) = delete;
  ~AuditDescriptor();

  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

/// How the files of a log are called: `audit.jsonl`, `audit.1.jsonl` ...
struct AuditNames {
  explicit AuditNames(const std::filesystem::path& file);

  std::filesystem::path folder;  ///< never empty
  std::string current;           ///< `audit.jsonl`
  std::string reserve;           ///< `audit.jsonl.reserve`
  /// `audit.3.jsonl`
  [[nodiscard]] std::string rotated(std::uint64_t number) const;
  /// 3 for `audit.3.jsonl`, 0 for anything else.
  [[nodiscard]] std::uint64_t number_of(std::string_view name) const;

 private:
  std::string stem_;
  std::string ending_;
};

/// The Error for `code` after doing something to a file; the texts as in base::Environment.
[[nodiscard]] Error audit_file_error(std::string_view doing, const std::filesystem::path& file, int code);

/// Opens a regular file of `folder` for reading; links are not followed.
[[nodiscard]] Result<AuditDescriptor> open_audit_file(int folder, const std::filesystem::path& shown,
                                                      const std::string& name);

/// The numbers of the rotated files in a folder, ascending.
[[nodiscard]] Result<std::vector<std::uint64_t>> rotated_audit_files(const AuditNames& names);

/// Up to `size` bytes at `offset`.
[[nodiscard]] Result<std::string> read_audit_bytes(int fd, const std::filesystem::path& shown, std::uint64_t offset,
                                                   std::size_t size);

}  // namespace caisson::observe
