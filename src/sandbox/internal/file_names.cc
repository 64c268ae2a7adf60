#include "sandbox/internal/file_table.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

// The functions that act on what a path names without opening it for reading or writing.
//
// Those that make, move or remove a name open the directory it is in, and give the kernel that and the one name; none
// of these system calls follows a link in the last name, trailing slash or not. Those that look at what a name stands
// for would, after a trailing slash; they open the thing itself with O_PATH and act on that.

// The analyser cannot know that a Place without an error has an open directory.
// NOLINTBEGIN(clang-analyzer-unix.StdCLibraryFunctions)

namespace caisson::sandbox {

namespace {

constexpr mode_t kNewDirectoryMode = 0777;  ///< less the umask

wasi::Errno result_of(int returned) noexcept {
  return returned == 0 ? wasi::Errno::kSuccess : wasi::errno_from_host(errno);
}

bool climbs(std::string_view target) noexcept {
  while (!target.empty()) {
    const std::size_t end = std::min(target.find('/'), target.size());
    if (target.substr(0, end) == "..") {
      return true;
    }
    target.remove_prefix(std::min(end + 1, target.size()));
  }
  return false;
}

}  // namespace

wasi::Errno FileTable::failed(std::string_view operation, const Descriptor& where, std::string_view path,
                              const Beneath::Opened& opened) {
  return opened.refused ? refuse(operation, where, path, *opened.refused, opened.error) : opened.error;
}

wasi::OrErrno<FileTable::Place> FileTable::place(std::string_view operation, Fd fd, wasi::Rights right,
                                                 std::string_view path) {
  const auto from = directory(operation, fd, right, path);
  if (!from) {
    return from.error();
  }
  if (const Errno error = check_path(path); error != Errno::kSuccess) {
    return error;
  }
  SplitPath split = split_path(path);
  Place place{.from = *from, .directory = (*from)->fd.get(), .name = std::move(split.name), .dots = split.dots};
  if (split.parent != ".") {
    auto opened = (*from)->grant->beneath.open((*from)->fd.get(), split.parent, O_PATH | O_DIRECTORY);
    if (!opened.fd) {
      return failed(operation, **from, path, opened);
    }
    place.opened = std::move(opened.fd);
    place.directory = place.opened.get();
  }
  return place;
}

wasi::OrErrno<base::Descriptor> FileTable::look(std::string_view operation, const Descriptor& from,
                                                wasi::LookupFlags lookup, std::string_view path, struct stat& status) {
  if ((lookup & ~wasi::kLookupFlagsAll) != 0) {
    return Errno::kInval;
  }
  if (const Errno error = check_path(path); error != Errno::kSuccess) {
    return error;
  }
  const bool follow = (lookup & wasi::kLookupSymlinkFollow) != 0;
  auto opened =
      from.grant->beneath.open(from.fd.get(), std::string(path), O_PATH | (follow ? 0 : std::uint64_t{O_NOFOLLOW}));
  if (!opened.fd) {
    return failed(operation, from, path, opened);
  }
  status = opened.status;
  return std::move(opened.fd);
}

wasi::Errno FileTable::may_create(std::string_view operation, const Descriptor& where, std::string_view path) {
  return budget_.created < budget_.created_files
             ? Errno::kSuccess
             : refuse(operation, where, path, FileRefusalReason::kCreatedFiles, Errno::kDquot, budget_.created_files);
}

wasi::OrErrno<wasi::Filestat> FileTable::path_filestat_get(Fd fd, wasi::LookupFlags flags, std::string_view path) {
  constexpr std::string_view kName = "path_filestat_get";
  const auto from = directory(kName, fd, wasi::kPathFilestatGet, path);
  if (!from) {
    return from.error();
  }
  struct stat status{};
  const auto seen = look(kName, **from, flags, path, status);
  if (!seen) {
    return seen.error();
  }
  return filestat_from(status, identity_, options_.times);
}

wasi::Errno FileTable::path_filestat_set_times(Fd fd, wasi::LookupFlags flags, std::string_view path,
                                               std::uint64_t atim, std::uint64_t mtim, wasi::FstFlags times) {
  constexpr std::string_view kName = "path_filestat_set_times";
  const auto from = directory(kName, fd, wasi::kPathFilestatSetTimes, path);
  if (!from) {
    return from.error();
  }
  const auto wanted = times_from(atim, mtim, times);
  if (!wanted) {
    return wanted.error();
  }
  struct stat status{};
  const auto seen = look(kName, **from, flags, path, status);
  if (!seen) {
    return seen.error();
  }
  if (!S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode) && !S_ISLNK(status.st_mode)) {
    return refuse(kName, **from, path, FileRefusalReason::kSpecialFile, Errno::kPerm);
  }
  return result_of(::utimensat(seen->get(), "", wanted->data(), AT_EMPTY_PATH));
}

