#include "observe/audit_reader.h"

#include "observe/audit.h"
#include "observe/internal/audit_files.h"
#include "observe/internal/audit_line.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

namespace caisson::observe {

namespace fs = std::filesystem;

namespace {

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::symlink_status(path, ignored).type() != fs::file_type::not_found;
}

/// Whether it is `audit.3.jsonl`, beside `audit.jsonl`.
bool is_rotated(const fs::path& file) {
  const fs::path current = file.parent_path() / (file.stem().stem().native() + file.extension().native());
  return AuditNames(current).number_of(file.filename().native()) > 0 && is_there(current);
}

}  // namespace

Result<AuditFiles> audit_files(const fs::path& path) {
  const fs::path file = audit_file(path);
  const AuditNames names(file);
  CAISSON_TRY(const std::vector<std::uint64_t> numbers, rotated_audit_files(names));
  AuditFiles out;
  out.whole_log = !is_rotated(file);
  for (std::size_t i = numbers.size(); i-- > 0;) {
    out.files.push_back(file.parent_path() / names.rotated(numbers[i]));
  }
  if (is_there(file)) {
    out.files.push_back(file);
  }
  if (out.files.empty()) {
    return audit_file_error("read", file, ENOENT);
  }
  return out;
}

bool AuditLineSplitter::give(std::string_view text, AuditLine::Form form) {
  return receive_({.file = {}, .number = ++number_, .text = text, .form = form});
}

bool AuditLineSplitter::feed(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.find('\n'), bytes.size());
    const bool ends = size < bytes.size();
    const std::string_view piece = bytes.substr(0, size);
    bytes.remove_prefix(ends ? size + 1 : size);
    if (too_long_ || begun_.size() + piece.size() > kMaxAuditLine) {
      begun_ += too_long_ ? std::string_view() : piece.substr(0, kMaxAuditLine - begun_.size());
      too_long_ = true;
    } else if (!ends || !begun_.empty()) {
      begun_ += piece;
    }
    if (ends) {
      const bool more = give(begun_.empty() ? piece : std::string_view(begun_),
                             too_long_ ? AuditLine::Form::kTooLong : AuditLine::Form::kWhole);
      begun_.clear();
      too_long_ = false;
      if (!more) {
        return false;
      }
    }
  }
  return true;
}

bool AuditLineSplitter::end() {
  const bool more =
      begun_.empty() || give(begun_, too_long_ ? AuditLine::Form::kTooLong : AuditLine::Form::kUnfinished);
  begun_.clear();
  too_long_ = false;
  return more;
}

Status read_audit(const std::vector<fs::path>& files, const std::function<bool(const AuditLine&)>& receive) {
  // All are opened before any is read, so that rotating them meanwhile changes nothing.
  std::vector<base::Descriptor> open;
  for (const fs::path& file : files) {
    CAISSON_TRY(base::Descriptor descriptor, open_audit_file(AT_FDCWD, file, file.native()));
    open.push_back(std::move(descriptor));
  }
  std::vector<char> buffer(256 << 10);
  for (std::size_t i = 0; i < files.size(); ++i) {
    AuditLineSplitter splitter([&](AuditLine line) {
      line.file = files[i].native();
      return receive(line);
    });
    while (true) {
      const ssize_t got = ::read(open[i].get(), buffer.data(), buffer.size());
      if (got < 0 && errno == EINTR) {
        continue;
      }
      if (got < 0) {
        return audit_file_error("read", files[i], errno);
      }
      if (got == 0) {
        break;
      }
      if (!splitter.feed({buffer.data(), static_cast<std::size_t>(got)})) {
        return {};
      }
    }
    if (!splitter.end()) {
      return {};
    }
  }
  return {};
}

}  // namespace caisson::observe
