#include "base/sealed_memory.h"

#include "base/file_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <unistd.h>

namespace caisson::base {

namespace {

Error failed(std::string_view doing, int code) { return file_error(doing, "sealed memory", code); }

Result<Descriptor> make_memory() {
  Descriptor memory(::memfd_create("caisson", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory) {
    return failed("create", errno);
  }
  return memory;
}

}  // namespace

Result<SealedMemory> SealedMemory::copy_of(int fd, std::size_t size) {
  CAISSON_TRY(Descriptor memory, make_memory());
  off_t at = 0;
  while (std::cmp_less(at, size)) {
    const ssize_t copied = ::sendfile(memory.get(), fd, &at, size - static_cast<std::size_t>(at));
    if (copied < 0 && errno != EINTR) {
      return failed("write", errno);
    }
    if (copied == 0) {
      break;
    }
  }
  SealedMemory out(std::move(memory));
  CAISSON_CHECK(out.seal(static_cast<std::size_t>(at)));
  return out;
}

Result<SealedMemory> SealedMemory::copy_of(std::string_view bytes) {
  CAISSON_TRY(Descriptor memory, make_memory());
  const std::size_t size = bytes.size();
  while (!bytes.empty()) {
    const ssize_t written = ::write(memory.get(), bytes.data(), bytes.size());
    if (written < 0 && errno != EINTR) {
      return failed("write", errno);
    }
    bytes.remove_prefix(written > 0 ? static_cast<std::size_t>(written) : 0);
  }
  SealedMemory out(std::move(memory));
  CAISSON_CHECK(out.seal(size));
  return out;
}

SealedMemory::SealedMemory(SealedMemory&& other) noexcept
    : file_(std::move(other.file_)), data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SealedMemory::~SealedMemory() {
  if (data_ != nullptr) {
    ::munmap(const_cast<char*>(data_), size_);  // NOLINT(cppcoreguidelines-pro-type-const-cast): munmap takes no const
  }
}

std::string SealedMemory::path() const { return fmt::format("/proc/self/fd/{}", file_.get()); }

Status SealedMemory::seal(std::size_t size) {
  if (::fcntl(file_.get(), F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) != 0) {
    return failed("seal", errno);
  }
  if (size == 0) {
    return {};
  }
  void* mapped = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file_.get(), 0);
  if (mapped == MAP_FAILED) {
    return failed("map", errno);
  }
  data_ = static_cast<const char*>(mapped);
  size_ = size;
  return {};
}

}  // namespace caisson::base
