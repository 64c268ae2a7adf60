#pragma once

#include "base/testing/fake_environment.h"
#include "base/testing/temporary_folder.h"
#include "observe/audit.h"
#include "observe/audit_reader.h"
#include "observe/testing/small_disk.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::observe {

/// A folder with a log in it, for tests: the files are real; the time and what fails are a test's.
struct AuditFixture {
  base::TemporaryFolder folder;
  base::FakeEnvironment environment;
  SmallDisk disk;

  [[nodiscard]] std::filesystem::path path(const char* name = "audit.jsonl") const { return folder / name; }
  [[nodiscard]] AuditOptions options() {
    AuditOptions out;
    out.file = path();
    out.environment = &environment;
    out.reserve_bytes = 64 << 10;
    out.system = &disk;
    return out;
  }
};

inline std::string file_text(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void write_file(const std::filesystem::path& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

inline std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t size = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, size));
    text.remove_prefix(std::min(size + 1, text.size()));
  }
  return lines;
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) {
    out += line + '\n';
  }
  return out;
}

/// What the verifier says of the log at `path`.
inline AuditVerdict verdict_of(const std::filesystem::path& path, AuditVerifier::Options options = {}) {
  const AuditFiles files = audit_files(path).value();
  options.whole_log = files.whole_log;
  AuditVerifier verifier(std::move(options));
  const Status read = read_audit(files.files, [&](const AuditLine& line) {
    verifier.add(line);
    return true;
  });
  read.value();
  return verifier.finish();
}

/// Its findings, a line each: `error observe.audit_gap audit.jsonl:3`.
inline std::vector<std::string> findings_of(const AuditVerdict& verdict) {
  std::vector<std::string> out;
  for (const Diagnostic& d : verdict.findings) {
    out.push_back((d.severity == Severity::kError ? "error " : "warning ") + d.reason + ' ' +
                  std::filesystem::path(d.where.file).filename().native() + ':' + std::to_string(d.where.line));
  }
  return out;
}

/// A record with something in every field.
struct SampleRecord {
  std::array<AuditNumber, 2> usage{AuditNumber{"wall_ns", 1200}, AuditNumber{"fuel", 42}};
  std::array<AuditNumber, 1> host_calls{AuditNumber{"caisson_v1.log", 3}};
  std::array<AuditViolation, 1> violations{
      AuditViolation{"capability", "high", "asked for /etc/passwd; grants: {read: [/etc]} allows it"}};

  [[nodiscard]] AuditRecord record(std::uint64_t call, std::string_view node = "n1") const {
    AuditRecord out;
    out.call = call;
    out.run = "flow.yaml";
    out.node = node;
    out.module = base::sha256("module");
    out.policy = base::sha256("policy");
    out.status = "denied";
    out.reason = "sandbox.denied";
    out.usage = usage;
    out.host_calls = host_calls;
    out.violations = violations;
    return out;
  }
};

}  // namespace caisson::observe
