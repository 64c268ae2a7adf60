// WASI preview 1: functions of descriptors. Standard streams are answered here, files by the file table.

#include "sandbox/internal/descriptors.h"
#include "sandbox/internal/host_adapter.h"

#include <algorithm>
#include <limits>
#include <vector>

namespace caisson::sandbox {

bool is_open(CallState& call, wasi::Fd fd) {
  if (is_stream(fd)) {
    return call.streams().open[fd];
  }
  FileTable* files = call.files();
  return files != nullptr && files->fd_fdstat_get(fd).error() == wasi::Errno::kSuccess;
}

FilesOrErrno files_at(CallState& call, wasi::Fd fd, wasi::Errno of_a_stream) {
  if (is_stream(fd)) {
    return {nullptr, call.streams().open[fd] ? of_a_stream : wasi::Errno::kBadf};
  }
  return {call.files(), wasi::Errno::kBadf};
}

bool wait_for_rate(CallState& call, const FileTable& files) {
  const auto time = files.wait_for_rate();
  if (time <= std::chrono::nanoseconds(0)) {
    return true;
  }
  if (const auto ending = call.watch().wait_until(call.watch().now() + time)) {
    call.end(*ending);
    return false;
  }
  return true;
}

namespace {

using wasi::Errno;
using wasi::Fd;

constexpr std::uint32_t kMostBuffers = 1'024;
constexpr std::size_t kMostTransfer = 4U << 20;  // of a file at once: a disk cannot be interrupted, and less is allowed

/// A list of buffers of the guest. Nothing: it, or one of them, is outside the memory.
std::optional<std::vector<std::span<std::byte>>> buffers_at(const GuestMemory& memory, std::uint32_t address,
                                                            std::uint32_t count) {
  const auto list = memory.at(address, std::uint64_t{count} * wasi::kIovecSize);
  if (!list) {
    return std::nullopt;
  }
  std::vector<std::span<std::byte>> out;
  out.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const std::uint32_t entry = address + i * static_cast<std::uint32_t>(wasi::kIovecSize);
    const auto place =
        memory.at(memory.load<std::uint32_t>(entry).value_or(0), memory.load<std::uint32_t>(entry + 4).value_or(0));
    if (!place) {
      return std::nullopt;
    }
    out.push_back(*place);
  }
  return out;
}

using Buffers = std::vector<std::span<std::byte>>;

std::size_t read_stdin(CallState& call, const Buffers& buffers) {
  std::size_t all = 0;
  for (const auto& buffer : buffers) {
    const std::string_view left = call.input_left();
    const std::size_t count = left.copy(reinterpret_cast<char*>(buffer.data()), buffer.size());
    call.take_input(count);
    all += count;
  }
  return all;
}

std::size_t write_stream(CallState& call, Fd fd, const Buffers& buffers) {
  std::size_t all = 0;
  for (const auto& buffer : buffers) {
    const std::string_view bytes(reinterpret_cast<const char*>(buffer.data()), buffer.size());
    const std::size_t count = fd == kStdout ? call.write_stdout(bytes) : call.write_stderr(bytes);
    all += count;
    if (count < bytes.size()) {
      break;
    }
  }
  return all;
}

/// The file table's answer where bytes of a file are meant: a directory has none, which is `badf`, as in POSIX.
Errno of_file(Errno error) { return error == Errno::kIsdir ? Errno::kBadf : error; }

/// Likewise for reading and writing: so is a descriptor that was not opened for it.
Errno of_bytes(Errno error) { return error == Errno::kNotcapable ? Errno::kBadf : of_file(error); }

/// Cuts the list behind so many bytes.
void cut(std::vector<std::span<std::byte>>& buffers, std::size_t most) {
  for (auto& buffer : buffers) {
    buffer = buffer.first(std::min(buffer.size(), most));
    most -= buffer.size();
  }
}

/// What reading and writing have in common: the buffers, the rate, the fuel, the number of bytes that is told.
template <typename Transfer>
Errno transfer(CallState& call, Fd fd, std::uint32_t buffers_at_address, std::uint32_t count, std::uint32_t size_at,
               Transfer&& run) {
  if (count > kMostBuffers) {
    return Errno::kInval;
  }
  const GuestMemory memory = call.memory();
  auto buffers = buffers_at(memory, buffers_at_address, count);
  if (!buffers || !memory.at(size_at, sizeof(std::uint32_t))) {
    return Errno::kFault;
  }
  if (!is_stream(fd)) {
    FileTable* files = call.files();
    if (files == nullptr) {
      return Errno::kBadf;
    }
    if (!wait_for_rate(call, *files)) {
      return Errno::kIntr;
    }
    cut(*buffers, kMostTransfer);
  }
  const wasi::OrErrno<std::size_t> moved = run(*buffers);
  if (!moved) {
    return of_bytes(moved.error());
  }
  if (!call.charge_bytes(*moved)) {
    return Errno::kIo;
  }
  return memory.store(size_at, static_cast<std::uint32_t>(*moved)) ? Errno::kSuccess : Errno::kFault;
}

/// Whether a stream may be used so; its descriptor is one.
Errno check_stream(CallState& call, Fd fd, wasi::Rights right) {
  if (!call.streams().open[fd]) {
    return Errno::kBadf;
  }
  return (call.streams().rights[fd] & right) != 0 ? Errno::kSuccess : Errno::kBadf;
}

std::vector<std::span<const std::byte>> constant(const Buffers& buffers) { return {buffers.begin(), buffers.end()}; }

Errno fd_read(CallState& call, Fd fd, std::uint32_t buffers, std::uint32_t count, std::uint32_t size_at) {
  return transfer(call, fd, buffers, count, size_at, [&](const Buffers& to) -> wasi::OrErrno<std::size_t> {
    if (is_stream(fd)) {
      const Errno refused = check_stream(call, fd, wasi::kFdRead);
      return refused == Errno::kSuccess ? wasi::OrErrno<std::size_t>(read_stdin(call, to)) : refused;
    }
    return call.files()->fd_read(fd, to);
  });
}

Errno fd_write(CallState& call, Fd fd, std::uint32_t buffers, std::uint32_t count, std::uint32_t size_at) {
  return transfer(call, fd, buffers, count, size_at, [&](const Buffers& from) -> wasi::OrErrno<std::size_t> {
    if (is_stream(fd)) {
      const Errno refused = check_stream(call, fd, wasi::kFdWrite);
      return refused == Errno::kSuccess ? wasi::OrErrno<std::size_t>(write_stream(call, fd, from)) : refused;
    }
    return call.files()->fd_write(fd, constant(from));
  });
}

Errno fd_pread(CallState& call, Fd fd, std::uint32_t buffers, std::uint32_t count, std::uint64_t offset,
               std::uint32_t size_at) {
  return transfer(call, fd, buffers, count, size_at, [&](const Buffers& to) -> wasi::OrErrno<std::size_t> {
    const auto [files, error] = files_at(call, fd, Errno::kSpipe);
    return files == nullptr ? error : files->fd_pread(fd, to, offset);
  });
}

Errno fd_pwrite(CallState& call, Fd fd, std::uint32_t buffers, std::uint32_t count, std::uint64_t offset,
                std::uint32_t size_at) {
  return transfer(call, fd, buffers, count, size_at, [&](const Buffers& from) -> wasi::OrErrno<std::size_t> {
    const auto [files, error] = files_at(call, fd, Errno::kSpipe);
    return files == nullptr ? error : files->fd_pwrite(fd, constant(from), offset);
  });
}

Errno fd_advise(CallState& call, Fd fd, std::uint64_t offset, std::uint64_t size, std::uint32_t advice) {
  const auto [files, error] = files_at(call, fd, Errno::kSpipe);
  if (files == nullptr) {
    return error;
  }
  return advice > static_cast<std::uint32_t>(wasi::Advice::kNoreuse)
             ? Errno::kInval
             : of_file(files->fd_advise(fd, offset, size, static_cast<wasi::Advice>(advice)));
}

Errno fd_allocate(CallState& call, Fd fd, std::uint64_t offset, std::uint64_t size) {
  const auto [files, error] = files_at(call, fd, Errno::kSpipe);
  if (files == nullptr) {
    return error;
  }
  if (!wait_for_rate(call, *files)) {
    return Errno::kIntr;
  }
  const Errno done = of_file(files->fd_allocate(fd, offset, size));
  // It may take more than a second may have, and a guest that then ended would have had it for nothing.
  return done != Errno::kSuccess || wait_for_rate(call, *files) ? done : Errno::kIntr;
}

Errno fd_close(CallState& call, Fd fd) {
  if (is_stream(fd)) {
    return std::exchange(call.streams().open[fd], false) ? Errno::kSuccess : Errno::kBadf;
  }
  FileTable* files = call.files();
  return files == nullptr ? Errno::kBadf : files->fd_close(fd);
}

Errno fd_datasync(CallState& call, Fd fd) {
  const auto [files, error] = files_at(call, fd, Errno::kInval);
  return files == nullptr ? error : files->fd_datasync(fd);
}

Errno fd_sync(CallState& call, Fd fd) {
  const auto [files, error] = files_at(call, fd, Errno::kInval);
  return files == nullptr ? error : files->fd_sync(fd);
}

/// Writes a record where the guest wants it.
template <std::size_t Size, typename Record>
Errno give(CallState& call, std::uint32_t address, const Record& record) {
  const auto place = call.memory().at(address, Size);
  if (!place) {
    return Errno::kFault;
  }
  wasi::encode(record, place->template first<Size>());
  return Errno::kSuccess;
}

Errno fd_fdstat_get(CallState& call, Fd fd, std::uint32_t address) {
  const auto [files, error] = files_at(call, fd, Errno::kSuccess);
  if (files != nullptr) {
    const auto found = files->fd_fdstat_get(fd);
    return found ? give<wasi::kFdstatSize>(call, address, *found) : found.error();
  }
  if (error != Errno::kSuccess) {
    return error;
  }
  return give<wasi::kFdstatSize>(
      call, address, wasi::Fdstat{.flags = call.streams().flags[fd], .rights_base = call.streams().rights[fd]});
}

Errno fd_fdstat_set_flags(CallState& call, Fd fd, std::uint32_t flags) {
  if ((flags & ~std::uint32_t{wasi::kFdFlagsAll}) != 0) {
    return Errno::kInval;
  }
  const auto [files, error] = files_at(call, fd, Errno::kSuccess);
  if (files != nullptr) {
    return files->fd_fdstat_set_flags(fd, static_cast<wasi::FdFlags>(flags));
  }
  if (error != Errno::kSuccess) {
    return error;
  }
  if ((call.streams().rights[fd] & wasi::kFdFdstatSetFlags) == 0) {
    return Errno::kNotcapable;
  }
  // Streams never block and have no end to go to, so both are as they are without; nothing of them reaches a disk.
  if ((flags & ~std::uint32_t{wasi::kFdFlagNonblock | wasi::kFdFlagAppend}) != 0) {
    return Errno::kNotsup;
  }
  call.streams().flags[fd] = static_cast<wasi::FdFlags>(flags);
  return Errno::kSuccess;
}

Errno fd_fdstat_set_rights(CallState& call, Fd fd, std::uint64_t base, std::uint64_t inheriting) {
  const auto [files, error] = files_at(call, fd, Errno::kSuccess);
  if (files != nullptr) {
    return files->fd_fdstat_set_rights(fd, base, inheriting);
  }
  if (error != Errno::kSuccess) {
    return error;
  }
  wasi::Rights& held = call.streams().rights[fd];
  if ((base & ~held) != 0 || inheriting != 0) {
    return Errno::kNotcapable;
  }
  held = base;
  return Errno::kSuccess;
}

Errno fd_filestat_get(CallState& call, Fd fd, std::uint32_t address) {
  const auto [files, error] = files_at(call, fd, Errno::kSuccess);
  if (files != nullptr) {
    const auto found = files->fd_filestat_get(fd);
    return found ? give<wasi::kFilestatSize>(call, address, *found) : found.error();
  }
  if (error != Errno::kSuccess) {
    return error;
  }
  return (call.streams().rights[fd] & wasi::kFdFilestatGet) != 0
             ? give<wasi::kFilestatSize>(call, address, wasi::Filestat{})
             : Errno::kNotcapable;
}

Errno fd_filestat_set_size(CallState& call, Fd fd, std::uint64_t size) {
  const auto [files, error] = files_at(call, fd, Errno::kInval);
  if (files == nullptr) {
    return error;
  }
  return wait_for_rate(call, *files) ? of_file(files->fd_filestat_set_size(fd, size)) : Errno::kIntr;
}

Errno fd_filestat_set_times(CallState& call, Fd fd, std::uint64_t atim, std::uint64_t mtim, std::uint32_t flags) {
  if ((flags & ~std::uint32_t{wasi::kFstFlagsAll}) != 0) {
    return Errno::kInval;
  }
  const auto [files, error] = files_at(call, fd, Errno::kInval);
  return files == nullptr ? error : files->fd_filestat_set_times(fd, atim, mtim, static_cast<wasi::FstFlags>(flags));
}

Errno fd_prestat_get(CallState& call, Fd fd, std::uint32_t address) {
  const auto [files, error] = files_at(call, fd, Errno::kBadf);
  if (files == nullptr) {
    return error;
  }
  const auto found = files->fd_prestat_get(fd);
  return found ? give<wasi::kPrestatSize>(call, address, *found) : found.error();
}

Errno fd_prestat_dir_name(CallState& call, Fd fd, std::uint32_t address, std::uint32_t size) {
  const auto [files, error] = files_at(call, fd, Errno::kBadf);
  if (files == nullptr) {
    return error;
  }
  const auto place = call.memory().at(address, size);
  return place ? files->fd_prestat_dir_name(fd, *place) : Errno::kFault;
}

Errno fd_readdir(CallState& call, Fd fd, std::uint32_t address, std::uint32_t size, std::uint64_t cookie,
                 std::uint32_t size_at) {
  const auto [files, error] = files_at(call, fd, Errno::kNotdir);
  if (files == nullptr) {
    return error;
  }
  const GuestMemory memory = call.memory();
  const auto place = memory.at(address, size);
  if (!place || !memory.at(size_at, sizeof(std::uint32_t))) {
    return Errno::kFault;
  }
  if (!wait_for_rate(call, *files)) {
    return Errno::kIntr;
  }
  const auto used = files->fd_readdir(fd, *place, cookie);
  if (!used) {
    return used.error();
  }
  if (!call.charge_bytes(*used)) {
    return Errno::kIo;
  }
  return memory.store(size_at, static_cast<std::uint32_t>(*used)) ? Errno::kSuccess : Errno::kFault;
}

Errno fd_renumber(CallState& call, Fd from, Fd to) {
  if (is_stream(from) || is_stream(to)) {
    return is_open(call, from) && is_open(call, to) ? Errno::kNotsup : Errno::kBadf;
  }
  FileTable* files = call.files();
  return files == nullptr ? Errno::kBadf : files->fd_renumber(from, to);
}

Errno fd_seek(CallState& call, Fd fd, std::uint64_t offset, std::uint32_t whence, std::uint32_t position_at) {
  const auto [files, error] = files_at(call, fd, Errno::kSpipe);
  if (files == nullptr) {
    return error;
  }
  if (whence > static_cast<std::uint32_t>(wasi::Whence::kEnd)) {
    return Errno::kInval;
  }
  if (!call.memory().at(position_at, sizeof(std::uint64_t))) {
    return Errno::kFault;
  }
  const auto position = files->fd_seek(fd, static_cast<std::int64_t>(offset), static_cast<wasi::Whence>(whence));
  if (!position) {
    return of_file(position.error());
  }
  return call.memory().store(position_at, *position) ? Errno::kSuccess : Errno::kFault;
}

Errno fd_tell(CallState& call, Fd fd, std::uint32_t position_at) {
  const auto [files, error] = files_at(call, fd, Errno::kSpipe);
  if (files == nullptr) {
    return error;
  }
  const auto position = files->fd_tell(fd);
  if (!position) {
    return of_file(position.error());
  }
  return call.memory().store(position_at, *position) ? Errno::kSuccess : Errno::kFault;
}

/// Streams are part of the call: their bytes make its Outcome, and whether they are open is ours to know.
bool of_a_stream(std::span<const std::uint64_t> arguments, const GuestMemory& /*memory*/) noexcept {
  return arguments[0] <= kStderr;
}

constexpr std::array kRows = {
    host_row<&fd_advise>(kWasiModule, "fd_advise", Family::kWasi, {"====", &of_a_stream}),
    host_row<&fd_allocate>(kWasiModule, "fd_allocate", Family::kWasi, {"===", &of_a_stream}, 1'000),
    host_row<&fd_close>(kWasiModule, "fd_close", Family::kWasi, {"=", &of_a_stream}),
    host_row<&fd_datasync>(kWasiModule, "fd_datasync", Family::kWasi, {"=", &of_a_stream}, 10'000),
    host_row<&fd_fdstat_get>(kWasiModule, "fd_fdstat_get", Family::kWasi, {"=F", &of_a_stream}),
    host_row<&fd_fdstat_set_flags>(kWasiModule, "fd_fdstat_set_flags", Family::kWasi, {"==", &of_a_stream}),
    host_row<&fd_fdstat_set_rights>(kWasiModule, "fd_fdstat_set_rights", Family::kWasi, {"===", &of_a_stream}),
    host_row<&fd_filestat_get>(kWasiModule, "fd_filestat_get", Family::kWasi, {"=S", &of_a_stream}, 1'000),
    host_row<&fd_filestat_set_size>(kWasiModule, "fd_filestat_set_size", Family::kWasi, {"==", &of_a_stream}, 1'000),
    host_row<&fd_filestat_set_times>(kWasiModule, "fd_filestat_set_times", Family::kWasi, {"====", &of_a_stream},
                                     1'000),
    host_row<&fd_pread>(kWasiModule, "fd_pread", Family::kWasi, {"=r==4", &of_a_stream}, 500),
    host_row<&fd_prestat_dir_name>(kWasiModule, "fd_prestat_dir_name", Family::kWasi, {"=>=", &of_a_stream}),
    host_row<&fd_prestat_get>(kWasiModule, "fd_prestat_get", Family::kWasi, {"=8", &of_a_stream}),
    host_row<&fd_pwrite>(kWasiModule, "fd_pwrite", Family::kWasi, {"=w.=4", &of_a_stream}, 500),
    host_row<&fd_read>(kWasiModule, "fd_read", Family::kWasi, {"=r=4", &of_a_stream}, 500),
    host_row<&fd_readdir>(kWasiModule, "fd_readdir", Family::kWasi, {"=t==4", &of_a_stream}, 2'000),
    host_row<&fd_renumber>(kWasiModule, "fd_renumber", Family::kWasi, {"=="}),
    host_row<&fd_seek>(kWasiModule, "fd_seek", Family::kWasi, {"===8", &of_a_stream}),
    host_row<&fd_sync>(kWasiModule, "fd_sync", Family::kWasi, {"=", &of_a_stream}, 10'000),
    host_row<&fd_tell>(kWasiModule, "fd_tell", Family::kWasi, {"=8", &of_a_stream}),
    host_row<&fd_write>(kWasiModule, "fd_write", Family::kWasi, {"=w.4", &of_a_stream}, 500),
};

}  // namespace

std::span<const HostRow> wasi_descriptor_rows() noexcept { return kRows; }

}  // namespace caisson::sandbox
