#pragma once

#include "base/digest.h"
#include "base/environment.h"
#include "observe/observer.h"

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace caisson::observe {

class AuditSystem;

/// A counted thing. The name is a literal, or anything else that outlives the log.
using AuditNumber = std::pair<std::string_view, std::uint64_t>;

struct AuditViolation {
  std::string_view kind;
  std::string_view severity;
  std::string_view description;
};

/// What an audit log says of one call. Everything is borrowed until `append` returns, and may be any bytes; a text that
/// is longer than its cap is cut, and ends in `…` then.
struct AuditRecord {
  std::uint64_t call = 0;  ///< its id in this process
  std::string_view run;
  std::string_view node;
  std::optional<base::Digest> module{};
  std::optional<base::Digest> policy{};
  std::string_view status;  ///< the verdict: ok, trap, limit ...
  std::string_view reason;  ///< of everything but ok: sandbox.memory_limit ...
  std::span<const AuditNumber> usage{};
  std::span<const AuditNumber> host_calls{};
  std::span<const AuditNumber>
      http{};  ///< requests of each kind: `GET https://api.example.com`; these names are copied
  std::span<const AuditViolation> violations{};

  static constexpr std::size_t kMaxTextBytes = 256;         ///< of run, node, reason and every name
  static constexpr std::size_t kMaxDescriptionBytes = 512;  ///< of a violation
  static constexpr std::size_t kMaxNumbers = 64;            ///< of usage and host calls; more are left out
  static constexpr std::size_t kMaxRequests = 8;            ///< kinds of them; more are counted
  static constexpr std::size_t kMaxRequestBytes = 128;      ///< of the name of a kind
  static constexpr std::size_t kMaxViolations = 16;         ///< more are counted
};

struct AuditOptions {
  std::filesystem::path file;                ///< `audit.jsonl`; required
  base::Environment* environment = nullptr;  ///< required
  Observer* observer = nullptr;
  /// Makes the chain one of HMAC-SHA-256: whoever does not know the key cannot make or change a line. Empty: SHA-256.
  std::string key{};
  /// What becomes of a log whose file somebody removed, replaced or changed while it is written.
  enum class WhenLost : std::uint8_t {
    kGoOn,  ///< in a new file, with a record that says so; what was changed is kept beside it
    kFail,
  };
  WhenLost when_lost = WhenLost::kGoOn;
  std::uint64_t max_file_bytes = 64ULL << 20;  ///< a file that has more is rotated
  std::size_t keep_files = 8;                  ///< rotated files, the current one not counted
  std::uint64_t reserve_bytes = 2ULL << 20;    ///< of disk, for the records that wait when the disk is full
  std::size_t queue_bytes = 256 << 10;         ///< records that wait to be written; there are two such buffers
  AuditSystem* system = nullptr;               ///< a test's, to make system calls fail
};

/// An audit log: one line of JSON for each call, each line sealed with a hash over itself and the one before
/// (docs/reference/audit.md).
///
/// Lines are made and written by a thread of its own; `append` only copies the record into a queue. A full queue makes
/// it wait: no record is ever dropped. Whatever keeps a record from being written makes the log fail for good: from
/// then on `append` gives the error. When the disk is full, the records that were accepted and one that says so are
/// written into space that was kept free for them, before that.
///
/// Files: `audit.jsonl`, and `audit.1.jsonl`, `audit.2.jsonl` ... behind it, the newest first, in a folder that only
/// the user may write to; `audit.jsonl.reserve` holds the space and the lock. A log that exists is continued. Was its
/// last line not finished, because the program or the machine stopped, it stays, and the next record says so.
///
/// Somebody removing, replacing or changing the file is noticed before the next records are written.
///
/// Events: observe.audit_torn {file, bytes}; observe.audit_lost {file, what}; observe.audit_failed {why, lost}.
/// Threads: safe to call concurrently. Lifetime: what is named in the options outlives it; the destructor writes what
/// waits, and to the disk itself.
class Audit {
 public:
  /// Errors: unavailable / observe.audit_locked: another process (or Audit) writes it; data_loss /
  /// observe.audit_damaged: its end is none of a log with this key; permission_denied / file.unsafe_directory,
  /// file.permission; invalid_argument / file.not_a_file, file.bad_path; resource_exhausted / file.no_space; internal /
  /// file.io.
  [[nodiscard]] static Result<std::unique_ptr<Audit>> open(AuditOptions options);
  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;
  ~Audit();

  /// Errors: those of `status`; the record is not in the log then.
  [[nodiscard]] Status append(const AuditRecord& record);

  /// Whether records are still accepted. Costs next to nothing: ask before a call that must not go unrecorded.
  /// Errors: resource_exhausted / observe.audit_full; internal / observe.audit_failed.
  [[nodiscard]] Status status() const;
  [[nodiscard]] bool failed() const noexcept;

  enum class Durability : std::uint8_t {
    kWritten,  ///< in the file: outlives the process
    kSynced,   ///< on the disk: outlives a loss of power
  };
  /// Waits until everything that was appended before is in the file.
  /// Errors: those of `status`.
  [[nodiscard]] Status flush(Durability durability = Durability::kWritten);

 private:
  struct State;
  explicit Audit(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// The file of an audit log that a path names: `audit.jsonl` in it when it is a folder.
[[nodiscard]] std::filesystem::path audit_file(const std::filesystem::path& path);

/// The key in a file: its bytes as they are.
/// Errors: file.*; invalid_argument / observe.audit_key: fewer than 16 bytes, or more than 4096.
[[nodiscard]] Result<std::string> read_audit_key(const base::Environment& environment,
                                                 const std::filesystem::path& file);

}  // namespace caisson::observe
