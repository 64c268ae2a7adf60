#include "base/control.h"
#include "sandbox/internal/file_rights.h"
#include "sandbox/internal/file_table.h"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// path_open.
//
// A path is first opened with O_PATH, which touches nothing: no device is started, no pipe waited for, no lease broken.
// Only when that shows a regular file is it opened for good, and looked at again, because somebody else may have put
// another in its place; O_NONBLOCK keeps even that from waiting. The host side of a directory stays the O_PATH one.

namespace caisson::sandbox {

namespace {

constexpr mode_t kNewFileMode = 0666;  ///< less the umask
/// How often a name may appear and vanish between two looks before that is somebody's race with us.
constexpr int kTries = 8;

}  // namespace

struct FileTable::OpenRequest {
  std::string path;
  wasi::OFlags oflags = 0;
  wasi::FdFlags fdflags = 0;
  wasi::Rights base = 0;        ///< asked for, and passed on by the directory
  wasi::Rights inheriting = 0;  ///< likewise
  std::uint64_t follow = 0;     ///< O_NOFOLLOW, or nothing

  [[nodiscard]] bool has(wasi::OFlags flag) const noexcept { return (oflags & flag) != 0; }
  [[nodiscard]] bool writes() const noexcept {
    return (base & (wasi::kFdWrite | wasi::kFdAllocate | wasi::kFdFilestatSetSize)) != 0 || has(wasi::kOFlagTrunc);
  }
  /// What the kernel is asked for when it is a regular file: no more than the guest may do.
  [[nodiscard]] std::uint64_t host_flags() const noexcept {
    std::uint64_t flags = follow;
    if (writes()) {
      flags |= (base & wasi::kFdRead) != 0 ? O_RDWR : O_WRONLY;
    }
    if ((fdflags & (wasi::kFdFlagSync | wasi::kFdFlagRsync)) != 0) {
      flags |= O_SYNC;
    } else if ((fdflags & wasi::kFdFlagDsync) != 0) {
      flags |= O_DSYNC;
    }
    return flags;
  }
};

wasi::OrErrno<FileTable::Descriptor> FileTable::open_existing(const Descriptor& from, const OpenRequest& request,
                                                              Beneath::Opened seen) {
  constexpr std::string_view kName = "path_open";
  Descriptor made{.grant = from.grant,
                  .type = filetype_from_mode(seen.status.st_mode),
                  .flags = request.fdflags,
                  .base = request.base & kFileRights,
                  .inheriting = request.inheriting};
  if (made.type == wasi::Filetype::kDirectory) {
    if ((request.base & wasi::kFdWrite) != 0 || request.has(wasi::kOFlagTrunc) || request.has(wasi::kOFlagCreat)) {
      return Errno::kIsdir;
    }
    made.base = request.base & kDirectoryRights;
    made.fd = std::move(seen.fd);
    return made;
  }
  if (made.type == wasi::Filetype::kSymbolicLink) {
    return from.grant->policy->links ? Errno::kLoop
                                     : refuse(kName, from, request.path, FileRefusalReason::kLink, Errno::kLoop);
  }
  const auto usable = [&request](const struct stat& status) {
    return !base::holds(base::Control::kFileKind) ||
           (S_ISREG(status.st_mode) && !(request.writes() && (status.st_mode & (S_ISUID | S_ISGID)) != 0));
  };
  if (!usable(seen.status)) {
    return refuse(kName, from, request.path, FileRefusalReason::kSpecialFile, Errno::kPerm);
  }
  auto opened = from.grant->beneath.open(from.fd.get(), request.path, request.host_flags());
  if (!opened.fd) {
    return failed(kName, from, request.path, opened);
  }
  if (!usable(opened.status)) {
    return refuse(kName, from, request.path, FileRefusalReason::kSpecialFile, Errno::kPerm);
  }
  if (request.has(wasi::kOFlagTrunc) && ::ftruncate(opened.fd.get(), 0) != 0) {
    return wasi::errno_from_host(errno);
  }
  made.fd = std::move(opened.fd);
  return made;
}

wasi::OrErrno<FileTable::Descriptor> FileTable::open_or_create(const Descriptor& from, const OpenRequest& request) {
  constexpr std::string_view kName = "path_open";
  const std::uint64_t look_flags =
      O_PATH | request.follow | (request.has(wasi::kOFlagDirectory) ? std::uint64_t{O_DIRECTORY} : 0);
  for (int tries = 0; tries < kTries; ++tries) {
    auto seen = from.grant->beneath.open(from.fd.get(), request.path, look_flags);
    if (seen.fd) {
      if (request.has(wasi::kOFlagCreat) && request.has(wasi::kOFlagExcl)) {
        return Errno::kExist;
      }
      auto made = open_existing(from, request, std::move(seen));
      if (!made && made.error() == Errno::kNoent && request.has(wasi::kOFlagCreat)) {
        continue;  // removed meanwhile
      }
      return made;
    }
    if (seen.error != Errno::kNoent || !request.has(wasi::kOFlagCreat)) {
      return failed(kName, from, request.path, seen);
    }
    if (const Errno error = may_create(kName, from, request.path); error != Errno::kSuccess) {
      return error;
    }
    // O_EXCL: what opens here is new, so it is a regular file of ours, and counts once.
    auto opened =
        from.grant->beneath.open(from.fd.get(), request.path, request.host_flags() | O_CREAT | O_EXCL, kNewFileMode);
    if (opened.fd) {
      ++budget_.created;
      return Descriptor{.fd = std::move(opened.fd),
                        .grant = from.grant,
                        .type = wasi::Filetype::kRegularFile,
                        .flags = request.fdflags,
                        .base = request.base & kFileRights,
                        .inheriting = request.inheriting};
    }
    if (opened.error != Errno::kExist || request.has(wasi::kOFlagExcl)) {
      return failed(kName, from, request.path, opened);
    }
  }
  // Or a link to nothing, through which nothing is created.
  return Errno::kNoent;
}

wasi::OrErrno<wasi::Fd> FileTable::path_open(Fd fd, wasi::LookupFlags lookup, std::string_view path,
                                             wasi::OFlags oflags, wasi::Rights rights_base,
                                             wasi::Rights rights_inheriting, wasi::FdFlags fdflags) {
  constexpr std::string_view kName = "path_open";
  wasi::Rights needed = wasi::kPathOpen;
  needed |= (oflags & wasi::kOFlagCreat) != 0 ? wasi::kPathCreateFile : 0;
  needed |= (oflags & wasi::kOFlagTrunc) != 0 ? wasi::kPathFilestatSetSize : 0;
  const auto found = directory(kName, fd, needed, path);
  if (!found) {
    return found.error();
  }
  const Descriptor& from = **found;
  if ((lookup & ~wasi::kLookupFlagsAll) != 0 || (oflags & ~wasi::kOFlagsAll) != 0 ||
      (fdflags & ~wasi::kFdFlagsAll) != 0 ||
      (oflags & (wasi::kOFlagCreat | wasi::kOFlagDirectory)) == (wasi::kOFlagCreat | wasi::kOFlagDirectory)) {
    return Errno::kInval;
  }
  if (const Errno error = check_path(path); error != Errno::kSuccess) {
    return error;
  }
  wasi::Rights passed_on = rights_base & kDecisiveRights;
  passed_on |= (fdflags & (wasi::kFdFlagSync | wasi::kFdFlagRsync)) != 0 ? wasi::kFdSync : 0;
  if ((fdflags & wasi::kFdFlagDsync) != 0 && (from.inheriting & wasi::kFdSync) == 0) {
    passed_on |= wasi::kFdDatasync;
  }
  if (const Errno error = require(kName, from, from.inheriting, passed_on, path); error != Errno::kSuccess) {
    return error;
  }
  if (budget_.open >= budget_.open_files) {
    return refuse(kName, from, path, FileRefusalReason::kOpenFiles, Errno::kMfile, budget_.open_files);
  }
  auto made =
      open_or_create(from, {.path = std::string(path),
                            .oflags = oflags,
                            .fdflags = fdflags,
                            .base = rights_base & from.inheriting,
                            .inheriting = rights_inheriting & from.inheriting,
                            .follow = (lookup & wasi::kLookupSymlinkFollow) != 0 ? 0 : std::uint64_t{O_NOFOLLOW}});
  if (!made) {
    return made.error();
  }
  return add(*std::move(made));
}

}  // namespace caisson::sandbox
