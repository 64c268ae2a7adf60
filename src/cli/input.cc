#include "cli/input.h"

#include "base/unicode.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <utility>

namespace caisson::cli {

namespace {

/// A descriptor, closed at the end unless it is standard input.
class Source {
 public:
  Source(const std::string& path, std::string_view what)
      : path_(path),
        what_(what),
        fd_(path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY)) {}
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  ~Source() {
    if (fd_ > STDIN_FILENO) {
      ::close(fd_);
    }
  }

  [[nodiscard]] int fd() const noexcept { return fd_; }
  [[nodiscard]] std::string name() const {
    return path_ == "-" ? "standard input" : fmt::format("'{}'", base::printable(path_));
  }

  [[nodiscard]] Error error(int code) const {
    const auto make = [&](Category category, std::string_view reason, std::string_view why) {
      return Error{category, std::string(reason), fmt::format("cannot read the {} from {}: {}", what_, name(), why)};
    };
    switch (code) {
      case ENOENT:
      case ENOTDIR:
        return make(Category::kNotFound, "file.missing", "there is no such file");
      case EACCES:
      case EPERM:
        return make(Category::kPermissionDenied, "file.permission", std::generic_category().message(code));
      case EBADF:
        return make(Category::kInvalidArgument, "file.not_a_file", "it is closed");
      case EISDIR:
        return make(Category::kInvalidArgument, "file.not_a_file", "it is a directory, not a file");
      case ENAMETOOLONG:
      case ELOOP:
      case ENXIO:
        return make(Category::kInvalidArgument, "file.bad_path", std::generic_category().message(code));
      default:
        return make(Category::kInternal, "file.io", std::generic_category().message(code));
    }
  }

  [[nodiscard]] Error too_large() const {
    return {Category::kResourceExhausted, "file.too_large",
            fmt::format("the {} from {} has more than {} bytes, which is the limit{}", what_, name(), kMaxInputBytes,
                        what_ == "input" ? "; run it in parts" : "")};
  }

 private:
  const std::string& path_;
  std::string_view what_;
  const int fd_;
};

}  // namespace

Payload to_payload(std::string bytes) {
  const std::string_view type = base::is_utf8(bytes) ? Payload::kText : Payload::kBytes;
  return Payload(std::move(bytes), type);
}

Result<std::string> read_input(const std::string& path, std::string_view what) {
  const Source source(path, what);
  struct stat info{};
  if (source.fd() < 0 || ::fstat(source.fd(), &info) != 0) {
    return source.error(errno);
  }
  if (S_ISDIR(info.st_mode)) {
    return source.error(EISDIR);
  }
  if (S_ISREG(info.st_mode) && info.st_size > static_cast<off_t>(kMaxInputBytes)) {
    return source.too_large();
  }
  const std::size_t expected = S_ISREG(info.st_mode) ? static_cast<std::size_t>(info.st_size) : 0;
  std::string bytes(expected + 4096, '\0');
  std::size_t size = 0;
  while (true) {
    const ssize_t got = ::read(source.fd(), bytes.data() + size, bytes.size() - size);
    if (got < 0) {
      if (errno == EINTR) {
        continue;
      }
      return source.error(errno);
    }
    if (got == 0) {
      break;
    }
    size += static_cast<std::size_t>(got);
    if (size > kMaxInputBytes) {
      return source.too_large();
    }
    if (size == bytes.size()) {
      bytes.resize(bytes.size() * 2);
    }
  }
  bytes.resize(size);
  return bytes;
}

bool is_definition_file(const std::string& path) {
  const bool named =
      path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".json") || path.ends_with(".lua");
  struct stat info{};
  return named && ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

}  // namespace caisson::cli
