// WASI preview 1: functions of paths. The file table answers all of them.

#include "sandbox/internal/descriptors.h"
#include "sandbox/internal/host_adapter.h"

namespace caisson::sandbox {

namespace {

using wasi::Errno;
using wasi::Fd;

/// The file table for a path, and a record when no directory is granted at all.
FilesOrErrno files_for_path(CallState& call, Fd fd, std::string_view function) {
  if (call.grants().directories.empty()) {
    call.denied(std::string(function), "grants: {read: [DIR]}");
  }
  return files_at(call, fd, Errno::kNotdir);
}

constexpr wasi::Rights kSizeRights = wasi::kFdAllocate | wasi::kFdFilestatSetSize;

/// The rights that are asked of the file table for those that the guest asked for. Current toolchains and libraries say
/// no more than whether they read or write, and expect the rest; what binds a guest is its grant. So a descriptor has
/// all that its directory passes on, except reading, writing, and (without writing) what changes a file's size.
wasi::Rights widened(wasi::Rights asked, wasi::Rights passed_on) {
  const wasi::Rights withheld =
      wasi::kFdRead | wasi::kFdWrite | ((asked & wasi::kFdWrite) != 0 ? wasi::Rights{0} : kSizeRights);
  return asked | (passed_on & ~withheld);
}

Errno path_create_directory(CallState& call, Fd fd, std::uint32_t path_at, std::uint32_t path_size) {
  const auto [files, error] = files_for_path(call, fd, "path_create_directory");
  const auto path = call.memory().text(path_at, path_size);
  return files == nullptr ? error : path ? files->path_create_directory(fd, *path) : Errno::kFault;
}

Errno path_filestat_get(CallState& call, Fd fd, std::uint32_t flags, std::uint32_t path_at, std::uint32_t path_size,
                        std::uint32_t address) {
  const auto [files, error] = files_for_path(call, fd, "path_filestat_get");
  if (files == nullptr) {
    return error;
  }
  const auto path = call.memory().text(path_at, path_size);
  const auto place = call.memory().at(address, wasi::kFilestatSize);
  if (!path || !place) {
    return Errno::kFault;
  }
  const auto found = files->path_filestat_get(fd, flags, *path);
  if (found) {
    wasi::encode(*found, place->first<wasi::kFilestatSize>());
  }
  return found.error();
}

Errno path_filestat_set_times(CallState& call, Fd fd, std::uint32_t flags, std::uint32_t path_at,
                              std::uint32_t path_size, std::uint64_t atim, std::uint64_t mtim, std::uint32_t times) {
  const auto [files, error] = files_for_path(call, fd, "path_filestat_set_times");
  if (files == nullptr) {
    return error;
  }
  const auto path = call.memory().text(path_at, path_size);
  if (!path) {
    return Errno::kFault;
  }
  return (times & ~std::uint32_t{wasi::kFstFlagsAll}) != 0
             ? Errno::kInval
             : files->path_filestat_set_times(fd, flags, *path, atim, mtim, static_cast<wasi::FstFlags>(times));
}

Errno path_link(CallState& call, Fd old_fd, std::uint32_t old_flags, std::uint32_t old_at, std::uint32_t old_size,
                Fd new_fd, std::uint32_t new_at, std::uint32_t new_size) {
  const auto [files, error] = files_for_path(call, old_fd, "path_link");
  if (files == nullptr) {
    return error;
  }
  const auto old_path = call.memory().text(old_at, old_size);
  const auto new_path = call.memory().text(new_at, new_size);
  return old_path && new_path ? files->path_link(old_fd, old_flags, *old_path, new_fd, *new_path) : Errno::kFault;
}

Errno path_open(CallState& call, Fd fd, std::uint32_t lookup, std::uint32_t path_at, std::uint32_t path_size,
                std::uint32_t oflags, std::uint64_t base, std::uint64_t /*inheriting*/, std::uint32_t fdflags,
                std::uint32_t fd_at) {
  const auto [files, error] = files_for_path(call, fd, "path_open");
  if (files == nullptr) {
    return error;
  }
  const auto path = call.memory().text(path_at, path_size);
  if (!path || !call.memory().at(fd_at, sizeof(Fd))) {
    return Errno::kFault;
  }
  if ((oflags & ~std::uint32_t{wasi::kOFlagsAll}) != 0 || (fdflags & ~std::uint32_t{wasi::kFdFlagsAll}) != 0) {
    return Errno::kInval;
  }
  const wasi::Rights passed_on = files->fd_fdstat_get(fd)->rights_inheriting;  // none of what is not open
  const auto opened = files->path_open(fd, lookup, *path, static_cast<wasi::OFlags>(oflags), widened(base, passed_on),
                                       passed_on, static_cast<wasi::FdFlags>(fdflags));
  if (!opened) {
    return opened.error();
  }
  return call.memory().store(fd_at, *opened) ? Errno::kSuccess : Errno::kFault;
}

Errno path_readlink(CallState& call, Fd fd, std::uint32_t path_at, std::uint32_t path_size, std::uint32_t out_at,
                    std::uint32_t out_size, std::uint32_t size_at) {
  const auto [files, error] = files_for_path(call, fd, "path_readlink");
  if (files == nullptr) {
    return error;
  }
  const auto path = call.memory().text(path_at, path_size);
  const auto out = call.memory().at(out_at, out_size);
  if (!path || !out || !call.memory().at(size_at, sizeof(std::uint32_t))) {
    return Errno::kFault;
  }
  const auto size = files->path_readlink(fd, *path, *out);
  if (!size) {
    return size.error();
  }
  return call.memory().store(size_at, static_cast<std::uint32_t>(*size)) ? Errno::kSuccess : Errno::kFault;
}

Errno path_remove_directory(CallState& call, Fd fd, std::uint32_t path_at, std::uint32_t path_size) {
  const auto [files, error] = files_for_path(call, fd, "path_remove_directory");
  const auto path = call.memory().text(path_at, path_size);
  return files == nullptr ? error : path ? files->path_remove_directory(fd, *path) : Errno::kFault;
}

Errno path_rename(CallState& call, Fd old_fd, std::uint32_t old_at, std::uint32_t old_size, Fd new_fd,
                  std::uint32_t new_at, std::uint32_t new_size) {
  const auto [files, error] = files_for_path(call, old_fd, "path_rename");
  if (files == nullptr) {
    return error;
  }
  const auto old_path = call.memory().text(old_at, old_size);
  const auto new_path = call.memory().text(new_at, new_size);
  return old_path && new_path ? files->path_rename(old_fd, *old_path, new_fd, *new_path) : Errno::kFault;
}

Errno path_symlink(CallState& call, std::uint32_t target_at, std::uint32_t target_size, Fd fd, std::uint32_t path_at,
                   std::uint32_t path_size) {
  const auto [files, error] = files_for_path(call, fd, "path_symlink");
  if (files == nullptr) {
    return error;
  }
  const auto target = call.memory().text(target_at, target_size);
  const auto path = call.memory().text(path_at, path_size);
  return target && path ? files->path_symlink(*target, fd, *path) : Errno::kFault;
}

Errno path_unlink_file(CallState& call, Fd fd, std::uint32_t path_at, std::uint32_t path_size) {
  const auto [files, error] = files_for_path(call, fd, "path_unlink_file");
  const auto path = call.memory().text(path_at, path_size);
  return files == nullptr ? error : path ? files->path_unlink_file(fd, *path) : Errno::kFault;
}

constexpr std::uint32_t kFuel = 2'000;  // a walk through directories and a system call or three

constexpr std::array kRows = {
    host_row<&path_create_directory>(kWasiModule, "path_create_directory", Family::kWasi, {"=<."}, kFuel),
    host_row<&path_filestat_get>(kWasiModule, "path_filestat_get", Family::kWasi, {"==<.S"}, kFuel),
    host_row<&path_filestat_set_times>(kWasiModule, "path_filestat_set_times", Family::kWasi, {"==<.==="}, kFuel),
    host_row<&path_link>(kWasiModule, "path_link", Family::kWasi, {"==<.=<."}, kFuel),
    host_row<&path_open>(kWasiModule, "path_open", Family::kWasi, {"==<.====4"}, kFuel),
    host_row<&path_readlink>(kWasiModule, "path_readlink", Family::kWasi, {"=<.t=4"}, kFuel),
    host_row<&path_remove_directory>(kWasiModule, "path_remove_directory", Family::kWasi, {"=<."}, kFuel),
    host_row<&path_rename>(kWasiModule, "path_rename", Family::kWasi, {"=<.=<."}, kFuel),
    host_row<&path_symlink>(kWasiModule, "path_symlink", Family::kWasi, {"<.=<."}, kFuel),
    host_row<&path_unlink_file>(kWasiModule, "path_unlink_file", Family::kWasi, {"=<."}, kFuel),
};

}  // namespace

std::span<const HostRow> wasi_path_rows() noexcept { return kRows; }

}  // namespace caisson::sandbox
