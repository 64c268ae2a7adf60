#include "cli/history_file.h"

#include "base/file_error.h"
#include "base/unicode.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace caisson::cli {

namespace {

constexpr mode_t kOwnersFile = 0600;
constexpr mode_t kOwnersFolder = 0700;
constexpr off_t kMostBytes = 32 << 20;

/// Makes the folder and those above it that are not there.
void make_folders(const std::filesystem::path& folder) {
  if (!folder.has_relative_path() || ::access(folder.c_str(), F_OK) == 0) {
    return;
  }
  make_folders(folder.parent_path());
  static_cast<void>(::mkdir(folder.c_str(), kOwnersFolder));  // opening the file tells what is wrong
}

}  // namespace

std::optional<std::string> history_path(const base::Environment& environment, std::string_view name) {
  const auto in = [&](const std::filesystem::path& folder) {
    return std::optional((folder / "caisson" / fmt::format("{}_history", name)).native());
  };
  if (const auto xdg = environment.variable("XDG_STATE_HOME"); xdg && std::filesystem::path(*xdg).is_absolute()) {
    return in(*xdg);
  }
  if (const auto home = environment.variable("HOME"); home && std::filesystem::path(*home).is_absolute()) {
    return in(std::filesystem::path(*home) / ".local" / "state");
  }
  return std::nullopt;
}

Result<std::unique_ptr<HistoryFile>> HistoryFile::open(const std::string& path, Format format) {
  make_folders(std::filesystem::path(path).parent_path());
  std::error_code missing;
  const auto real = std::filesystem::canonical(path, missing);  // a link stays, what it leads to is written
  std::unique_ptr<HistoryFile> out(new HistoryFile(missing ? path : real.native(), std::move(format)));
  CAISSON_CHECK(out->open_file());
  struct stat there{};
  if (::fstat(::fileno(out->file_.get()), &there) != 0 || there.st_size == 0) {
    return out;
  }
  const auto lines = there.st_size > kMostBytes ? std::nullopt : out->format_.read(out->path_);
  if (!lines) {
    return Error{Category::kInvalidArgument, "file.not_a_file",
                 fmt::format("'{}' is no history of lines; remove it", base::printable(out->path_))};
  }
  out->lines_ = *lines;
  if (out->lines_ > kMostLines) {
    CAISSON_CHECK(out->shorten());
  }
  return out;
}

HistoryFile::File HistoryFile::adopt(int fd, const char* mode) {
  std::FILE* const file = fd < 0 ? nullptr : ::fdopen(fd, mode);
  if (file == nullptr && fd >= 0) {
    ::close(fd);
  }
  return File(file);
}

Status HistoryFile::open_file() {
  // What is no regular file must not make anybody wait.
  constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
  file_ = adopt(::open(path_.c_str(), kFlags, kOwnersFile), "a");
  struct stat there{};
  if (file_ == nullptr || ::fstat(::fileno(file_.get()), &there) != 0) {
    return base::file_error("open", path_, errno);
  }
  if (!S_ISREG(there.st_mode)) {
    return base::file_error("open", path_, EISDIR);
  }
  return {};
}

Status HistoryFile::shorten() {
  std::string temporary = path_ + ".XXXXXX";
  const File file = adopt(::mkostemp(temporary.data(), O_CLOEXEC), "w");
  if (file == nullptr) {
    return base::file_error("write", path_, errno);
  }
  const bool written = format_.write(Part::kAll, file.get()) && std::fflush(file.get()) == 0;
  if (!written || ::rename(temporary.c_str(), path_.c_str()) != 0) {
    const int code = errno;
    ::unlink(temporary.c_str());
    return base::file_error("write", path_, code);
  }
  lines_ = kMostLines;
  return open_file();
}

Status HistoryFile::add() {
  if (lines_ >= 2 * kMostLines) {
    return shorten();
  }
  ++lines_;
  std::fseek(file_.get(), 0, SEEK_END);
  if (!format_.write(Part::kLast, file_.get()) || std::fflush(file_.get()) != 0) {
    return base::file_error("write", path_, errno);
  }
  return {};
}

}  // namespace caisson::cli
