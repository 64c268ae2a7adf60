#pragma once

#include "base/sealed_memory.h"

#include <caisson/result.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::base {

/// A file in a directory listing.
struct FileEntry {
  std::string name;
  std::uint64_t size_bytes = 0;
  std::chrono::system_clock::time_point used;  ///< last read or written through an Environment

  friend bool operator==(const FileEntry&, const FileEntry&) = default;
};

/// Everything that differs from run to run and from machine to machine: clocks, randomness, variables, files. Code that
/// needs one of them is given an Environment, so that a test decides what it sees.
///
/// Errors: not_found / file.missing; invalid_argument / file.not_a_file (a directory, a device, a pipe, a socket; or no
/// directory where one must be), file.bad_path (too long, a loop of links, a NUL in it); resource_exhausted /
/// file.too_large, file.no_space; permission_denied / file.permission; internal / file.io.
/// Threads: safe to call concurrently.
class Environment {
 public:
  Environment() = default;
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  virtual ~Environment() = default;

  [[nodiscard]] virtual std::chrono::steady_clock::time_point now() const noexcept = 0;
  [[nodiscard]] virtual std::chrono::system_clock::time_point wall_time() const noexcept = 0;
  /// CPU time that the calling thread has used.
  [[nodiscard]] virtual std::chrono::nanoseconds thread_cpu_time() const noexcept = 0;

  /// Bytes nobody can guess, from the operating system.
  [[nodiscard]] virtual Result<std::string> random_bytes(std::size_t count) const = 0;

  /// An environment variable of the process; empty ones count as absent.
  [[nodiscard]] virtual std::optional<std::string> variable(const std::string& name) const = 0;

  /// The names of all variables that `variable` knows, sorted.
  [[nodiscard]] virtual std::vector<std::string> variable_names() const = 0;

  /// The absolute path of a directory with every link in it followed; a relative one begins at the working directory.
  [[nodiscard]] virtual Result<std::string> real_directory(const std::filesystem::path& path) const = 0;

  /// The same of whatever is there, a file too.
  [[nodiscard]] virtual Result<std::string> real_path(const std::filesystem::path& path) const = 0;

  /// The whole of a regular file. A file larger than `max_bytes` is refused without reading it; one that grows while it
  /// is read is refused when it passes `max_bytes`.
  [[nodiscard]] virtual Result<std::string> read_file(const std::filesystem::path& path,
                                                      std::uint64_t max_bytes) const = 0;

  /// read_file for a file that decides what others may do: it and the folder it lies in must belong to the caller or to
  /// root, and nobody else may write to them: permission_denied / file.unsafe_file. A sticky folder may be everybody's.
  [[nodiscard]] virtual Result<std::string> read_trusted_file(const std::filesystem::path& path,
                                                              std::uint64_t max_bytes) const = 0;

  /// read_file for a secret: the file must belong to the caller, and nobody else may read or write it:
  /// permission_denied / file.unsafe_file.
  [[nodiscard]] virtual Result<std::string> read_private_file(const std::filesystem::path& path,
                                                              std::uint64_t max_bytes) const = 0;

  /// read_file into memory that nobody can change while it is verified and used, for what must be both.
  [[nodiscard]] virtual Result<SealedMemory> read_sealed_file(const std::filesystem::path& path,
                                                              std::uint64_t max_bytes) const = 0;

  /// Replaces a file so that a reader, or the machine after a crash, finds the old content or the new one, never a
  /// part. The file is readable by its owner only.
  [[nodiscard]] virtual Status write_private_file(const std::filesystem::path& path, std::string_view bytes) = 0;

  /// Creates a directory, and its parents, for its owner only. One that exists must belong to the caller, must not be a
  /// symbolic link, and must not be writable by others: permission_denied / file.unsafe_directory.
  [[nodiscard]] virtual Status make_private_directory(const std::filesystem::path& path) = 0;

  /// Regular files of a directory, in no order. A missing directory is an empty one.
  [[nodiscard]] virtual Result<std::vector<FileEntry>> list_files(const std::filesystem::path& path) const = 0;

  /// Marks a file as used now, for caches that evict what was not used for longest. Best effort.
  virtual void touch_file(const std::filesystem::path& path) noexcept = 0;

  /// A file that is missing already is success.
  [[nodiscard]] virtual Status remove_file(const std::filesystem::path& path) = 0;
};

/// The machine itself.
[[nodiscard]] std::unique_ptr<Environment> make_environment();

}  // namespace caisson::base
