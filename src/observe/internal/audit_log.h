#pragma once

#include "observe/audit.h"
#include "observe/internal/audit_files.h"
#include "observe/internal/audit_line.h"
#include "observe/internal/audit_system.h"

#include <caisson/result.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace caisson::observe {

/// The files of a log and the end of its chain, for the one thread that writes them.
class AuditLog {
 public:
  using Time = std::chrono::system_clock::time_point;

  /// Locks the log, takes the reserve, finds the end of the chain, and writes that it goes on.
  /// Errors: those of Audit::open.
  [[nodiscard]] static Result<std::unique_ptr<AuditLog>> open(const AuditOptions& options, AuditSystem& system);
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;
  ~AuditLog() = default;

  /// Adds a line: `fields` is `,"name":value...`, or empty. Lines are collected and written in large pieces; a file
  /// that is large enough is rotated before.
  [[nodiscard]] Status add(std::string_view type, Time time, std::string_view fields);

  /// Writes what is collected. When the disk is full it gives up the reserve and goes on: see `full`.
  [[nodiscard]] Status write();

  [[nodiscard]] Status sync();

  /// The reserve was needed: the log must come to its end.
  [[nodiscard]] bool full() const noexcept { return full_; }

  /// Lines that were added and are not in the file, after an error.
  [[nodiscard]] std::uint64_t lost() const noexcept;

 private:
  AuditLog(const AuditOptions& options, AuditSystem& system);

  [[nodiscard]] Status open_folder();
  [[nodiscard]] Status lock();
  [[nodiscard]] Status open_current(int flags);
  [[nodiscard]] Status find_end();
  [[nodiscard]] Status take_end(const std::filesystem::path& shown, std::string_view line);
  [[nodiscard]] Status find_end_of_rotated();
  [[nodiscard]] Status go_on();
  [[nodiscard]] Status rotate();
  [[nodiscard]] Result<std::string> move_files();
  [[nodiscard]] Status check_file();
  [[nodiscard]] std::uint64_t first_sequence(const std::string& name) const;
  [[nodiscard]] Error damaged(const std::filesystem::path& shown, std::string_view why) const;
  [[nodiscard]] std::filesystem::path shown(const std::string& name) const { return names_.folder / name; }

  const AuditOptions& options_;
  AuditSystem& system_;
  const AuditNames names_;
  base::Descriptor folder_;
  base::Descriptor reserve_;
  base::Descriptor file_;

  std::uint64_t sequence_ = 0;  // of the last line
  std::string hash_;            // of the last line
  std::string torn_;            // what stands behind the last line and is none
  std::uint64_t file_bytes_ = 0;
  dev_t file_device_ = 0;
  ino_t file_inode_ = 0;
  std::string collected_;
  AuditTime time_;
  bool full_ = false;
};

}  // namespace caisson::observe