wasi::Errno FileTable::created(int made) noexcept {
  budget_.created += made == 0 ? 1 : 0;
  return result_of(made);
}

wasi::Errno FileTable::path_create_directory(Fd fd, std::string_view path) {
  constexpr std::string_view kName = "path_create_directory";
  const auto at = place(kName, fd, wasi::kPathCreateDirectory, path);
  if (!at) {
    return at.error();
  }
  if (at->dots) {
    return Errno::kExist;
  }
  if (const Errno error = may_create(kName, *at->from, path); error != Errno::kSuccess) {
    return error;
  }
  return created(::mkdirat(at->directory, at->name.c_str(), kNewDirectoryMode));
}

wasi::Errno FileTable::path_remove_directory(Fd fd, std::string_view path) {
  const auto at = place("path_remove_directory", fd, wasi::kPathRemoveDirectory, path);
  if (!at) {
    return at.error();
  }
  return at->dots ? Errno::kInval : result_of(::unlinkat(at->directory, at->name.c_str(), AT_REMOVEDIR));
}

wasi::Errno FileTable::path_unlink_file(Fd fd, std::string_view path) {
  const auto at = place("path_unlink_file", fd, wasi::kPathUnlinkFile, path);
  if (!at) {
    return at.error();
  }
  return at->dots ? Errno::kInval : result_of(::unlinkat(at->directory, at->name.c_str(), 0));
}

