#include "observe/audit_reader.h"

#include "observe/internal/audit_line.h"
#include "observe/testing/audit_fixture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

namespace caisson::observe {
namespace {

using Findings = std::vector<std::string>;

/// A log of five records: open, three calls, close.
class AuditReaderTest : public testing::TestWithParam<std::string>, public AuditFixture {
 protected:
  AuditReaderTest() {
    AuditOptions with_key = options();
    with_key.key = GetParam();
    const SampleRecord sample;
    const auto audit = Audit::open(std::move(with_key)).value();
    for (std::uint64_t i = 1; i <= 3; ++i) {
      audit->append(sample.record(i)).value();
    }
  }

  [[nodiscard]] AuditVerdict verdict(const std::string& text) {
    AuditVerifier verifier({.key = GetParam()});
    AuditLineSplitter splitter([&](AuditLine line) {
      line.file = "audit.jsonl";
      verifier.add(line);
      return true;
    });
    EXPECT_TRUE(splitter.feed(text) && splitter.end());
    return verifier.finish();
  }
  [[nodiscard]] Findings after(const std::function<void(std::vector<std::string>&)>& change) {
    std::vector<std::string> lines = lines_of(whole());
    change(lines);
    const AuditVerdict found = verdict(joined(lines));
    EXPECT_FALSE(found.intact());
    return findings_of(found);
  }
  [[nodiscard]] const std::string& whole() {
    if (whole_.empty()) {
      whole_ = file_text(path());
    }
    return whole_;
  }

 private:
  std::string whole_;
};

INSTANTIATE_TEST_SUITE_P(Keys, AuditReaderTest, testing::Values("", "a key"),
                         [](const auto& chosen) { return chosen.param.empty() ? "Without" : "With"; });

TEST_P(AuditReaderTest, AnIntactLogHasNoFindings) {
  const AuditVerdict found = verdict(whole());
  EXPECT_EQ(findings_of(found), Findings());
  EXPECT_EQ(found.lines, 5U);
  EXPECT_EQ(found.first, 1U);
  EXPECT_EQ(found.last, 5U);
  EXPECT_EQ(found.last_hash, whole().substr(whole().size() - 67, 64));
}

TEST_P(AuditReaderTest, EveryByteThatIsChangedIsFoundOnItsLine) {
  const std::string text = whole();
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const int flip : {0x01, 0x20, 0x80}) {
      std::string changed = text;
      changed[i] = static_cast<char>(changed[i] ^ flip);
      const AuditVerdict found = verdict(changed);
      ASSERT_FALSE(found.intact()) << "byte " << i;
      const auto line = std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i), '\n') + 1;
      const auto error = std::ranges::find(found.findings, Severity::kError, &Diagnostic::severity);
      ASSERT_EQ(error->where.line, line) << "byte " << i;
    }
  }
}

TEST_P(AuditReaderTest, EveryByteThatIsRemovedOrAddedIsFound) {
  const std::string text = whole();
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string changed = text;
    changed.erase(i, 1);
    ASSERT_FALSE(verdict(changed).intact()) << "byte " << i << " removed";
    changed = text;
    changed.insert(i, 1, '0');
    ASSERT_FALSE(verdict(changed).intact()) << "byte " << i << " added";
    changed = text;
    changed.insert(i, 1, '\n');
    ASSERT_FALSE(verdict(changed).intact()) << "line break at " << i;
  }
}

TEST_P(AuditReaderTest, EveryCutWithinALineIsFound) {
  const std::string text = whole();
  for (std::size_t size = 0; size < text.size(); ++size) {
    const AuditVerdict found = verdict(text.substr(0, size));
    if (size == 0 || text[size - 1] != '\n') {
      ASSERT_FALSE(found.intact()) << size;
    } else {
      // A cut between two lines cannot be told from a program that was ended, except by a hash kept elsewhere.
      ASSERT_EQ(found.findings.at(0).reason, "observe.audit_not_closed") << size;
    }
  }
  const std::string last = text.substr(text.size() - 67, 64);
  write_file(path(), text.substr(0, text.rfind('\n', text.size() - 2) + 1));
  EXPECT_FALSE(verdict_of(path(), {.key = GetParam(), .expected_hash = last}).intact());
  write_file(path(), text);
  EXPECT_TRUE(verdict_of(path(), {.key = GetParam(), .expected_hash = last}).intact());
}

TEST_P(AuditReaderTest, RemovedRepeatedAndReorderedLinesAreFound) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(after([](Lines& l) { l.erase(l.begin() + 2); }), Findings({"error observe.audit_gap audit.jsonl:3"}));
  EXPECT_EQ(after([](Lines& l) { l.erase(l.begin() + 1, l.begin() + 4); }),
            Findings({"error observe.audit_gap audit.jsonl:2"}));
  EXPECT_EQ(after([](Lines& l) { l.erase(l.begin(), l.begin() + 2); }),
            Findings({"error observe.audit_gap audit.jsonl:1"}));
  EXPECT_EQ(after([](Lines& l) { l.insert(l.begin() + 2, l[2]); }),
            Findings({"error observe.audit_order audit.jsonl:4"}));
  EXPECT_EQ(after([](Lines& l) { std::swap(l[1], l[2]); }),
            Findings({"error observe.audit_gap audit.jsonl:2", "error observe.audit_order audit.jsonl:3",
                      "error observe.audit_gap audit.jsonl:4"}));
  EXPECT_EQ(after([](Lines& l) { l.insert(l.begin() + 1, ""); }),
            Findings({"error observe.audit_not_a_record audit.jsonl:2"}));
  EXPECT_EQ(after([](Lines& l) { l.insert(l.begin() + 1, R"({"level":"audit"})"); }),
            Findings({"error observe.audit_not_a_record audit.jsonl:2"}));
  EXPECT_EQ(after([](Lines& l) { l.emplace_back("garbage"); }),
            Findings({"error observe.audit_not_a_record audit.jsonl:6"}));
  EXPECT_EQ(after([](Lines& l) { l.assign(3, std::string(kMaxAuditLine + 1, 'x')); }).size(), 4U);
}

