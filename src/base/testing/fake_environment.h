#pragma once

#include "base/environment.h"
#include "base/guarded.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <set>

namespace caisson::base {

/// An Environment whose every answer a test decides: files in memory, clocks that move when they are told to, random
/// bytes that are the same in every run.
///
/// Files behave as the machine's do as far as the contract of Environment goes; there are no links, devices or owners.
/// Paths are compared after lexically_normal(); `/` and `.` exist from the beginning. `real_directory` puts relative
/// ones beneath `/`. Threads: safe to call concurrently, the setters too.
class FakeEnvironment final : public Environment {
 public:
  /// The clocks begin at 1 s (`now`), 2025-01-01 00:00 UTC (`wall_time`) and 0 (`thread_cpu_time`).
  explicit FakeEnvironment(std::uint64_t seed = 1);

  /// Moves `now` and `wall_time` forward together.
  void advance(std::chrono::nanoseconds by) noexcept;
  void set_wall_time(std::chrono::system_clock::time_point time) noexcept;
  /// One clock for all threads.
  void advance_cpu_time(std::chrono::nanoseconds by) noexcept;

  void set_variable(std::string name, std::string value);

  /// Puts a file there, with the directories above it.
  void add_file(const std::filesystem::path& path, std::string bytes);
  void add_directory(const std::filesystem::path& path);
  /// From now on `make_private_directory` refuses this directory, and `read_trusted_file` this file, as unsafe.
  void make_unsafe(const std::filesystem::path& path);
  /// The bytes of a file, or nothing when there is none. Does not count as a use.
  [[nodiscard]] std::optional<std::string> file(const std::filesystem::path& path) const;

  /// From now on every write (and removal, and new directory) fails with this error; nothing ends that.
  void fail_writes(std::optional<Error> error);
  /// From now on every read (and listing) fails with this error; nothing ends that.
  void fail_reads(std::optional<Error> error);

  std::chrono::steady_clock::time_point now() const noexcept override;
  std::chrono::system_clock::time_point wall_time() const noexcept override;
  std::chrono::nanoseconds thread_cpu_time() const noexcept override;
  Result<std::string> random_bytes(std::size_t count) const override;
  std::optional<std::string> variable(const std::string& name) const override;
  std::vector<std::string> variable_names() const override;
  Result<std::string> real_directory(const std::filesystem::path& path) const override;
  Result<std::string> real_path(const std::filesystem::path& path) const override;
  Result<std::string> read_file(const std::filesystem::path& path, std::uint64_t max_bytes) const override;
  Result<std::string> read_trusted_file(const std::filesystem::path& path, std::uint64_t max_bytes) const override;
  /// Every file is private.
  Result<std::string> read_private_file(const std::filesystem::path& path, std::uint64_t max_bytes) const override {
    return read_file(path, max_bytes);
  }
  Result<SealedMemory> read_sealed_file(const std::filesystem::path& path, std::uint64_t max_bytes) const override;
  Status write_private_file(const std::filesystem::path& path, std::string_view bytes) override;
  Status make_private_directory(const std::filesystem::path& path) override;
  Result<std::vector<FileEntry>> list_files(const std::filesystem::path& path) const override;
  void touch_file(const std::filesystem::path& path) noexcept override;
  Status remove_file(const std::filesystem::path& path) override;

 private:
  struct File {
    std::string bytes;
    std::chrono::system_clock::time_point used;
  };
  struct State {
    std::map<std::filesystem::path, File> files;
    std::set<std::filesystem::path> directories;
    std::set<std::filesystem::path> unsafe;
    std::map<std::string, std::string> variables;
    std::optional<Error> write_error;
    std::optional<Error> read_error;
  };

  std::uint64_t seed_;
  mutable std::atomic<std::uint64_t> random_blocks_{0};
  std::atomic<std::chrono::nanoseconds::rep> now_;
  std::atomic<std::chrono::nanoseconds::rep> wall_;
  std::atomic<std::chrono::nanoseconds::rep> cpu_{0};
  Guarded<State> state_;
};

}  // namespace caisson::base
