// caisson audit: what it shows of a log, and of bytes that are none. The chain itself is observe's.

#include "base/testing/temporary_folder.h"
#include "cli/audit_table.h"
#include "cli/exit_codes.h"
#include "cli/testing/program_run.h"
#include "document/parse.h"
#include "observe/testing/audit_fixture.h"

#include <fmt/format.h>

namespace caisson::cli {
namespace {

std::string rows(std::string_view record) { return audit_table_rows(document::parse_json(record, "log").value()); }

TEST(AuditTable, ACallIsARowAndEachViolationOneBelow) {
  const std::string out = rows(
      R"({"seq":7,"time":"T","type":"call","run":"r","node":"n","module":"0123456789abcdef","status":"limit",
          "reason":"sandbox.memory_limit","usage":{"wall_ns":1500000,"fuel":42,"memory_bytes":65536},
          "violations":[{"kind":"memory_limit","severity":"high","description":"too much"}],"more_violations":3})");
  EXPECT_NE(out.find("sandbox.memory_limit"), std::string::npos) << out;
  EXPECT_NE(out.find("1.500"), std::string::npos) << "milliseconds";
  EXPECT_NE(out.find("0123456789ab\n"), std::string::npos) << "the beginning of the digest";
  EXPECT_NE(out.find("memory_limit, high: too much\n"), std::string::npos) << out;
  EXPECT_TRUE(out.ends_with("3 more violations\n")) << out;
}

TEST(AuditTable, TheVerdictOfASuccessIsItsStatus) {
  EXPECT_NE(rows(R"({"seq":1,"type":"call","status":"ok","reason":""})").find("  ok  "), std::string::npos);
}

TEST(AuditTable, OtherRecordsSaySomethingEach) {
  const auto event = [](std::string_view fields) {
    const std::string out = rows(fmt::format(R"({{"seq":1,"time":"T",{}}})", fields));
    return out.substr(out.find("-- ") + 3);
  };
  EXPECT_EQ(event(R"("type":"open","chain":"sha256")"), "the log is opened; chain sha256\n");
  EXPECT_EQ(event(R"("type":"close")"), "the log is closed\n");
  EXPECT_EQ(event(R"("type":"rotate","first":3)"), "a new file is begun; kept from record 3\n");
  EXPECT_EQ(event(R"("type":"torn","bytes":9)"), "9 bytes before this are a record that was not finished\n");
  EXPECT_EQ(event(R"("type":"lost","what":"removed","last":5)"),
            "the file, which ended with record 5, was removed by somebody else; this one goes on\n");
  EXPECT_EQ(event(R"("type":"disk_full")"), "the disk was full; nothing more was run\n");
  EXPECT_EQ(event(R"("type":"\u001b[31m")"), "\\u{1b}[31m\n");
}

TEST(AuditTable, FieldsOfAnotherKindAreLeftOut) {
  EXPECT_NE(rows(R"({"seq":"x","type":"call","run":5,"usage":[],"violations":{},"reason":null})"), "");
  EXPECT_EQ(rows(R"({"seq":1,"type":"call","node":"\u009b31m\n"})").find('\x9b'), std::string::npos);
}

class AuditCommandTest : public testing::Test, public observe::AuditFixture {
 protected:
  AuditCommandTest() {
    const auto audit = observe::Audit::open(options()).value();
    const observe::SampleRecord sample;
    audit->append(sample.record(1, "first")).value();
    audit->append(sample.record(2, "second")).value();
  }
  ProgramRun audit(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "audit");
    return run_with(machine_, arguments);
  }
  base::FakeEnvironment machine_;
};

TEST_F(AuditCommandTest, OptionsBelongToOneOfTheTwo) {
  const std::string log = path().native();
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, std::vector<std::string>{"show"}, std::vector<std::string>{"prove", log},
        std::vector<std::string>{"show", "--key", "k", log}, std::vector<std::string>{"verify", "--last", "1", log}}) {
    EXPECT_EQ(audit(arguments).status, kExitUsage);
  }
}

TEST_F(AuditCommandTest, ShowsTheLastOnesAndThoseOfARun) {
  const std::string last = audit({"show", "--last", "2", path().native()}).out;
  EXPECT_EQ(last.find("first"), std::string::npos) << last;
  EXPECT_NE(last.find("second"), std::string::npos) << last;
  EXPECT_EQ(audit({"show", "--run", "another", path().native()}).out, audit_table_head());
}

TEST_F(AuditCommandTest, JsonIsTheRecordsAsTheyAre) {
  EXPECT_EQ(audit({"show", "--json", path().native()}).out, observe::file_text(path()));
}

TEST_F(AuditCommandTest, BytesThatAreNoRecordsAreNamedAndNotShown) {
  observe::write_file(path(), observe::file_text(path()) + "\x1b[2J\n{}\n");
  const ProgramRun run = audit({"show", "--json", path().native()});
  EXPECT_EQ(run.out.find('\x1b'), std::string::npos);
  EXPECT_NE(run.error.find("this is no record"), std::string::npos) << run.error;
}

TEST_F(AuditCommandTest, VerifyEndsWithTenWhenItIsDamaged) {
  EXPECT_EQ(audit({"verify", path().native()}).status, 0);
  std::string text = observe::file_text(path());
  text[text.find("second")] = 'S';
  observe::write_file(path(), text);
  const ProgramRun run = audit({"verify", path().native()});
  EXPECT_EQ(run.status, 10);
  EXPECT_NE(run.out.find("DAMAGED"), std::string::npos);
  const auto verdict = document::parse_json(audit({"verify", "--json", path().native()}).out, "out");
  ASSERT_TRUE(verdict.has_value());
  EXPECT_FALSE(*verdict->find("intact")->as_bool());
}

}  // namespace
}  // namespace caisson::cli
