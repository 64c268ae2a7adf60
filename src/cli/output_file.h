#pragma once

#include <caisson/result.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::cli {

/// A file that a command writes.
///
/// Threads: one call at a time.
class OutputFile {
 public:
  enum class Mode : std::uint8_t {
    kWhole,  ///< what was there stays until `finish` puts the new content in its place; without it nothing happened
    kLive,   ///< what was there is gone, and each write can be read at once
  };

  /// What is no regular file, a pipe or a device, is written as it comes in either mode.
  /// Errors, also of the other calls: permission_denied / file.permission; not_found / file.missing: there is no such
  /// folder; invalid_argument / file.not_a_file: it is a folder; resource_exhausted / file.no_space; internal /
  /// file.io. Each names the file.
  [[nodiscard]] static Result<std::unique_ptr<OutputFile>> create(const std::string& path, Mode mode);
  OutputFile(const OutputFile&) = delete;
  OutputFile& operator=(const OutputFile&) = delete;
  ~OutputFile();

  /// Nothing is written after the first failure.
  void write(std::string_view bytes);

  /// The first failure of everything. Once.
  [[nodiscard]] Status finish();

 private:
  OutputFile(std::string path, int fd, std::string target, std::string temporary);

  const std::string path_;  ///< as the user named it
  int fd_;
  const std::string target_;     // what `temporary_` replaces
  const std::string temporary_;  // empty: there is none
  std::optional<Error> failure_;
};

/// Writes a file anew, whole or not at all.
[[nodiscard]] Status write_file(const std::string& path, std::string_view bytes);

}  // namespace caisson::cli
