#include "base/unicode.h"
#include "cli/audit_table.h"
#include "cli/command.h"
#include "cli/messages.h"
#include "document/parse.h"
#include "document/print.h"
#include "observe/audit.h"
#include "observe/audit_reader.h"
#include "workflow/run_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <optional>

namespace caisson::cli {

namespace {

using document::Value;

std::string place_of(const observe::AuditLine& line) {
  return fmt::format("{}:{}", base::printable(line.file), line.number);
}

class AuditCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] show|verify LOG")
        .about(
            "Shows the records of an audit log, or verifies that none of them was edited, removed, added or reordered. "
            "The log is a file and those that were rotated away from it; a folder means audit.jsonl in it. `verify` "
            "ends with exit code 10 when something is wrong.")
        .operand("ACTION", "What to do", {"show", "verify"})
        .operand("LOG", "The file that `caisson run --audit` was given, or its folder")
        .text("--run", "ID", "show: only calls of this run", run_)
        .number("--last", 1, kMaxLast, "show: only so many records, the last ones", last_)
        .path("--key", "verify: file with the key of the log", key_)
        .text("--includes", "HASH", "verify: there must be a record with this hash, kept from an earlier time",
              includes_)
        .flag("--json", "Prints records as they are in the log, a line each; or the verdict as JSON", json_)
        .example("caisson audit show --last 20 audit.jsonl", "Shows the last twenty records.")
        .example("caisson audit verify audit.jsonl", "Verifies the log and all files that were rotated.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (operands.size() != 2 || (operands[0] != "show" && operands[0] != "verify")) {
      return fail_usage(context, "audit", "it takes what to do, show or verify, and one log");
    }
    const bool showing = operands[0] == "show";
    if (showing ? key_ || includes_ : run_ || last_) {
      return fail_usage(context, "audit",
                        showing ? "--key and --includes are for verify" : "--run and --last are for show");
    }
    const Result<observe::AuditFiles> log = observe::audit_files(operands[1]);
    if (!log) {
      return fail(context, log.error());
    }
    return showing ? show(context, log->files) : verify(context, operands[1], *log);
  }

 private:
  static constexpr std::size_t kMaxLast = 10'000;
  static constexpr std::size_t kMaxComplaints = 20;

  int show(Context& context, const std::vector<std::filesystem::path>& files) const {
    std::size_t no_records = 0;
    std::deque<std::string> last;
    if (!json_) {
      context.output.out(audit_table_head());
    }
    const Status read = observe::read_audit(files, [&](const observe::AuditLine& line) {
      std::optional<std::string> shown = show_line(line);
      if (!shown) {
        if (++no_records <= kMaxComplaints) {
          print_message(context,
                        fmt::format("{}: this is no record; `caisson audit verify` says more", place_of(line)));
        }
      } else if (last_) {
        last.push_back(std::move(*shown));
        if (last.size() > *last_) {
          last.pop_front();
        }
      } else {
        context.output.out(*shown);
      }
      return true;
    });
    for (const std::string& shown : last) {
      context.output.out(shown);
    }
    if (no_records > kMaxComplaints) {
      print_message(context, fmt::format("{} more lines are no records", no_records - kMaxComplaints));
    }
    return read ? 0 : fail(context, read.error());
  }

  /// Empty: not wanted; nothing: no record.
  [[nodiscard]] std::optional<std::string> show_line(const observe::AuditLine& line) const {
    if (line.form != observe::AuditLine::Form::kWhole ||
        !std::ranges::all_of(line.text, [](char c) { return c >= 0x20 && c < 0x7F; })) {
      return std::nullopt;
    }
    const Result<Value> record = document::parse_json(line.text, line.file);
    if (!record || record->find("seq") == nullptr) {
      return std::nullopt;
    }
    const Value* const run = record->find("run");
    const std::string* const id = run == nullptr ? nullptr : run->as_string();
    if (run_ && (id == nullptr || *id != *run_)) {
      return std::string();
    }
    return json_ ? std::string(line.text) + '\n' : audit_table_rows(*record);
  }

  int verify(Context& context, const std::string& name, const observe::AuditFiles& log) const {
    observe::AuditVerifier::Options options;
    options.whole_log = log.whole_log;
    options.expected_hash = includes_.value_or("");
    if (key_) {
      Result<std::string> key = observe::read_audit_key(context.environment, *key_);
      if (!key) {
        return fail(context, key.error());
      }
      options.key = *std::move(key);
    }
    observe::AuditVerifier verifier(std::move(options));
    const Status read = observe::read_audit(log.files, [&](const observe::AuditLine& line) {
      verifier.add(line);
      return true;
    });
    if (!read) {
      return fail(context, read.error());
    }
    const observe::AuditVerdict verdict = verifier.finish();
    if (json_) {
      context.output.out(document::to_json(to_value(name, log, verdict), document::JsonStyle::kIndented) + '\n');
    } else {
      print_diagnostics(context, verdict.findings);
      const std::string records =
          verdict.first == 0 ? std::string("no record") : fmt::format("records {} to {}", verdict.first, verdict.last);
      context.output.out(fmt::format("{}: {}, {} in {} file{}\n", base::printable(name),
                                     verdict.intact() ? "intact" : "DAMAGED", records, log.files.size(),
                                     log.files.size() == 1 ? "" : "s"));
      context.output.out(fmt::format("last hash: {}\n", verdict.last_hash.empty() ? "none" : verdict.last_hash));
    }
    return verdict.intact() ? 0 : exit_code(Category::kDataLoss);
  }

  static Value to_value(const std::string& name, const observe::AuditFiles& log, const observe::AuditVerdict& verdict) {
    const auto number = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
    Value names = Value::list();
    for (const std::filesystem::path& file : log.files) {
      names.push(file.native());
    }
    Value findings = Value::list();
    for (const Diagnostic& finding : verdict.findings) {
      findings.push(workflow::to_value(finding));
    }
    return Value::map({{"log", name},
                       {"intact", verdict.intact()},
                       {"first", number(verdict.first)},
                       {"last", number(verdict.last)},
                       {"last_hash", verdict.last_hash},
                       {"files", std::move(names)},
                       {"diagnostics", std::move(findings)}});
  }

  std::optional<std::string> run_;
  std::optional<std::size_t> last_;
  std::optional<std::string> key_;
  std::optional<std::string> includes_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_audit_command() { return std::make_unique<AuditCommand>(); }

}  // namespace caisson::cli
