#include "observe/internal/audit_log.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace caisson::observe {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kCollectedBytes = 256 << 10;

bool is_full(int code) noexcept { return code == ENOSPC || code == EDQUOT; }

Error unsafe(const fs::path& path, std::string_view problem) {
  return {Category::kPermissionDenied, "file.unsafe_directory",
          fmt::format("'{}' is not safe for an audit log: {}; choose a folder of your own", path.native(), problem)};
}

/// Whether a line that is no record may be one that was not finished: its end is missing.
bool may_be_torn(std::string_view line) noexcept { return !line.ends_with("\"}"); }

}  // namespace

AuditLog::AuditLog(const AuditOptions& options, AuditSystem& system)
    : options_(options), system_(system), names_(options.file), hash_(first_audit_hash()) {
  collected_.reserve(kCollectedBytes + kMaxAuditLine);
}

Result<std::unique_ptr<AuditLog>> AuditLog::open(const AuditOptions& options, AuditSystem& system) {
  std::unique_ptr<AuditLog> log(new AuditLog(options, system));
  CAISSON_CHECK(log->open_folder());
  CAISSON_CHECK(log->lock());
  CAISSON_CHECK(log->open_current(O_CREAT));
  CAISSON_CHECK(log->find_end());
  CAISSON_CHECK(log->go_on());
  return log;
}

Status AuditLog::open_folder() {
  if (names_.current.empty() || options_.file.native().find('\0') != std::string::npos) {
    return Error{Category::kInvalidArgument, "file.bad_path", "the path of the audit log names no file"};
  }
  CAISSON_CHECK(options_.environment->make_private_directory(names_.folder));
  folder_ = base::Descriptor(::open(names_.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW));
  struct stat info{};
  if (folder_.get() < 0 || ::fstat(folder_.get(), &info) != 0) {
    return audit_file_error("open", names_.folder, errno);
  }
  // Asked of the open folder: the path may be another one by now.
  if (info.st_uid != ::geteuid() || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return unsafe(names_.folder, "others may write to it");
  }
  return {};
}

