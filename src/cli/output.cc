#include "cli/output.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace caisson::cli {

namespace {

constexpr std::size_t kCollectedBytes = 256 << 10;

// Sequences of every terminal that has any (ECMA-48; DEC private mode 7 is automatic wrapping).
constexpr std::string_view kEraseLine = "\r\x1b[K";
constexpr std::string_view kNoWrap = "\x1b[?7l";
constexpr std::string_view kWrap = "\x1b[?7h";

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
  hide_status_locked();
  static_cast<void>(write_all(error_fd_, text));
  show_status_locked();
}

void Output::status(std::string_view line) {
  const std::scoped_lock lock(mutex_);
  if (line != status_) {
    if (line.empty()) {
      hide_status_locked();
    }
    status_ = line;
    show_status_locked();
  }
}

void Output::hide_status_locked() {
  if (!status_.empty()) {
    static_cast<void>(write_all(error_fd_, kEraseLine));
  }
}

void Output::show_status_locked() {
  if (!status_.empty()) {
    static_cast<void>(write_all(error_fd_, fmt::format("{}{}{}{}", kEraseLine, kNoWrap, status_, kWrap)));
  }
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
  if (!failure_ && !pending_.empty()) {
    hide_status_locked();
    if (const int code = write_all(out_fd_, pending_); code != 0) {
      failure_ = write_error(code);
    }
    show_status_locked();
  }
  pending_.clear();
}

}  // namespace caisson::cli
