#include "base/environment.h"

#include "base/descriptor.h"
#include "base/file_error.h"
#include "base/unicode.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <system_error>
#include <utility>

namespace caisson::base {

namespace {

namespace fs = std::filesystem;

/// What was being done when an operation failed; the text goes into the message.
constexpr std::string_view kRead = "read";
constexpr std::string_view kWrite = "write";
constexpr std::string_view kCreate = "create";

/// The system would read a path with a NUL only up to there, and take another file.
bool is_whole(const fs::path& path) noexcept { return path.native().find('\0') == std::string::npos; }

Error cut_path(const fs::path& path) {
  return {Category::kInvalidArgument, "file.bad_path",
          fmt::format("{} is no path: it holds a NUL character", quote(path.native()))};
}

/// Without the slashes and dots at its end, which would make lstat look behind a symbolic link.
fs::path without_trailing_slash(fs::path path) {
  while (path.has_relative_path() && path.has_parent_path() && (!path.has_filename() || path.filename() == ".")) {
    path = path.parent_path();
  }
  return path;
}

/// Creates a directory and the parents that are missing, all for their owner only. Returns 0 or errno.
int make_directories(const fs::path& path) {
  if (::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST) {
    return 0;
  }
  if (errno != ENOENT || !path.has_parent_path()) {
    return errno;
  }
  if (const int error = make_directories(path.parent_path()); error != 0) {
    return error;
  }
  return ::mkdir(path.c_str(), 0700) == 0 || errno == EEXIST ? 0 : errno;
}

std::string_view kind_of(mode_t mode) {
  if (S_ISDIR(mode)) {
    return "a directory";
  }
  if (S_ISFIFO(mode)) {
    return "a pipe";
  }
  if (S_ISSOCK(mode)) {
    return "a socket";
  }
  return "a device";
}

Status write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) {
        continue;
      }
      return file_error(kWrite, path, errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

std::chrono::system_clock::time_point to_time(const timespec& t) {
  return std::chrono::system_clock::time_point(std::chrono::duration_cast<std::chrono::system_clock::duration>(
      std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec)));
}

/// Why somebody else could change what is there; empty when nobody could.
std::string_view danger_of(const struct stat& info) noexcept {
  const bool shared = S_ISDIR(info.st_mode) && (info.st_mode & S_ISVTX) != 0;
  if (info.st_uid != ::geteuid() && info.st_uid != 0) {
    return "it belongs to another user";
  }
  return !shared && (info.st_mode & (S_IWGRP | S_IWOTH)) != 0 ? "others may write to it" : "";
}

Error unsafe_file(const fs::path& path, std::string_view problem) {
  return {Category::kPermissionDenied, "file.unsafe_file",
          fmt::format("'{}' is not safe to use: {}; make it your own and take the right to write from group and others "
                      "(chmod go-w)",
                      path.native(), problem)};
}

enum class Trust : std::uint8_t { kAny, kOwn, kPrivate };

class RealEnvironment final : public Environment {
 public:
  std::chrono::steady_clock::time_point now() const noexcept override { return std::chrono::steady_clock::now(); }
  std::chrono::system_clock::time_point wall_time() const noexcept override { return std::chrono::system_clock::now(); }