Status AuditLog::lock() {
  const fs::path path = shown(names_.reserve);
  reserve_ = base::Descriptor(
      ::openat(folder_.get(), names_.reserve.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600));
  struct stat info{};
  if (reserve_.get() < 0 || ::fstat(reserve_.get(), &info) != 0) {
    return audit_file_error("open", path, errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return audit_file_error("open", path, EISDIR);
  }
  if (::flock(reserve_.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) {
      return audit_file_error("lock", path, errno);
    }
    return Error{Category::kUnavailable, "observe.audit_locked",
                 fmt::format("the audit log '{}' is being written by another process; one at a time, or a file each",
                             options_.file.native())};
  }
  const auto size = static_cast<off_t>(options_.reserve_bytes);
  if (system_.truncate(reserve_.get(), size) != 0 || (size > 0 && system_.allocate(reserve_.get(), size) != 0)) {
    return audit_file_error("reserve space in", path, errno);
  }
  return {};
}

Status AuditLog::open_current(int flags) {
  file_ = base::Descriptor(::openat(folder_.get(), names_.current.c_str(),
                                    O_RDWR | O_APPEND | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | flags, 0600));
  struct stat info{};
  if (file_.get() < 0 || ::fstat(file_.get(), &info) != 0) {
    return audit_file_error("open", options_.file, errno);
  }
  if (!S_ISREG(info.st_mode) || info.st_nlink != 1) {
    return audit_file_error("write", options_.file, EISDIR);
  }
  if (info.st_uid != ::geteuid()) {
    return Error{Category::kPermissionDenied, "file.permission",
                 fmt::format("cannot write '{}': it belongs to another user", options_.file.native())};
  }
  if ((info.st_mode & 0777) != 0600 && ::fchmod(file_.get(), 0600) != 0) {
    return audit_file_error("open", options_.file, errno);
  }
  file_bytes_ = static_cast<std::uint64_t>(info.st_size);
  file_device_ = info.st_dev;
  file_inode_ = info.st_ino;
  return {};
}

Error AuditLog::damaged(const fs::path& path, std::string_view why) const {
  return {
      Category::kDataLoss, "observe.audit_damaged",
      fmt::format("the audit log '{}' cannot be continued: {}; `caisson audit verify` says more; move its files away "
                  "to begin a new one",
                  path.native(), why)};
}

/// Goes on behind this line.
Status AuditLog::take_end(const fs::path& path, std::string_view line) {
  const auto frame = parse_audit_frame(line);
  if (!frame) {
    return damaged(path, "its last line is no record");
  }
  if (audit_hash(options_.key, frame->sealed) != frame->hash) {
    return damaged(path, "its last line was changed, or sealed with another key");
  }
  sequence_ = frame->sequence;
  hash_ = frame->hash;
  return {};
}

Status AuditLog::find_end() {
  // Room for a record and two attempts at one behind it.
  constexpr std::uint64_t kWindow = 3 * (kMaxAuditLine + 1);
  const std::uint64_t begin = file_bytes_ > kWindow ? file_bytes_ - kWindow : 0;
  CAISSON_TRY(const std::string tail,
              read_audit_bytes(file_.get(), options_.file, begin, static_cast<std::size_t>(file_bytes_ - begin)));
  std::size_t end = tail.rfind('\n');  // of the line that is looked at
  std::size_t torn = end == std::string::npos ? 0 : end + 1;
  if (const std::string_view last = std::string_view(tail).substr(torn); parse_audit_frame(last)) {
    collected_ = "\n";  // that is all it lacks
    return take_end(options_.file, last);
  }
  while (end != std::string::npos) {
    const std::size_t before = end == 0 ? std::string::npos : tail.rfind('\n', end - 1);
    const std::size_t first = before == std::string::npos ? 0 : before + 1;
    const std::string_view line(tail.data() + first, end - first);
    if (parse_audit_frame(line) || !may_be_torn(line)) {
      CAISSON_CHECK(take_end(options_.file, line));
      torn_ = tail.substr(torn);
      return {};
    }
    torn = first;
    end = before;
  }
  if (begin > 0) {
    return damaged(options_.file, "there is no record at its end");
  }
  torn_ = tail;
  return find_end_of_rotated();
}

/// The current file has no record: either there is no log yet, or it was being rotated.
Status AuditLog::find_end_of_rotated() {
  CAISSON_TRY(const std::vector<std::uint64_t> numbers, rotated_audit_files(names_));
  if (numbers.empty()) {
    return {};
  }
  const std::string name = names_.rotated(numbers.front());
  CAISSON_TRY(const base::Descriptor file, open_audit_file(folder_.get(), shown(name), name));
  struct stat info{};
  if (::fstat(file.get(), &info) != 0) {
    return audit_file_error("read", shown(name), errno);
  }
  const auto size = static_cast<std::uint64_t>(info.st_size);
  const std::uint64_t begin = size > kMaxAuditLine + 2 ? size - kMaxAuditLine - 2 : 0;
  CAISSON_TRY(const std::string tail,
              read_audit_bytes(file.get(), shown(name), begin, static_cast<std::size_t>(size - begin)));
  if (!tail.ends_with('\n')) {
    return damaged(shown(name), "its last line has no end");
  }
  const std::string_view lines = std::string_view(tail).substr(0, tail.size() - 1);
  return take_end(shown(name), lines.substr(lines.rfind('\n') + 1));
}

/// Says in the log that it goes on, and what stands before.
Status AuditLog::go_on() {
  const Time now = options_.environment->wall_time();
  if (!torn_.empty()) {
    const std::string fields = fmt::format(R"(,"bytes":{},"sha256":"{}")", torn_.size(), base::sha256(torn_).hex());
    collected_ = "\n";
    CAISSON_CHECK(add("torn", now, fields));
    if (options_.observer != nullptr) {
      const std::array attributes = {Attribute{"file", std::string_view(options_.file.native())},
                                     Attribute{"bytes", static_cast<std::int64_t>(torn_.size())}};
      options_.observer->on_event({"observe.audit_torn", attributes});
    }
    torn_.clear();
  }
  CAISSON_CHECK(add("open", now,
                    options_.key.empty() ? R"(,"format":1,"chain":"sha256")" : R"(,"format":1,"chain":"hmac-sha256")"));
  CAISSON_CHECK(write());
  if (full_) {
    return audit_file_error("write", options_.file, ENOSPC);
  }
  return {};
}

/// Whether the file is still the one that was opened, with what was written to it and nothing else. If not, the log
/// goes on in a new one, whose first record says so; the chain shows how much is missing.
Status AuditLog::check_file() {
  struct stat info{};
  const bool there = ::fstatat(folder_.get(), names_.current.c_str(), &info, AT_SYMLINK_NOFOLLOW) == 0;
  if (!there && errno != ENOENT) {
    return audit_file_error("read", options_.file, errno);
  }
  std::string_view what;
  if (!there) {
    what = "removed";
  } else if (info.st_dev != file_device_ || info.st_ino != file_inode_) {
    what = "replaced";
  } else if (static_cast<std::uint64_t>(info.st_size) != file_bytes_) {
    what = "changed";
  } else {
    return {};
  }
  if (options_.when_lost == AuditOptions::WhenLost::kFail) {
    return Error{Category::kDataLoss, "observe.audit_failed",
                 fmt::format("'{}' was {} by somebody else while it was written", options_.file.native(), what)};
  }
  if (options_.observer != nullptr) {
    const std::array attributes = {Attribute{"file", std::string_view(options_.file.native())},
                                   Attribute{"what", what}};
    options_.observer->on_event({"observe.audit_lost", attributes});
  }
  if (there) {
    if (const auto moved = move_files(); !moved) {
      return moved.error();
    }
  }
  CAISSON_CHECK(open_current(O_CREAT | O_EXCL));
  ::fsync(folder_.get());  // some file systems refuse it on folders
  return add("lost", options_.environment->wall_time(), fmt::format(R"(,"what":"{}","last":{})", what, sequence_));
}

Status AuditLog::add(std::string_view type, Time time, std::string_view fields) {
  if (collected_.empty()) {
    CAISSON_CHECK(check_file());
  }
  if (!full_ && file_bytes_ + collected_.size() >= std::max<std::uint64_t>(1, options_.max_file_bytes) &&
      torn_.empty()) {
    CAISSON_CHECK(write());
    if (!full_) {  // else there is no room for another file
      CAISSON_CHECK(rotate());
    }
  }
  const std::size_t begin = collected_.size();
  collected_ += R"({"seq":)";
  append_audit_number(collected_, ++sequence_);
  collected_ += R"(,"time":")";
  time_.append(collected_, time);
  collected_ += R"(","type":")";
  collected_ += type;
  collected_ += '"';
  collected_ += fields;
  collected_ += R"(,"prev":")";
  collected_ += hash_;
  collected_ += '"';
  hash_ = audit_hash(options_.key, std::string_view(collected_).substr(begin));
  collected_ += R"(,"hash":")";
  collected_ += hash_;
  collected_ += "\"}\n";
  return collected_.size() >= kCollectedBytes ? write() : Status();
}

