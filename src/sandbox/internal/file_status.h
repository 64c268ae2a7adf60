#pragma once

#include "sandbox/internal/wasi_types.h"

#include <array>
#include <cstdint>

#include <sys/stat.h>
#include <time.h>

namespace caisson::sandbox {

[[nodiscard]] wasi::Filetype filetype_from_mode(mode_t mode) noexcept;
/// Of `d_type` in a directory entry.
[[nodiscard]] wasi::Filetype filetype_from_entry(unsigned char type) noexcept;

/// What guests see instead of inode and device numbers: others, one to one, that differ from call to call by `key`.
/// They compare as the true ones do within a call; two calls learn nothing from theirs, nor of the host's disks.
class FileIdentity {
 public:
  explicit FileIdentity(std::uint64_t key) noexcept : key_(key) {}
  [[nodiscard]] std::uint64_t inode(std::uint64_t inode) const noexcept { return mix(inode ^ key_); }
  [[nodiscard]] std::uint64_t device(std::uint64_t device) const noexcept { return mix(device + key_); }

 private:
  /// The finalizer of SplitMix64, which is a bijection. Source: Steele, Lea, Flood, OOPSLA 2014.
  static std::uint64_t mix(std::uint64_t z) noexcept {
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
  }
  std::uint64_t key_;
};

[[nodiscard]] wasi::Filestat filestat_from(const struct stat& status, const FileIdentity& identity) noexcept;

/// The two times for utimensat; kInval when the flags contradict each other or are none.
[[nodiscard]] wasi::OrErrno<std::array<timespec, 2>> times_from(std::uint64_t accessed, std::uint64_t modified,
                                                                wasi::FstFlags flags) noexcept;

}  // namespace caisson::sandbox