TEST_P(AuditReaderTest, AForgedLineIsFoundByItsSuccessorAndByTheKey) {
  std::vector<std::string> lines = lines_of(whole());
  // Whoever has no key makes the best line they can: the content changed, the hash computed anew without a key.
  std::string& line = lines[2];
  line.replace(line.find("\"fuel\":42"), 9, "\"fuel\":43");
  const std::string sealed(parse_audit_frame(line)->sealed);
  line = sealed + R"(,"hash":")" + base::sha256(sealed).hex() + "\"}";
  const Findings found = findings_of(verdict(joined(lines)));
  EXPECT_EQ(found, GetParam().empty() ? Findings({"error observe.audit_gap audit.jsonl:4"})
                                      : Findings({"error observe.audit_changed audit.jsonl:3",
                                                  "error observe.audit_gap audit.jsonl:4"}));
}

TEST_P(AuditReaderTest, ListsOnlySoMuchAndStillKnowsThatItIsDamaged) {
  std::vector<std::string> lines(200, "garbage");
  AuditVerifier verifier({.key = GetParam(), .max_findings = 3});
  std::uint64_t number = 0;
  for (const std::string& line : lines) {
    verifier.add({.file = "f", .number = ++number, .text = line, .form = AuditLine::Form::kTooLong});
  }
  const AuditVerdict found = verifier.finish();
  EXPECT_EQ(found.findings.size(), 4U);
  EXPECT_EQ(found.findings.back().message, "198 more");
  EXPECT_FALSE(found.intact());
}

TEST(AuditFiles, OldestFirstAndNothingElse) {
  AuditFixture fixture;
  for (const char* name : {"audit.jsonl", "audit.1.jsonl", "audit.2.jsonl", "audit.10.jsonl", "audit.01.jsonl",
                           "audit.x.jsonl", "audit.0.jsonl", "other.1.jsonl", "audit..jsonl", "audit.jsonl.reserve"}) {
    write_file(fixture.path(name), "");
  }
  std::vector<std::string> names;
  const AuditFiles found = audit_files(fixture.folder.path()).value();
  EXPECT_TRUE(found.whole_log);
  for (const auto& file : found.files) {
    names.push_back(file.filename());
  }
  EXPECT_EQ(names, std::vector<std::string>({"audit.10.jsonl", "audit.2.jsonl", "audit.1.jsonl", "audit.jsonl"}));
  const AuditFiles one = audit_files(fixture.path("audit.2.jsonl")).value();
  EXPECT_FALSE(one.whole_log);
  EXPECT_EQ(one.files, std::vector<std::filesystem::path>({fixture.path("audit.2.jsonl")}));
  const auto missing = audit_files(fixture.path("nothing.jsonl"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().reason, "file.missing");
}

TEST(AuditLineSplitter, GivesTheSameLinesHoweverTheBytesArrive) {
  const std::string text =
      "one\n\n" + std::string(kMaxAuditLine, 'a') + '\n' + std::string(kMaxAuditLine + 1, 'b') + "\ntwo\nunfinished";
  std::vector<std::string> expected;
  for (const std::size_t piece : {text.size(), std::size_t{1}, std::size_t{4096}, kMaxAuditLine}) {
    std::vector<std::string> lines;
    AuditLineSplitter splitter([&](const AuditLine& line) {
      EXPECT_LE(line.text.size(), kMaxAuditLine);
      lines.push_back(std::to_string(line.number) + ' ' + std::to_string(static_cast<int>(line.form)) + ' ' +
                      std::string(line.text.substr(0, 10)) + ' ' + std::to_string(line.text.size()));
      return true;
    });
    for (std::size_t at = 0; at < text.size(); at += piece) {
      EXPECT_TRUE(splitter.feed(std::string_view(text).substr(at, piece)));
    }
    EXPECT_TRUE(splitter.end());
    expected = expected.empty() ? lines : expected;
    EXPECT_EQ(lines, expected) << piece;
  }
  const std::string cap = std::to_string(kMaxAuditLine);
  EXPECT_EQ(expected, std::vector<std::string>({"1 0 one 3", "2 0  0", "3 0 aaaaaaaaaa " + cap, "4 2 bbbbbbbbbb " + cap,
                                                "5 0 two 3", "6 1 unfinished 10"}));
}

TEST(AuditLineSplitter, StopsWhenItIsTold) {
  int given = 0;
  AuditLineSplitter splitter([&](const AuditLine&) { return ++given < 2; });
  EXPECT_FALSE(splitter.feed("a\nb\nc\n"));
  EXPECT_EQ(given, 2);
}

}  // namespace
}  // namespace caisson::observe