  std::chrono::nanoseconds thread_cpu_time() const noexcept override {
    timespec t{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return std::chrono::seconds(t.tv_sec) + std::chrono::nanoseconds(t.tv_nsec);
  }

  Result<std::string> random_bytes(std::size_t count) const override {
    std::string out(count, '\0');
    std::size_t done = 0;
    while (done < count) {
      const ssize_t got = ::getrandom(out.data() + done, count - done, 0);
      if (got < 0) {
        if (errno == EINTR) {
          continue;
        }
        return Error{
            Category::kInternal, "environment.random",
            fmt::format("the operating system gives no random bytes: {}", std::generic_category().message(errno))};
      }
      done += static_cast<std::size_t>(got);
    }
    return out;
  }

  std::optional<std::string> variable(const std::string& name) const override {
    if (name.find('\0') != std::string::npos) {
      return std::nullopt;
    }
    const char* value = std::getenv(name.c_str());  // NOLINT(concurrency-mt-unsafe): nothing in Caisson calls setenv
    if (value == nullptr || *value == '\0') {
      return std::nullopt;
    }
    return std::string(value);
  }

  std::vector<std::string> variable_names() const override {
    std::vector<std::string> out;
    for (char** at = ::environ; at != nullptr && *at != nullptr; ++at) {
      const std::string_view variable(*at);
      const std::size_t equals = variable.find('=');
      if (equals != std::string_view::npos && equals > 0 && equals + 1 < variable.size()) {
        out.emplace_back(variable.substr(0, equals));
      }
    }
    std::ranges::sort(out);
    out.erase(std::ranges::unique(out).begin(), out.end());
    return out;
  }

  Result<std::string> real_directory(const fs::path& path) const override {
    if (!is_whole(path)) {
      return cut_path(path);
    }
    std::error_code error;
    const fs::path real = fs::canonical(path.empty() ? fs::path(".") : path, error);
    if (error) {
      return file_error("use", path, error.value());
    }
    const bool is_directory = fs::is_directory(real, error);
    if (error || !is_directory) {
      return Error{Category::kInvalidArgument, "file.not_a_file",
                   fmt::format("cannot use '{}': it is no directory", path.native())};
    }
    return real.native();
  }

  Result<std::string> real_path(const fs::path& path) const override {
    if (!is_whole(path)) {
      return cut_path(path);
    }
    std::error_code error;
    const fs::path real = fs::canonical(path.empty() ? fs::path(".") : path, error);
    return error ? Result<std::string>(file_error("use", path, error.value())) : Result<std::string>(real.native());
  }

  Result<std::string> read_file(const fs::path& path, std::uint64_t max_bytes) const override {
    return read(path, max_bytes, Trust::kAny);
  }

  Result<std::string> read_trusted_file(const fs::path& path, std::uint64_t max_bytes) const override {
    return read(path, max_bytes, Trust::kOwn);
  }

  Result<std::string> read_private_file(const fs::path& path, std::uint64_t max_bytes) const override {
    return read(path, max_bytes, Trust::kPrivate);
  }

  Result<SealedMemory> read_sealed_file(const fs::path& path, std::uint64_t max_bytes) const override {
    struct stat info{};
    CAISSON_TRY(const Descriptor file, open_file(path, max_bytes, Trust::kAny, info));
    return SealedMemory::copy_of(file.get(), static_cast<std::size_t>(info.st_size));
  }

  Status write_private_file(const fs::path& path, std::string_view bytes) override {
    if (!is_whole(path)) {
      return cut_path(path);
    }
    CAISSON_TRY(const std::string random, random_bytes(8));
    fs::path temporary = path;
    temporary += ".";
    for (const char c : random) {
      temporary += fmt::format("{:02x}", static_cast<unsigned char>(c));
    }
    temporary += ".tmp";
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) {
      return file_error(kWrite, path, errno);
    }
    Status written = write_all(file.get(), bytes, path);
    if (written && (::fsync(file.get()) != 0 || file.close() != 0)) {
      written = file_error(kWrite, path, errno);
    }
    if (written && ::rename(temporary.c_str(), path.c_str()) != 0) {
      written = file_error(kWrite, path, errno);
    }
    if (!written) {
      ::unlink(temporary.c_str());
      return written;
    }
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    const Descriptor directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) {
      ::fsync(directory.get());  // makes the new name last; some file systems refuse this on directories
    }
    return {};
  }

