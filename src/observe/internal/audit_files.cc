#include "observe/internal/audit_files.h"

#include "base/file_error.h"
#include "observe/internal/audit_system.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <system_error>

namespace caisson::observe {

namespace fs = std::filesystem;

ssize_t AuditSystem::write(int fd, const char* bytes, std::size_t count) noexcept { return ::write(fd, bytes, count); }
int AuditSystem::sync(int fd) noexcept { return ::fdatasync(fd); }
int AuditSystem::truncate(int fd, off_t size) noexcept { return ::ftruncate(fd, size); }
int AuditSystem::allocate(int fd, off_t size) noexcept {
  errno = ::posix_fallocate(fd, 0, size);
  return errno == 0 ? 0 : -1;
}
int AuditSystem::rename(int folder, const char* from, const char* to) noexcept {
  return ::renameat(folder, from, folder, to);
}

AuditNames::AuditNames(const fs::path& file)
    : folder(file.has_parent_path() ? file.parent_path() : fs::path(".")),
      current(file.filename()),
      reserve(current + ".reserve"),
      stem_(file.stem()),
      ending_(file.extension()) {}

std::string AuditNames::rotated(std::uint64_t number) const { return fmt::format("{}.{}{}", stem_, number, ending_); }

std::uint64_t AuditNames::number_of(std::string_view name) const {
  if (name.size() <= stem_.size() + 1 + ending_.size() || !name.starts_with(stem_) || name[stem_.size()] != '.' ||
      !name.ends_with(ending_)) {
    return 0;
  }
  const std::string_view digits = name.substr(stem_.size() + 1, name.size() - stem_.size() - 1 - ending_.size());
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc{} && rotated(number) == name ? number : 0;
}

Error audit_file_error(std::string_view doing, const fs::path& file, int code) {
  Error error = base::file_error(doing, file, code);
  const auto say = [&](std::string_view why) {
    error.message = fmt::format("cannot {} '{}': {}", doing, file.native(), why);
  };
  if (code == ELOOP) {
    say("it is a symbolic link");
  } else if (error.reason == "file.not_a_file") {
    say("it is not a regular file");
  }
  return error;
}

Result<base::Descriptor> open_audit_file(int folder, const fs::path& shown, const std::string& name) {
  base::Descriptor file(::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  struct stat info{};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0) {
    return audit_file_error("read", shown, errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return audit_file_error("read", shown, EISDIR);
  }
  return file;
}

Result<std::vector<std::uint64_t>> rotated_audit_files(const AuditNames& names) {
  std::vector<std::uint64_t> numbers;
  std::error_code error;
  for (fs::directory_iterator entry(names.folder, error); !error && entry != fs::directory_iterator();
       entry.increment(error)) {
    if (const std::uint64_t number = names.number_of(entry->path().filename().native()); number > 0) {
      numbers.push_back(number);
    }
  }
  if (error) {
    return audit_file_error("list", names.folder, error.value());
  }
  std::ranges::sort(numbers);
  return numbers;
}

Result<std::string> read_audit_bytes(int fd, const fs::path& shown, std::uint64_t offset, std::size_t size) {
  std::string out(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd, out.data() + done, size - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR) {
      continue;
    }
    if (got < 0) {
      return audit_file_error("read", shown, errno);
    }
    if (got == 0) {
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  out.resize(done);
  return out;
}

}  // namespace caisson::observe
