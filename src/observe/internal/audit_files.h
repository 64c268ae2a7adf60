#pragma once

#include "base/descriptor.h"

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::observe {

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

/// base::file_error, of files that are opened without following links and must be regular ones.
[[nodiscard]] Error audit_file_error(std::string_view doing, const std::filesystem::path& file, int code);

/// Opens a regular file of `folder` for reading; links are not followed.
[[nodiscard]] Result<base::Descriptor> open_audit_file(int folder, const std::filesystem::path& shown,
                                                       const std::string& name);

/// The numbers of the rotated files in a folder, ascending.
[[nodiscard]] Result<std::vector<std::uint64_t>> rotated_audit_files(const AuditNames& names);

/// Up to `size` bytes at `offset`.
[[nodiscard]] Result<std::string> read_audit_bytes(int fd, const std::filesystem::path& shown, std::uint64_t offset,
                                                   std::size_t size);

}  // namespace caisson::observe