Status AuditLog::write() {
  std::size_t done = 0;
  while (done < collected_.size()) {
    const ssize_t written = system_.write(file_.get(), collected_.data() + done, collected_.size() - done);
    if (written > 0) {
      done += static_cast<std::size_t>(written);
      continue;
    }
    const int code = written < 0 ? errno : EIO;
    if (code == EINTR) {
      continue;
    }
    if (is_full(code) && !full_) {
      full_ = true;
      if (system_.truncate(reserve_.get(), 0) == 0) {
        continue;
      }
    }
    file_bytes_ += done;
    collected_.erase(0, done);
    return audit_file_error("write", options_.file, code);
  }
  file_bytes_ += done;
  collected_.clear();
  return {};
}

Status AuditLog::sync() {
  if (system_.sync(file_.get()) != 0) {
    return audit_file_error("write", options_.file, errno);
  }
  return {};
}

std::uint64_t AuditLog::lost() const noexcept {
  return static_cast<std::uint64_t>(std::ranges::count(collected_, '\n'));
}

std::uint64_t AuditLog::first_sequence(const std::string& name) const {
  const auto file = open_audit_file(folder_.get(), shown(name), name);
  const auto head = file ? read_audit_bytes(file->get(), shown(name), 0, kMaxAuditLine + 1) : Result<std::string>("");
  const auto frame = head ? parse_audit_frame(std::string_view(*head).substr(0, head->find('\n'))) : std::nullopt;
  return frame ? frame->sequence : 0;
}

/// Gives each file the next name, the current one that of a rotated one, and removes those that are too many. Returns
/// the name of the oldest.
Result<std::string> AuditLog::move_files() {
  CAISSON_TRY(std::vector<std::uint64_t> numbers, rotated_audit_files(names_));
  const std::size_t keep = std::max<std::size_t>(1, options_.keep_files);
  std::string oldest = names_.rotated(1);
  const auto move = [&](const std::string& from, const std::string& to) -> Status {
    if (system_.rename(folder_.get(), from.c_str(), to.c_str()) != 0) {
      return audit_file_error("rotate", shown(from), errno);
    }
    return {};
  };
  // The highest first, so that a name is free when it is needed, and a crash leaves a gap and nothing worse.
  for (std::size_t i = numbers.size(); i-- > 0;) {
    const std::string name = names_.rotated(numbers[i]);
    if (numbers[i] >= keep) {
      if (::unlinkat(folder_.get(), name.c_str(), 0) != 0 && errno != ENOENT) {
        return audit_file_error("remove", shown(name), errno);
      }
      continue;
    }
    const std::string next = names_.rotated(numbers[i] + 1);
    CAISSON_CHECK(move(name, next));
    oldest = oldest == names_.rotated(1) ? next : oldest;
  }
  CAISSON_CHECK(move(names_.current, names_.rotated(1)));
  return oldest;
}

Status AuditLog::rotate() {
  CAISSON_CHECK(sync());
  CAISSON_TRY(const std::string oldest, move_files());
  CAISSON_CHECK(open_current(O_CREAT | O_EXCL));
  ::fsync(folder_.get());  // some file systems refuse it on folders
  return add("rotate", options_.environment->wall_time(), fmt::format(R"(,"first":{})", first_sequence(oldest)));
}

}  // namespace caisson::observe
