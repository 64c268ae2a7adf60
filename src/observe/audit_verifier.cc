// AuditVerifier: the chain of an audit log, followed line by line.

#include "base/control.h"
#include "base/unicode.h"
#include "observe/audit_reader.h"
#include "observe/internal/audit_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

namespace caisson::observe {

namespace {

/// What a crash leaves behind a record is at most this long.
constexpr std::size_t kMaxTornBytes = 3 * (kMaxAuditLine + 1);

}  // namespace

bool AuditVerdict::intact() const noexcept {
  return std::ranges::none_of(findings, [](const Diagnostic& d) { return d.severity == Severity::kError; });
}

struct AuditVerifier::State {
  Options options;
  AuditVerdict verdict;
  std::size_t left_out = 0;

  std::string expected_prev{first_audit_hash()};
  Location last_place;  // of the last record
  bool open = false;    // the last program that wrote the log has not closed it
  bool found_hash = false;
  std::uint64_t kept_from = 0;  // what the last rotation said is the first record that was kept

  // Lines that are no records, since the last one that is: damage, or what a crash left. The next record tells.
  std::string torn;
  std::optional<Location> torn_place;
  bool torn_too_long = false;

  void report(Severity severity, std::string_view reason, const Location& where, std::string message) {
    if (verdict.findings.size() >= options.max_findings) {
      ++left_out;
      // Whether the log is intact must not depend on how much is listed.
      if (severity == Severity::kError && verdict.intact()) {
        verdict.findings.back() = {severity, std::string(reason), std::move(message), where};
      }
      return;
    }
    verdict.findings.push_back({severity, std::string(reason), std::move(message), where});
  }
  void error(std::string_view reason, const Location& where, std::string message) {
    report(Severity::kError, reason, where, std::move(message));
  }
  void warning(std::string_view reason, const Location& where, std::string message) {
    report(Severity::kWarning, reason, where, std::move(message));
  }