  Status make_private_directory(const fs::path& asked) override {
    if (!is_whole(asked)) {
      return cut_path(asked);
    }
    const fs::path path = without_trailing_slash(asked);
    if (const int error = make_directories(path); error != 0) {
      return file_error(kCreate, path, error);
    }
    struct stat info{};
    if (::lstat(path.c_str(), &info) != 0) {
      return file_error("use", path, errno);
    }
    std::string_view problem;
    if (S_ISLNK(info.st_mode)) {
      problem = "it is a symbolic link";
    } else if (!S_ISDIR(info.st_mode)) {
      problem = "it is not a directory";
    } else if (info.st_uid != ::geteuid()) {
      problem = "it belongs to another user";
    } else if ((info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
      problem = "others may write to it";
    } else {
      return {};
    }
    return Error{
        Category::kPermissionDenied, "file.unsafe_directory",
        fmt::format("'{}' is not safe to use: {}; remove it or choose another folder", path.native(), problem)};
  }

  Result<std::vector<FileEntry>> list_files(const fs::path& path) const override {
    if (!is_whole(path)) {
      return cut_path(path);
    }
    std::vector<FileEntry> out;
    std::error_code error;
    fs::directory_iterator entries(path, error);
    if (error.value() == ENOENT) {
      return out;
    }
    while (!error && entries != fs::directory_iterator()) {
      struct stat info{};
      if (::lstat(entries->path().c_str(), &info) == 0 && S_ISREG(info.st_mode)) {
        out.push_back(
            {entries->path().filename().native(), static_cast<std::uint64_t>(info.st_size), to_time(info.st_mtim)});
      }
      entries.increment(error);
    }
    if (error) {
      return file_error("list", path, error.value());
    }
    return out;
  }

  void touch_file(const fs::path& path) noexcept override {
    if (is_whole(path)) {
      ::utimensat(AT_FDCWD, path.c_str(), nullptr, AT_SYMLINK_NOFOLLOW);
    }
  }

  Status remove_file(const fs::path& path) override {
    if (!is_whole(path)) {
      return cut_path(path);
    }
    if (::unlink(path.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR) {
      return file_error("remove", path, errno);
    }
    return {};
  }

 private:
  static Error too_large(const fs::path& path, std::uint64_t size, std::uint64_t max_bytes) {
    return {Category::kResourceExhausted, "file.too_large",
            fmt::format("'{}' has {} bytes; at most {} are read", path.native(), size, max_bytes)};
  }

  /// `info`: of the open file.
  static Result<Descriptor> open_file(const fs::path& path, std::uint64_t max_bytes, Trust trust, struct stat& info) {
    if (!is_whole(path)) {
      return cut_path(path);
    }
    // O_NONBLOCK: opening a pipe must not wait for a writer; whether it is a regular file is asked of the open file.
    // A link counts as what it leads to: owner and mode are asked of the open file too.
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) {
      return file_error(kRead, path, errno);
    }
    if (::fstat(file.get(), &info) != 0) {
      return file_error(kRead, path, errno);
    }
    if (!S_ISREG(info.st_mode)) {
      return Error{Category::kInvalidArgument, "file.not_a_file",
                   fmt::format("cannot read '{}': it is {}, not a file", path.native(), kind_of(info.st_mode))};
    }
    if (trust == Trust::kOwn) {
      CAISSON_CHECK(check_owner(path, info));
    }
    if (trust == Trust::kPrivate && (info.st_uid != ::geteuid() || (info.st_mode & (S_IRWXG | S_IRWXO)) != 0)) {
      return Error{
          Category::kPermissionDenied, "file.unsafe_file",
          fmt::format("'{}' must belong to you, and nobody else may read it: run `chmod 600` on it", path.native())};
    }
    if (static_cast<std::uint64_t>(info.st_size) > max_bytes) {
      return too_large(path, static_cast<std::uint64_t>(info.st_size), max_bytes);
    }
    return file;
  }

  static Result<std::string> read(const fs::path& path, std::uint64_t max_bytes, Trust trust) {
    struct stat info{};
    CAISSON_TRY(const Descriptor file, open_file(path, max_bytes, trust, info));
    std::string out(static_cast<std::size_t>(info.st_size) + 1, '\0');
    std::size_t done = 0;
    while (true) {
      if (done == out.size()) {  // the file grew
        out.resize(out.size() * 2);
      }
      const ssize_t got = ::read(file.get(), out.data() + done, out.size() - done);
      if (got < 0) {
        if (errno == EINTR) {
          continue;
        }
        return file_error(kRead, path, errno);
      }
      if (got == 0) {
        break;
      }
      done += static_cast<std::size_t>(got);
      if (done > max_bytes) {
        return too_large(path, done, max_bytes);
      }
    }
    out.resize(done);
    return out;
  }

  /// `info`: of the open file.
  static Status check_owner(const fs::path& path, const struct stat& info) {
    if (const std::string_view problem = danger_of(info); !problem.empty()) {
      return unsafe_file(path, problem);
    }
    const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
    struct stat around{};
    if (::stat(folder.c_str(), &around) != 0) {
      return file_error(kRead, folder, errno);
    }
    const std::string_view problem = danger_of(around);
    return problem.empty() ? Status() : Status(unsafe_file(folder, problem));
  }
};

}  // namespace

std::unique_ptr<Environment> make_environment() { return std::make_unique<RealEnvironment>(); }

}  // namespace caisson::base
