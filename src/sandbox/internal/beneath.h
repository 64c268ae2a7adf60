#pragma once

#include "base/descriptor.h"
#include "sandbox/grants.h"
#include "sandbox/internal/file_refusal.h"
#include "sandbox/internal/wasi_types.h"

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <sys/stat.h>
#include <sys/types.h>

struct open_how;

namespace caisson::sandbox {

/// The system call openat2: a descriptor, or -1 and errno. A test puts another in its place.
using Openat2 = long (*)(int directory, const char* path, const open_how* how, std::size_t how_size);

/// A path of a guest cut before its last name.
struct SplitPath {
  std::string parent;  ///< `.` when there is no other
  std::string name;    ///< one name, followed by `/` when the path was: the kernel then wants a directory
  bool dots = false;   ///< the name is `.` or `..`, which no operation on names takes
};

/// Whether a path can be given to the kernel: kNoent when it is empty, kNametoolong over 4,096 bytes, kInval with a NUL
/// in it, kIlseq when it is not UTF-8; otherwise kSuccess.
[[nodiscard]] wasi::Errno check_path(std::string_view path) noexcept;

/// `path` passed check_path.
[[nodiscard]] SplitPath split_path(std::string_view path);

/// Everything beneath one granted directory, and nothing else. The kernel itself walks each path and refuses to leave:
/// nothing is checked first and used later.
///
/// Every path is given to openat2 with RESOLVE_BENEATH and RESOLVE_NO_MAGICLINKS, with RESOLVE_NO_SYMLINKS too unless
/// the grant has `links`. There is no other way of resolving one. What is found on a file system of the kernel's own
/// (/proc, /sys), where reading a "regular file" may read the memory of this process, is refused.
///
/// Threads: safe to call concurrently.
class Beneath {
 public:
  /// What was opened, or the errno for the guest and, when it was the policy that refused, why.
  struct Opened {
    base::Descriptor fd{};
    struct stat status{};
    wasi::Errno error = wasi::Errno::kSuccess;
    std::optional<FileRefusalReason> refused{};
  };

  /// Opens the directory of a grant. Its path must contain no link: what an operator allowed has been followed before.
  ///
  /// Errors: failed_precondition / sandbox.bad_directory when it cannot be opened, is no directory, or belongs to the
  /// kernel; unavailable / sandbox.no_openat2 when the system call is missing or filtered.
  [[nodiscard]] static Result<Beneath> open_grant(const DirectoryGrant& grant, Openat2 openat2);

  /// The granted directory; it can only be walked from. For moving into a descriptor, once.
  [[nodiscard]] base::Descriptor take_root() noexcept { return std::move(root_); }

  /// Opens `path` from a directory at or beneath the granted one. O_CLOEXEC, O_NONBLOCK and O_NOCTTY are always set.
  /// What it opens may be of any kind unless `flags` have O_DIRECTORY.
  [[nodiscard]] Opened open(int directory, const std::string& path, std::uint64_t flags, mode_t mode = 0) const;

 private:
  base::Descriptor root_;
  Openat2 openat2_ = nullptr;
  std::uint64_t resolve_ = 0;
  dev_t device_ = 0;
};

}  // namespace caisson::sandbox
