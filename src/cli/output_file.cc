#include "cli/output_file.h"

#include "base/no_broken_pipe.h"
#include "base/unicode.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

namespace caisson::cli {

namespace {

constexpr mode_t kNewFile = 0666;

Error write_error(const std::string& path, int code) {
  const auto error = [&](Category category, const char* reason) {
    return Error{category, reason,
                 fmt::format("cannot write '{}': {}", base::printable(path), std::generic_category().message(code))};
  };
  switch (code) {
    case EACCES:
    case EPERM:
    case EROFS:
      return error(Category::kPermissionDenied, "file.permission");
    case ENOENT:
    case ENOTDIR:
      return error(Category::kNotFound, "file.missing");
    case EISDIR:
      return error(Category::kInvalidArgument, "file.not_a_file");
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return error(Category::kResourceExhausted, "file.no_space");
    default:
      return error(Category::kInternal, "file.io");
  }
}

}  // namespace

Result<std::unique_ptr<OutputFile>> OutputFile::create(const std::string& path, Mode mode) {
  struct stat there{};
  const bool exists = ::stat(path.c_str(), &there) == 0;
  if (exists && S_ISDIR(there.st_mode)) {
    return write_error(path, EISDIR);
  }
  std::string target;
  std::string temporary;
  int fd = -1;
  if (mode == Mode::kLive || (exists && !S_ISREG(there.st_mode))) {
    fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, kNewFile);
  } else if (exists && ::access(path.c_str(), W_OK) != 0) {
    return write_error(path, errno);
  } else {
    std::error_code ignored;  // a link stays, what it leads to is replaced
    const auto real = exists ? std::filesystem::canonical(path, ignored) : std::filesystem::path(path);
    target = real.empty() ? path : real.native();
    temporary = fmt::format("{}.{}.part", target, ::getpid());
    ::unlink(temporary.c_str());  // of a process that had this number and was killed
    fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kNewFile);
    if (fd >= 0 && exists) {
      static_cast<void>(::fchmod(fd, there.st_mode & 0777U));
    }
  }
  if (fd < 0) {
    return write_error(path, errno);
  }
  return std::unique_ptr<OutputFile>(new OutputFile(path, fd, std::move(target), std::move(temporary)));
}

OutputFile::OutputFile(std::string path, int fd, std::string target, std::string temporary)
    : path_(std::move(path)), fd_(fd), target_(std::move(target)), temporary_(std::move(temporary)) {}

OutputFile::~OutputFile() {
  if (fd_ >= 0) {
    ::close(fd_);
    if (!temporary_.empty()) {
      ::unlink(temporary_.c_str());
    }
  }
}

void OutputFile::write(std::string_view bytes) {
  const base::NoBrokenPipe no_signal;
  while (!failure_ && !bytes.empty()) {
    const ssize_t put = ::write(fd_, bytes.data(), bytes.size());
    if (put >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(put));
    } else if (errno != EINTR) {
      failure_ = write_error(path_, errno);
    }
  }
}

Status OutputFile::finish() {
  if (::close(std::exchange(fd_, -1)) != 0 && !failure_) {
    failure_ = write_error(path_, errno);
  }
  if (!temporary_.empty()) {
    if (!failure_ && ::rename(temporary_.c_str(), target_.c_str()) != 0) {
      failure_ = write_error(path_, errno);
    }
    if (failure_) {
      ::unlink(temporary_.c_str());
    }
  }
  return failure_ ? Status(*failure_) : Status();
}

Status write_file(const std::string& path, std::string_view bytes) {
  CAISSON_TRY(const std::unique_ptr<OutputFile> file, OutputFile::create(path, OutputFile::Mode::kWhole));
  file->write(bytes);
  return file->finish();
}

}  // namespace caisson::cli
