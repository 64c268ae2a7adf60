#include "sandbox/internal/file_status.h"

#include "base/digest.h"

#include <cstddef>
#include <string_view>

#include <dirent.h>

namespace caisson::sandbox {

namespace {

constexpr std::uint64_t kNanoseconds = 1'000'000'000;

std::uint64_t nanoseconds(const timespec& time) noexcept {
  // Before 1970, or after 2554: preview 1 cannot say it.
  if (time.tv_sec < 0 || static_cast<std::uint64_t>(time.tv_sec) > UINT64_MAX / kNanoseconds - 1) {
    return 0;
  }
  return static_cast<std::uint64_t>(time.tv_sec) * kNanoseconds + static_cast<std::uint64_t>(time.tv_nsec);
}

}  // namespace

wasi::Filetype filetype_from_mode(mode_t mode) noexcept {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return wasi::Filetype::kRegularFile;
    case S_IFDIR:
      return wasi::Filetype::kDirectory;
    case S_IFLNK:
      return wasi::Filetype::kSymbolicLink;
    case S_IFBLK:
      return wasi::Filetype::kBlockDevice;
    case S_IFCHR:
      return wasi::Filetype::kCharacterDevice;
    case S_IFSOCK:
      return wasi::Filetype::kSocketStream;
    default:
      return wasi::Filetype::kUnknown;
  }
}

wasi::Filetype filetype_from_entry(unsigned char type) noexcept {
  return filetype_from_mode(static_cast<mode_t>(DTTOIF(type)));
}

std::uint64_t FileIdentity::hide(char kind, std::uint64_t number) const {
  std::array<char, std::tuple_size_v<Key> + 1 + sizeof number> text{};
  auto at = std::ranges::copy(key_, text.begin()).out;
  *at++ = kind;
  for (std::size_t i = 0; i < sizeof number; ++i) {
    *at++ = static_cast<char>(number >> (8 * i));
  }
  const base::Digest digest = base::sha256({text.data(), text.size()});
  std::uint64_t hidden = 0;
  for (std::size_t i = 0; i < sizeof hidden; ++i) {
    hidden |= std::uint64_t{digest.bytes[i]} << (8 * i);
  }
  return hidden;
}

wasi::Filestat filestat_from(const struct stat& status, const FileIdentity& identity, const FileTimes& times) {
  return {.dev = identity.device(status.st_dev),
          .ino = identity.inode(status.st_ino),
          .filetype = filetype_from_mode(status.st_mode),
          .nlink = status.st_nlink,
          .size = static_cast<std::uint64_t>(status.st_size),
          .atim = times.shown(nanoseconds(status.st_atim)),
          .mtim = times.shown(nanoseconds(status.st_mtim)),
          .ctim = times.shown(nanoseconds(status.st_ctim))};
}

wasi::OrErrno<std::array<timespec, 2>> times_from(std::uint64_t accessed, std::uint64_t modified,
                                                  wasi::FstFlags flags) noexcept {
  constexpr wasi::FstFlags kAtimBoth = wasi::kFstAtim | wasi::kFstAtimNow;
  constexpr wasi::FstFlags kMtimBoth = wasi::kFstMtim | wasi::kFstMtimNow;
  if ((flags & ~wasi::kFstFlagsAll) != 0 || (flags & kAtimBoth) == kAtimBoth || (flags & kMtimBoth) == kMtimBoth) {
    return wasi::Errno::kInval;
  }
  const auto time = [](std::uint64_t value, bool set, bool now) {
    timespec result{.tv_sec = 0, .tv_nsec = now ? UTIME_NOW : UTIME_OMIT};
    if (set) {
      result = {.tv_sec = static_cast<time_t>(value / kNanoseconds),
                .tv_nsec = static_cast<long>(value % kNanoseconds)};
    }
    return result;
  };
  return std::array<timespec, 2>{time(accessed, (flags & wasi::kFstAtim) != 0, (flags & wasi::kFstAtimNow) != 0),
                                 time(modified, (flags & wasi::kFstMtim) != 0, (flags & wasi::kFstMtimNow) != 0)};
}

}  // namespace caisson::sandbox
