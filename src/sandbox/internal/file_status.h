#pragma once

#include "sandbox/internal/wasi_types.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <sys/stat.h>
#include <time.h>

namespace caisson::sandbox {

[[nodiscard]] wasi::Filetype filetype_from_mode(mode_t mode) noexcept;
/// Of `d_type` in a directory entry.
[[nodiscard]] wasi::Filetype filetype_from_entry(unsigned char type) noexcept;

/// What guests see instead of inode and device numbers: the first bytes of SHA-256 over a secret key and the number.
/// They compare as the true ones do within a call; two calls learn nothing from theirs, nor of the host's disks, even
/// when they know one of the numbers.
class FileIdentity {
 public:
  using Key = std::array<std::uint8_t, 32>;

  explicit FileIdentity(const Key& key) noexcept : key_(key) {}
  [[nodiscard]] std::uint64_t inode(std::uint64_t inode) const { return hide('i', inode); }
  [[nodiscard]] std::uint64_t device(std::uint64_t device) const { return hide('d', device); }

 private:
  [[nodiscard]] std::uint64_t hide(char kind, std::uint64_t number) const;

  Key key_;
};

/// How times of files are shown, in nanoseconds since 1970: no finer than the guest's clock, and never later than it.
/// Otherwise whoever may write would read the time from what they wrote.
struct FileTimes {
  std::uint64_t unit = 1;             ///< rounded down to a multiple of it
  std::uint64_t latest = UINT64_MAX;  ///< a later time is shown as this one

  [[nodiscard]] std::uint64_t shown(std::uint64_t time) const noexcept {
    const std::uint64_t bounded = std::min(time, latest);
    return bounded - bounded % unit;
  }
};

[[nodiscard]] wasi::Filestat filestat_from(const struct stat& status, const FileIdentity& identity,
                                           const FileTimes& times);

/// The two times for utimensat; kInval when the flags contradict each other or are none.
[[nodiscard]] wasi::OrErrno<std::array<timespec, 2>> times_from(std::uint64_t accessed, std::uint64_t modified,
                                                                wasi::FstFlags flags) noexcept;

}  // namespace caisson::sandbox
