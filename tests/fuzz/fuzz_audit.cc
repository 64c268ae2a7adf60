// Any bytes as the files of an audit log: every line is given, whatever pieces it arrives in; a verdict is always
// given, in words a terminal can be shown; a log that Caisson could not have sealed is never intact.

#include "base/unicode.h"
#include "fuzz.h"
#include "observe/audit_reader.h"
#include "observe/internal/audit_line.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace fuzz = caisson::fuzz;
namespace observe = caisson::observe;

namespace {

/// The first byte says how long the pieces are, so that lines are cut at every place.
std::vector<std::string> lines_of(std::string_view text, std::size_t piece, observe::AuditVerifier& verifier) {
  std::vector<std::string> lines;
  observe::AuditLineSplitter splitter([&](observe::AuditLine line) {
    line.file = "audit.jsonl";
    fuzz::require(line.number == lines.size() + 1, "lines are counted");
    fuzz::require(line.text.find('\n') == std::string_view::npos, "a line has no line break");
    fuzz::require(line.text.size() <= observe::kMaxAuditLine, "lines keep their cap");
    lines.emplace_back(line.text);
    verifier.add(line);
    return true;
  });
  for (std::size_t at = 0; at < text.size(); at += piece) {
    fuzz::require(splitter.feed(text.substr(at, piece)), "nobody stopped it");
  }
  fuzz::require(splitter.end(), "nobody stopped it");
  return lines;
}

void check(const observe::AuditVerdict& verdict, std::size_t lines) {
  fuzz::require(verdict.lines == lines, "every line counts");
  fuzz::require(verdict.findings.size() <= 6, "findings keep their cap");
  fuzz::require(verdict.first != 0 || !verdict.intact(), "without a record it is not intact");
  for (const caisson::Diagnostic& finding : verdict.findings) {
    fuzz::require(!finding.message.empty() && caisson::base::is_utf8(finding.message), "messages are UTF-8");
    fuzz::require(
        std::ranges::none_of(finding.message, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }),
        "messages have no control characters");
  }
}

/// Seals each line of the text as a record, so that the fuzzer gets behind the hashes.
std::string sealed(const std::vector<std::string>& lines) {
  std::string out;
  std::string prev(observe::first_audit_hash());
  std::uint64_t sequence = 0;
  for (const std::string& line : lines) {
    std::string record = R"({"seq":)" + std::to_string(++sequence) + R"(,"time":"2026-11-21T14:28:27.123456Z","type":)";
    const std::size_t type = std::min(line.find(','), line.size());
    observe::append_audit_string(record, std::string_view(line).substr(0, type));
    record += R"(,"text":)";
    observe::append_audit_string(record, std::string_view(line).substr(type));
    record += R"(,"prev":")" + prev + '"';
    prev = observe::audit_hash("key", record);
    out += record + R"(,"hash":")" + prev + "\"}\n";
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = data[0] + std::size_t{1};
  const observe::AuditVerifier::Options options{.key = "key", .max_findings = 5};
  observe::AuditVerifier first(options);
  const std::vector<std::string> lines = lines_of(text, piece, first);
  const observe::AuditVerdict verdict = first.finish();
  check(verdict, lines.size());
  fuzz::require(!verdict.intact(), "nothing without the key is intact");
  observe::AuditVerifier second(options);
  fuzz::require(lines_of(text, text.size() + 1, second) == lines, "pieces make no difference");

  observe::AuditVerifier third(options);
  const std::vector<std::string> records = lines_of(sealed(lines), piece, third);
  check(third.finish(), records.size());
  fuzz::require(records.size() == lines.size(), "a record is a line, whatever is in it");
  return 0;
}
