#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace caisson::cli {

namespace {

constexpr std::size_t kCollectedBytes = 256 << 10;

/// Returns 0 or errno.
int write_all(int fd, std::string_view bytes) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno != EINTR) {
      return errno;
    }
  }
  return 0;
}

Error write_error(int code) {
  const std::string message = fmt::format("cannot write to standard output: {}", std::generic_category().message(code));
  switch (code) {
    case EPIPE:
      return {Category::kUnavailable, std::string(kReaderGone), message};
    case ENOSPC:
    case EDQUOT:
    case EFBIG:
      return {Category::kResourceExhausted, "file.no_space", message + "; the output is not complete"};
    default:
      return {Category::kInternal, "file.io", message + "; the output is not complete"};
  }
}

}  // namespace

void Output::out(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  pending_ += text;
  if (pending_.size() >= kCollectedBytes) {
    flush_locked();
  }
}

void Output::error(std::string_view text) {
  const std::scoped_lock lock(mutex_);
  flush_locked();
  static_cast<void>(write_all(error_fd_, text));
}

Status Output::flush() {
  const std::scoped_lock lock(mutex_);
  flush_locked();
  if (failure_) {
    return *failure_;
  }
  return {};
}

void Output::flush_locked() {
  if (!failure_) {
    if (const int code = write_all(out_fd_, pending_); code != 0) {
      failure_ = write_error(code);
    }
  }
  pending_.clear();
}

}  // namespace caisson::cli