wasi::Errno FileTable::path_rename(Fd old_fd, std::string_view old_path, Fd new_fd, std::string_view new_path) {
  constexpr std::string_view kName = "path_rename";
  const auto from = place(kName, old_fd, wasi::kPathRenameSource, old_path);
  if (!from) {
    return from.error();
  }
  const auto to = place(kName, new_fd, wasi::kPathRenameTarget, new_path);
  if (!to) {
    return to.error();
  }
  if (from->from->grant != to->from->grant) {
    return refuse(kName, *from->from, old_path, FileRefusalReason::kAcrossGrants, Errno::kXdev);
  }
  if (from->dots || to->dots) {
    return Errno::kInval;
  }
  // A link that lies there must not come where somebody else looks for a directory.
  struct stat status{};
  std::string bare = from->name;
  bare.erase(bare.find_last_not_of('/') + 1);
  if (!from->from->grant->policy->links &&
      ::fstatat(from->directory, bare.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISLNK(status.st_mode)) {
    return refuse(kName, *from->from, old_path, FileRefusalReason::kLink, Errno::kPerm);
  }
  return result_of(::renameat(from->directory, from->name.c_str(), to->directory, to->name.c_str()));
}

wasi::Errno FileTable::path_link(Fd old_fd, wasi::LookupFlags old_flags, std::string_view old_path, Fd new_fd,
                                 std::string_view new_path) {
  constexpr std::string_view kName = "path_link";
  auto from = place(kName, old_fd, wasi::kPathLinkSource, old_path);
  if (!from) {
    return from.error();
  }
  const auto to = place(kName, new_fd, wasi::kPathLinkTarget, new_path);
  if (!to) {
    return to.error();
  }
  // A link to what a link points at is two operations, and a race between them.
  if (old_flags != 0) {
    return Errno::kInval;
  }
  const Descriptor& source = *from->from;
  if (source.grant != to->from->grant) {
    return refuse(kName, source, old_path, FileRefusalReason::kAcrossGrants, Errno::kXdev);
  }
  if (from->dots) {
    return Errno::kPerm;
  }
  if (to->dots) {
    return Errno::kExist;
  }
  const bool slash = from->name.ends_with('/');
  if (slash) {
    from->name.pop_back();
  }
  struct stat status{};
  if (::fstatat(from->directory, from->name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    return wasi::errno_from_host(errno);
  }
  if (S_ISDIR(status.st_mode)) {
    return Errno::kPerm;
  }
  if (slash) {
    return Errno::kNotdir;
  }
  if (S_ISLNK(status.st_mode) && !source.grant->policy->links) {
    return refuse(kName, source, old_path, FileRefusalReason::kLink, Errno::kPerm);
  }
  if (!S_ISLNK(status.st_mode) && !S_ISREG(status.st_mode)) {
    return refuse(kName, source, old_path, FileRefusalReason::kSpecialFile, Errno::kPerm);
  }
  if (const Errno error = may_create(kName, *to->from, new_path); error != Errno::kSuccess) {
    return error;
  }
  return created(::linkat(from->directory, from->name.c_str(), to->directory, to->name.c_str(), /*follows no link*/ 0));
}

wasi::Errno FileTable::path_symlink(std::string_view target, Fd fd, std::string_view path) {
  constexpr std::string_view kName = "path_symlink";
  const auto at = place(kName, fd, wasi::kPathSymlink, path);
  if (!at) {
    return at.error();
  }
  if (const Errno error = check_path(target); error != Errno::kSuccess) {
    return error;
  }
  // A target that only goes down stays beneath wherever the link, or a folder around it, is moved.
  if (!at->from->grant->policy->links || target.starts_with('/') || climbs(target)) {
    return refuse(kName, *at->from, target, FileRefusalReason::kLink, Errno::kPerm);
  }
  if (at->dots) {
    return Errno::kExist;
  }
  if (const Errno error = may_create(kName, *at->from, path); error != Errno::kSuccess) {
    return error;
  }
  return created(::symlinkat(std::string(target).c_str(), at->directory, at->name.c_str()));
}

bool FileTable::leads_out(const Descriptor& from, std::string_view path, std::string_view target) const {
  if (target.starts_with('/')) {
    return true;
  }
  // Going up may still end inside; the kernel knows.
  return climbs(target) && !from.grant->beneath.open(from.fd.get(), std::string(path), O_PATH).fd;
}

wasi::OrErrno<std::size_t> FileTable::path_readlink(Fd fd, std::string_view path, std::span<std::byte> out) {
  constexpr std::string_view kName = "path_readlink";
  const auto from = directory(kName, fd, wasi::kPathReadlink, path);
  if (!from) {
    return from.error();
  }
  struct stat status{};
  const auto seen = look(kName, **from, 0, path, status);
  if (!seen) {
    return seen.error();
  }
  if (!S_ISLNK(status.st_mode)) {
    return Errno::kInval;
  }
  std::array<char, 4096> buffer;
  const ssize_t size = ::readlinkat(seen->get(), "", buffer.data(), buffer.size());
  if (size < 0) {
    return wasi::errno_from_host(errno);
  }
  // A link that the host put there may tell where things are on the host.
  const std::string_view target(buffer.data(), static_cast<std::size_t>(size));
  if (!(*from)->grant->policy->links || leads_out(**from, path, target)) {
    return refuse(kName, **from, path, FileRefusalReason::kLink, Errno::kPerm);
  }
  const std::size_t shown = std::min(out.size(), target.size());
  std::memcpy(out.data(), target.data(), shown);
  return shown;
}

}  // namespace caisson::sandbox

// NOLINTEND(clang-analyzer-unix.StdCLibraryFunctions)
