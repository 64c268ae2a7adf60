#include "sandbox/internal/beneath.h"

#include "base/control.h"
#include "base/unicode.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace caisson::sandbox {

namespace {

constexpr std::size_t kLongestPath = 4096;
/// The kernel gives up a walk through `..` when anything on the machine was renamed meanwhile, and says so with EAGAIN.
constexpr int kTries = 32;

long system_openat2(int directory, const char* path, const open_how* how, std::size_t how_size) {
  return ::syscall(SYS_openat2, directory, path, how, how_size);
}

/// File systems that store nothing: their files are the kernel's state, or that of processes.
bool is_of_kernel(int fd) noexcept {
  constexpr auto kKinds = std::to_array<std::uint32_t>({
      PROC_SUPER_MAGIC, SYSFS_MAGIC, DEBUGFS_MAGIC, TRACEFS_MAGIC, SECURITYFS_MAGIC, SELINUX_MAGIC, SMACK_MAGIC,
      CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC, BPF_FS_MAGIC, DEVPTS_SUPER_MAGIC, PSTOREFS_MAGIC, EFIVARFS_MAGIC,
      NSFS_MAGIC, BINFMTFS_MAGIC,
      0x62656570,  // configfs
      0x65735543,  // fusectl
      0x19800202,  // mqueue
  });
  struct statfs about{};
  // What does not say what it is, is not shown.
  return ::fstatfs(fd, &about) != 0 ||
         std::ranges::find(kKinds, static_cast<std::uint32_t>(about.f_type)) != kKinds.end();
}

Error bad_directory(const DirectoryGrant& grant, std::string_view why) {
  return {Category::kFailedPrecondition, "sandbox.bad_directory",
          fmt::format("directory {}, granted as {}, {}; create it, or change the grant", base::quote(grant.host),
                      base::quote(grant.guest), why)};
}

Error no_openat2(const DirectoryGrant& grant, wasi::Errno error) {
  return {Category::kUnavailable, "sandbox.no_openat2",
          fmt::format("directory {} cannot be granted: the system call openat2 is missing or filtered (errno {}), and "
                      "without it a guest could not be kept inside; Linux 5.6 or newer has it, a container's "
                      "seccomp profile may hide it",
                      base::quote(grant.guest), wasi::to_string(error))};
}

}  // namespace

wasi::Errno check_path(std::string_view path) noexcept {
  if (path.empty()) {
    return wasi::Errno::kNoent;
  }
  if (path.size() > kLongestPath) {
    return wasi::Errno::kNametoolong;
  }
  if (path.find('\0') != std::string_view::npos) {
    return wasi::Errno::kInval;
  }
  return base::is_utf8(path) ? wasi::Errno::kSuccess : wasi::Errno::kIlseq;
}

SplitPath split_path(std::string_view path) {
  const std::size_t last = path.find_last_not_of('/');
  if (last == std::string_view::npos) {
    return {.parent = "/", .name = ".", .dots = true};
  }
  const bool slash = last + 1 != path.size();
  path = path.substr(0, last + 1);
  const std::size_t before = path.find_last_of('/');
  const std::string_view name = before == std::string_view::npos ? path : path.substr(before + 1);
  SplitPath split;
  split.parent = before == std::string_view::npos ? "." : path.substr(0, before + 1);
  split.name = name;
  split.dots = name == "." || name == "..";
  if (slash) {
    split.name += '/';
  }
  return split;
}

Result<Beneath> Beneath::open_grant(const DirectoryGrant& grant, Openat2 openat2) {
  Beneath beneath;
  beneath.openat2_ = openat2 != nullptr ? openat2 : &system_openat2;
  if (base::holds(base::Control::kPathBeneath)) {
    beneath.resolve_ = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | (grant.links ? 0 : RESOLVE_NO_SYMLINKS);
  }
  if (!grant.host.starts_with('/') || grant.host.find('\0') != std::string::npos) {
    return bad_directory(grant, "is not an absolute path");
  }
  // What was allowed is a path without links (policy_resolve.h): one that is there now was put there since.
  open_how how{};
  how.flags = O_PATH | O_DIRECTORY | O_CLOEXEC;
  how.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  beneath.root_ = base::Descriptor(static_cast<int>(beneath.openat2_(AT_FDCWD, grant.host.c_str(), &how, sizeof how)));
  if (!beneath.root_) {
    const int error = errno;
    if (error == ENOSYS || error == EPERM || error == EINVAL) {
      return no_openat2(grant, wasi::errno_from_host(error));
    }
    return bad_directory(grant, error == ELOOP
                                    ? "is reached through a symbolic link; name the directory it leads to"
                                    : fmt::format("cannot be opened ({})", std::generic_category().message(error)));
  }
  struct stat status{};
  if (::fstat(beneath.root_.get(), &status) != 0 || is_of_kernel(beneath.root_.get())) {
    return bad_directory(grant, "shows the kernel's own state and holds no stored files");
  }
  beneath.device_ = status.st_dev;
  // Nothing but the system call itself can refuse this. Without it no path is resolved at all.
  const Opened probe = beneath.open(beneath.root_.get(), ".", O_PATH | O_DIRECTORY);
  if (!probe.fd) {
    return no_openat2(grant, probe.error);
  }
  return beneath;
}

Beneath::Opened Beneath::open(int directory, const std::string& path, std::uint64_t flags, mode_t mode) const {
  open_how how{};
  // O_PATH takes few other flags, and opens nothing that could block.
  how.flags = flags | O_CLOEXEC | ((flags & O_PATH) != 0 ? 0 : O_NONBLOCK | O_NOCTTY);
  how.mode = mode;
  how.resolve = resolve_;
  Opened opened;
  long fd = -1;
  int tries = 0;
  do {
    fd = openat2_(directory, path.c_str(), &how, sizeof how);
  } while (fd < 0 && (errno == EAGAIN || errno == EINTR) && ++tries < kTries);
  if (fd < 0) {
    opened.error = wasi::errno_from_host(errno);
    if (errno == EXDEV) {
      opened.error = wasi::Errno::kPerm;
      opened.refused = FileRefusalReason::kEscape;
    } else if (errno == ELOOP && (resolve_ & RESOLVE_NO_SYMLINKS) != 0) {
      opened.refused = FileRefusalReason::kLink;
    }
    return opened;
  }
  opened.fd = base::Descriptor(static_cast<int>(fd));
  if (::fstat(opened.fd.get(), &opened.status) != 0) {
    opened.error = wasi::errno_from_host(errno);
    opened.fd = base::Descriptor();
  } else if (opened.status.st_dev != device_ && is_of_kernel(opened.fd.get())) {
    opened.error = wasi::Errno::kPerm;
    opened.refused = FileRefusalReason::kKernelFiles;
    opened.fd = base::Descriptor();
  }
  return opened;
}

}  // namespace caisson::sandbox
