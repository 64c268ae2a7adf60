#pragma once

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::observe {

/// A line of an audit log's files. Nothing in it is to be trusted: any bytes, except a line break.
struct AuditLine {
  enum class Form : std::uint8_t {
    kWhole,
    kUnfinished,  ///< the file ends without a line break
    kTooLong,     ///< no record is that long; `text` is its beginning
  };
  std::string_view file;
  std::uint64_t number = 0;  ///< from 1, in its file
  std::string_view text;
  Form form = Form::kWhole;
};

/// The files of a log, the oldest first.
struct AuditFiles {
  std::vector<std::filesystem::path> files;
  bool whole_log = true;  ///< false: a rotated file was named, which stands for itself
};

/// The files of the log at `path`: those that were rotated, then the file itself. A folder means `audit.jsonl` in it.
/// Errors: not_found / file.missing when there is none; those of listing a folder.
[[nodiscard]] Result<AuditFiles> audit_files(const std::filesystem::path& path);

/// Gives every line of the files, in order, until `receive` returns false. Memory does not grow with the files.
/// Errors: file.* of a file that cannot be read; all are opened before the first line is given.
[[nodiscard]] Status read_audit(const std::vector<std::filesystem::path>& files,
                                const std::function<bool(const AuditLine&)>& receive);

/// Cuts bytes that arrive in pieces into lines.
class AuditLineSplitter {
 public:
  /// `receive` is told each line, its file's name left empty, until it returns false.
  using Receive = std::function<bool(AuditLine)>;
  explicit AuditLineSplitter(Receive receive) : receive_(std::move(receive)) {}

  /// False: `receive` wants no more.
  [[nodiscard]] bool feed(std::string_view bytes);
  [[nodiscard]] bool end();

 private:
  [[nodiscard]] bool give(std::string_view text, AuditLine::Form form);

  Receive receive_;
  std::string begun_;  // a line whose end has not been seen, up to the longest there is
  bool too_long_ = false;
  std::uint64_t number_ = 0;
};

/// What is known of a log after reading all of it.
struct AuditVerdict {
  std::uint64_t lines = 0;
  std::uint64_t first = 0;  ///< sequence number of the first record; 0: there is none
  std::uint64_t last = 0;
  std::string last_hash;  ///< whoever keeps it elsewhere can find out later whether the log was cut off behind it
  /// Errors: what was edited, removed, added, reordered or cut. Warnings: what is missing at its beginning because of
  /// rotation, and places where a program ended without closing the log.
  std::vector<Diagnostic> findings{};

  [[nodiscard]] bool intact() const noexcept;
};

/// Follows the chain of a log, line by line.
class AuditVerifier {
 public:
  struct Options {
    std::string key{};              ///< of the chain; empty: SHA-256 without one
    bool whole_log = true;          ///< all files of a log are given, not one of them
    std::string expected_hash{};    ///< the log must have a record with this hash; empty: none in particular
    std::size_t max_findings = 50;  ///< more are counted
  };
  explicit AuditVerifier(Options options);
  ~AuditVerifier();

  void add(const AuditLine& line);
  [[nodiscard]] AuditVerdict finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace caisson::observe