  void keep_torn(const AuditLine& line, const Location& where);
  void judge_torn(const AuditFrame* next);
  void check_place(const AuditFrame& frame, const Location& where);
  void check_type(const AuditFrame& frame, const Location& where);
  void record(const AuditFrame& frame, const Location& where);
};

AuditVerifier::AuditVerifier(Options options) : state_(std::make_unique<State>()) {
  state_->options = std::move(options);
  state_->options.max_findings = std::max<std::size_t>(1, state_->options.max_findings);
}

AuditVerifier::~AuditVerifier() = default;

void AuditVerifier::State::keep_torn(const AuditLine& line, const Location& where) {
  if (!torn_place) {
    torn_place = where;
  } else {
    torn += '\n';
  }
  torn_too_long =
      torn_too_long || line.form == AuditLine::Form::kTooLong || torn.size() + line.text.size() > kMaxTornBytes;
  if (!torn_too_long) {
    torn += line.text;
  }
}

/// What stands between the last record and `next`, or the end.
void AuditVerifier::State::judge_torn(const AuditFrame* next) {
  if (!torn_place) {
    return;
  }
  const bool sealed =
      next != nullptr && next->type == "torn" && !torn_too_long &&
      next->fields == fmt::format(R"(,"bytes":{},"sha256":"{}")", torn.size(), base::sha256(torn).hex());
  if (sealed) {
    warning("observe.audit_unfinished", *torn_place,
            fmt::format("{} bytes of a record that was not finished: the program or the machine stopped here",
                        torn.size()));
  } else {
    error("observe.audit_not_a_record", *torn_place,
          torn.empty() ? std::string("an empty line, which no log has")
                       : fmt::format("this is no record: {}", base::quote(base::shorten(torn, 60))));
  }
  torn.clear();
  torn_place.reset();
  torn_too_long = false;
}

/// Whether the record is the one that comes next.
void AuditVerifier::State::check_place(const AuditFrame& frame, const Location& where) {
  if (!base::holds(base::Control::kAuditChain)) {
    return;
  }
  if (verdict.first == 0) {
    if (frame.sequence > 1) {
      // A file that follows another begins with the record of the rotation.
      if (options.whole_log && frame.type != "rotate") {
        error("observe.audit_gap", where,
              fmt::format("records 1 to {} are missing before this one", frame.sequence - 1));
      } else if (options.whole_log) {
        warning("observe.audit_begins_later", where,
                fmt::format("the log begins with record {}: the ones before were rotated away", frame.sequence));
      }
    } else if (frame.prev != expected_prev) {
      error("observe.audit_gap", where, "the first record follows another one");
    }
    return;
  }
  const std::uint64_t last = verdict.last;
  if (frame.sequence > last && frame.sequence - last > 1) {
    error("observe.audit_gap", where,
          frame.sequence - last == 2
              ? fmt::format("record {} is missing before this one", last + 1)
              : fmt::format("records {} to {} are missing before this one", last + 1, frame.sequence - 1));
  } else if (frame.sequence == last) {
    error("observe.audit_order", where, fmt::format("record {} is there twice", last));
  } else if (frame.sequence < last) {
    error("observe.audit_order", where, fmt::format("record {} stands behind record {}", frame.sequence, last));
  } else if (frame.prev != expected_prev) {
    error("observe.audit_gap", where,
          fmt::format("record {} does not follow the one before it, which was replaced", frame.sequence));
  }
}

void AuditVerifier::State::check_type(const AuditFrame& frame, const Location& where) {
  if (frame.type == "open") {
    if (open) {
      warning("observe.audit_not_closed", last_place,
              "the program that wrote the log until here did not close it: records behind this one may be missing");
    }
    open = true;
  } else if (frame.type == "close") {
    open = false;
  } else if (frame.type == "disk_full") {
    open = false;  // nothing follows it but another program
    warning("observe.audit_disk_full", where, "the disk was full, and nothing more was run");
  } else if (frame.type == "lost") {
    warning("observe.audit_lost", where, "the file was removed, replaced or changed while the log was written");
  } else if (frame.type == "rotate") {
    kept_from = first_audit_number(frame.fields, "first").value_or(0);
  } else if (frame.type == "torn") {
    open = false;  // that it was not closed is said by what was not finished
    if (!torn_place) {
      error("observe.audit_gap", where, "it speaks of an unfinished record, which is missing before it");
    }
  }
}

void AuditVerifier::State::record(const AuditFrame& frame, const Location& where) {
  check_type(frame, where);
  judge_torn(&frame);
  check_place(frame, where);
  if (audit_hash(options.key, frame.sealed) != frame.hash && base::holds(base::Control::kAuditChain)) {
    error("observe.audit_changed", where,
          fmt::format("record {} was changed{}", frame.sequence,
                      options.key.empty() ? ", or sealed with a key, which is needed to verify it"
                                          : ", or sealed with another key"));
  }
  verdict.first = verdict.first == 0 ? frame.sequence : verdict.first;
  verdict.last = frame.sequence;
  verdict.last_hash = frame.hash;
  expected_prev = frame.hash;
  last_place = where;
  found_hash = found_hash || frame.hash == options.expected_hash;
}

void AuditVerifier::add(const AuditLine& line) {
  State& s = *state_;
  ++s.verdict.lines;
  constexpr std::uint64_t kMaxLine = std::numeric_limits<int>::max();
  const Location where{std::string(line.file), static_cast<int>(std::min(line.number, kMaxLine)), 0};
  if (line.form == AuditLine::Form::kTooLong) {
    s.judge_torn(nullptr);
    s.error("observe.audit_not_a_record", where, fmt::format("a line of more than {} bytes", kMaxAuditLine));
    return;
  }
  if (line.form == AuditLine::Form::kUnfinished) {
    s.judge_torn(nullptr);
    s.error("observe.audit_truncated", where,
            "the file ends within a record: it was cut off, or a crash left it so, which the next program to write it "
            "will say");
    return;
  }
  if (const auto frame = parse_audit_frame(line.text)) {
    s.record(*frame, where);
  } else {
    s.keep_torn(line, where);
  }
}

AuditVerdict AuditVerifier::finish() {
  State& s = *state_;
  s.judge_torn(nullptr);
  if (s.verdict.first == 0) {
    s.error("observe.audit_truncated", {}, "there is no record in it");
  } else if (s.options.whole_log) {
    if (s.kept_from > 0 && s.verdict.first > s.kept_from) {
      s.error("observe.audit_gap", {},
              fmt::format("records {} to {} are missing: files were removed that rotation had kept", s.kept_from,
                          s.verdict.first - 1));
    }
    if (s.open) {
      s.warning("observe.audit_not_closed", s.last_place,
                "the log is not closed: it is being written, or its program was ended, or its end was cut off");
    }
  }
  if (!s.options.expected_hash.empty() && !s.found_hash) {
    s.error("observe.audit_truncated", s.last_place,
            fmt::format("no record has the hash {}: the log was cut off or replaced",
                        base::quote(s.options.expected_hash)));
  }
  if (s.left_out > 0) {
    s.verdict.findings.push_back(
        {Severity::kWarning, "observe.audit_more", fmt::format("{} more", s.left_out), Location{}});
  }
  return std::move(s.verdict);
}

}  // namespace caisson::observe
