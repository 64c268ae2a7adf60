#include "observe/audit.h"

#include "base/environment.h"
#include "observe/internal/audit_line.h"
#include "observe/testing/audit_fixture.h"
#include "observe/testing/recording_observer.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <set>
#include <thread>

namespace caisson::observe {
namespace {

namespace fs = std::filesystem;
using Findings = std::vector<std::string>;

class AuditTest : public testing::Test, public AuditFixture {
 protected:
  void write_log(std::size_t records, AuditOptions options) {
    const auto audit = Audit::open(std::move(options)).value();
    for (std::size_t i = 1; i <= records; ++i) {
      audit->append(sample_.record(i)).value();
    }
  }
  void write_log(std::size_t records) { write_log(records, options()); }

  [[nodiscard]] static std::set<std::string> names_in(const fs::path& folder) {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(folder)) {
      names.insert(entry.path().filename());
    }
    return names;
  }
  SampleRecord sample_;
};

TEST_F(AuditTest, ALineHasEverythingAboutACall) {
  write_log(1);
  const auto lines = lines_of(file_text(path()));
  ASSERT_EQ(lines.size(), 3U);
  const std::string zero(64, '0');
  EXPECT_TRUE(lines[0].starts_with(R"({"seq":1,"time":"2025-01-01T00:00:00.000000Z","type":"open","format":1,)"
                                   R"("chain":"sha256","prev":")" +
                                   zero + R"(","hash":")"))
      << lines[0];
  const std::string hash = lines[0].substr(lines[0].size() - 66, 64);
  const std::string expected =
      R"({"seq":2,"time":"2025-01-01T00:00:00.000000Z","type":"call","call":1,"run":"flow.yaml","node":"n1","module":")" +
      base::sha256("module").hex() + R"(","policy":")" + base::sha256("policy").hex() +
      R"(","status":"denied","reason":"sandbox.denied","usage":{"wall_ns":1200,"fuel":42},)"
      R"("host_calls":{"caisson_v1.log":3},"violations":[{"kind":"capability","severity":"high",)"
      R"("description":"asked for /etc/passwd; grants: {read: [/etc]} allows it"}],"prev":")" +
      hash + '"';
  EXPECT_EQ(lines[1], expected + R"(,"hash":")" + base::sha256(expected).hex() + R"("})");
  EXPECT_NE(lines[2].find(R"("type":"close")"), std::string::npos);
}

TEST_F(AuditTest, WhatIsNotThereIsNull) {
  {
    const auto audit = Audit::open(options()).value();
    audit->append({}).value();
  }
  EXPECT_NE(lines_of(file_text(path()))[1].find(
                R"("call":0,"run":"","node":"","module":null,"policy":null,"status":"","reason":"","usage":{},)"
                R"("host_calls":{},"violations":[],"prev")"),
            std::string::npos);
}

TEST_F(AuditTest, RequestsAreNamedByWhatTheyAskFor) {
  {
    const auto audit = Audit::open(options()).value();
    std::vector<std::string> names;
    for (int i = 0; i < 10; ++i) {
      names.push_back("GET https://" + std::string(i == 0 ? 200 : 1, 'a') + std::to_string(i));
    }
    std::vector<AuditNumber> numbers;
    for (const std::string& name : names) {
      numbers.emplace_back(name, numbers.size() + 1);
    }
    AuditRecord record;
    record.http = numbers;
    audit->append(record).value();
    std::ranges::fill(names, "gone");  // they were copied
  }
  const std::string line = lines_of(file_text(path()))[1];
  EXPECT_NE(line.find(R"(,"http":{"GET https://aaaa)"), std::string::npos) << line;
  EXPECT_NE(line.find(R"(aaaa\u2026":1,"GET https://a1":2,)"), std::string::npos) << line;
  EXPECT_NE(line.find(R"("GET https://a7":8},"more_http":2,"violations")"), std::string::npos) << line;
}

TEST_F(AuditTest, TimesAreUtcWithMicroseconds) {
  environment.set_wall_time(std::chrono::sys_days(std::chrono::year(2024) / 2 / 29) + std::chrono::hours(23) +
                            std::chrono::minutes(59) + std::chrono::seconds(59) + std::chrono::nanoseconds(7654321));
  write_log(1);
  EXPECT_NE(file_text(path()).find(R"("time":"2024-02-29T23:59:59.007654Z")"), std::string::npos);
}

// SA-187, SA-188: whatever a guest or a definition puts into a name stays inside its string.
TEST_F(AuditTest, NothingButPrintableAsciiGetsIntoTheFile) {
  const std::string_view evil[] = {
      "\n{\"level\":\"audit\",\"seq\":99}",  // a forged line
      "\x1b[2J\x1b]8;;http://x\x07",         // ANSI, OSC 8
      "\xc2\x9b",                            // a C1 control: CSI
      "\xe2\x80\xae"
      "txt.exe",                       // right-to-left override
      "\xf3\xa0\x81\xa1",              // a tag character
      "\xff\xfe\xc0\xaf\xed\xa0\x80",  // not UTF-8
      "\r\t\b\x7f\"\\/",
      std::string_view("\0x", 2),
      "h\xc3\xa9 \xf0\x9f\x98\x80",
  };
  {
    const auto audit = Audit::open(options()).value();
    for (const std::string_view text : evil) {
      const std::array violations = {AuditViolation{text, text, text}};
      const std::array numbers = {AuditNumber{text, 1}};
      AuditRecord record;
      record.run = record.node = record.status = record.reason = text;
      record.violations = violations;
      record.usage = record.host_calls = record.http = numbers;
      audit->append(record).value();
    }
  }
  const std::string text = file_text(path());
  EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return c == '\n' || (c >= 0x20 && c < 0x7f); }));
  EXPECT_EQ(std::ranges::count(text, '\n'), 2 + std::ssize(evil));
  EXPECT_TRUE(verdict_of(path()).intact());
  EXPECT_NE(text.find(R"("run":"\u000a{\"level\":\"audit\",\"seq\":99}")"), std::string::npos);
  EXPECT_NE(text.find(R"("run":"\u001b[2J)"), std::string::npos);
  EXPECT_NE(text.find(R"("run":"\u009b")"), std::string::npos);
  EXPECT_NE(text.find(R"("run":"\u202etxt.exe")"), std::string::npos);
  EXPECT_NE(text.find(R"("run":"\udb40\udc61")"), std::string::npos);
  EXPECT_NE(text.find(R"("run":"\u00ff\u00fe\u00c0\u00af\u00ed\u00a0\u0080")"), std::string::npos);
  EXPECT_NE(text.find(R"("run":"\u000d\u0009\u0008\u007f\"\\/")"), std::string::npos);
  EXPECT_NE(text.find(R"("run":"\u0000x")"), std::string::npos);
  EXPECT_NE(text.find(R"("run":"h\u00e9 \ud83d\ude00")"), std::string::npos);
}

TEST_F(AuditTest, LongTextsAreCutAtACharacterAndLinesKeepTheirCap) {
  const std::string worst(100'000, '\x01');
  const std::string accents = [] {
    std::string out = "x";
    for (int i = 0; i < 200; ++i) {
      out += "\xc3\xa9";
    }
    return out;
  }();
  {
    const auto audit = Audit::open(options()).value();
    const std::vector violations(100, AuditViolation{worst, worst, worst});
    const std::vector numbers(100, AuditNumber{worst, ~std::uint64_t{0}});
    AuditRecord record;
    record.run = record.node = record.status = record.reason = worst;
    record.violations = violations;
    record.usage = record.host_calls = record.http = numbers;
    audit->append(record).value();
    audit->append({.call = 2, .run = accents, .node = {}, .status = {}, .reason = {}}).value();
  }
  const auto lines = lines_of(file_text(path()));
  EXPECT_LE(lines[1].size(), kMaxAuditLine);
  EXPECT_NE(lines[1].find(R"(\u0001\u2026")"), std::string::npos);
  EXPECT_NE(lines[1].find(R"("more_violations":84)"), std::string::npos);
  EXPECT_NE(lines[2].find(R"(\u00e9\u2026")"), std::string::npos) << lines[2];
  EXPECT_TRUE(verdict_of(path()).intact());
}

TEST_F(AuditTest, TheFilesAreForTheirOwnerOnly) {
  write_log(1);
  for (const char* name : {"audit.jsonl", "audit.jsonl.reserve"}) {
    struct stat info{};
    ASSERT_EQ(::stat(path(name).c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 0777, 0600U) << name;
  }
  fs::permissions(path(), fs::perms::all);
  write_log(1);
  EXPECT_EQ(fs::status(path()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(AuditTest, RefusesPlacesThatAreNotSafe) {
  const auto reason_for = [&](const fs::path& file) {
    AuditOptions options = this->options();
    options.file = file;
    const auto audit = Audit::open(std::move(options));
    return audit ? std::string("opened") : audit.error().reason;
  };
  write_file(path("victim"), "x");
  fs::create_symlink(path("victim"), path("link.jsonl"));
  EXPECT_EQ(reason_for(path("link.jsonl")), "file.bad_path");
  fs::create_symlink(path("victim"), path("log.jsonl.reserve"));
  EXPECT_EQ(reason_for(path("log.jsonl")), "file.bad_path");
  fs::create_hard_link(path("victim"), path("hard.jsonl"));
  EXPECT_EQ(reason_for(path("hard.jsonl")), "file.not_a_file");
  fs::create_directory(path("folder.jsonl"));
  EXPECT_EQ(reason_for(path("folder.jsonl")), "file.not_a_file");
  ASSERT_EQ(::mkfifo(path("pipe.jsonl").c_str(), 0600), 0);
  EXPECT_EQ(reason_for(path("pipe.jsonl")), "file.not_a_file");
  EXPECT_EQ(reason_for(""), "file.bad_path");
  EXPECT_EQ(reason_for(path().native() + std::string("\0x", 2)), "file.bad_path");
  fs::create_directory(path("shared"));
  fs::permissions(path("shared"), fs::perms::all);
  EXPECT_EQ(reason_for(path("shared") / "audit.jsonl"), "file.unsafe_directory");
  EXPECT_EQ(file_text(path("victim")), "x");
}

TEST_F(AuditTest, OneWriterAtATime) {
  const auto audit = Audit::open(options()).value();
  const auto second = Audit::open(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().reason, "observe.audit_locked");
  EXPECT_EQ(second.error().category, Category::kUnavailable);
}

TEST_F(AuditTest, ALogIsContinued) {
  write_log(2);
  write_log(3);
  const AuditVerdict verdict = verdict_of(path());
  EXPECT_TRUE(verdict.intact());
  EXPECT_EQ(findings_of(verdict), Findings());
  EXPECT_EQ(verdict.first, 1U);
  EXPECT_EQ(verdict.last, 9U);
}

TEST_F(AuditTest, ALogWithAKeyNeedsIt) {
  AuditOptions keyed = options();
  keyed.key = "secret";
  write_log(2, keyed);
  EXPECT_TRUE(verdict_of(path(), {.key = "secret"}).intact());
  EXPECT_FALSE(verdict_of(path(), {.key = "other"}).intact());
  EXPECT_FALSE(verdict_of(path()).intact());
  const auto without = Audit::open(options());
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().reason, "observe.audit_damaged");
  EXPECT_EQ(without.error().category, Category::kDataLoss);
  write_log(1, keyed);
  EXPECT_TRUE(verdict_of(path(), {.key = "secret"}).intact());
}

TEST_F(AuditTest, FlushWaitsUntilItIsInTheFile) {
  const auto audit = Audit::open(options()).value();
  for (std::uint64_t i = 1; i <= 20; ++i) {
    audit->append(sample_.record(i)).value();
    audit->flush(i % 2 == 0 ? Audit::Durability::kSynced : Audit::Durability::kWritten).value();
    EXPECT_EQ(lines_of(file_text(path())).size(), 1 + i);
  }
  audit->flush().value();
  EXPECT_EQ(findings_of(verdict_of(path())), Findings({"warning observe.audit_not_closed audit.jsonl:21"}));
}

TEST_F(AuditTest, RotatesAndKeepsSoManyFiles) {
  AuditOptions small = options();
  small.max_file_bytes = 4000;
  small.keep_files = 3;
  write_log(100, small);
  EXPECT_EQ(names_in(folder.path()), std::set<std::string>({"audit.jsonl", "audit.1.jsonl", "audit.2.jsonl",
                                                            "audit.3.jsonl", "audit.jsonl.reserve"}));
  AuditVerdict verdict = verdict_of(path());
  EXPECT_EQ(findings_of(verdict), Findings({"warning observe.audit_begins_later audit.3.jsonl:1"}));
  EXPECT_GT(verdict.last, 100U);
  // One file alone is a piece of the chain.
  EXPECT_EQ(findings_of(verdict_of(path("audit.2.jsonl"))), Findings());
  // What rotation has kept must be there.
  fs::remove(path("audit.3.jsonl"));
  verdict = verdict_of(path());
  EXPECT_FALSE(verdict.intact());
  EXPECT_EQ(findings_of(verdict).back(), "error observe.audit_gap :0");
  fs::rename(path("audit.2.jsonl"), path("elsewhere"));
  fs::rename(path("audit.1.jsonl"), path("audit.2.jsonl"));
  fs::rename(path("elsewhere"), path("audit.1.jsonl"));
  EXPECT_EQ(findings_of(verdict_of(path()))[1], "error observe.audit_order audit.1.jsonl:1");
}

TEST_F(AuditTest, GoesOnBehindRotatedFilesWhenTheCurrentOneIsGone) {
  write_log(2);
  fs::rename(path(), path("audit.1.jsonl"));  // the state between two steps of a rotation
  write_log(1);
  const AuditVerdict verdict = verdict_of(path());
  EXPECT_EQ(findings_of(verdict), Findings());
  EXPECT_EQ(verdict.last, 7U);
}

/// What somebody does to the file while it is written, and what becomes of the log.
class LostAuditTest : public AuditTest {
 protected:
  template <typename Meddle>
  std::vector<std::string> lines_after(const Meddle& meddle) {
    const auto audit = Audit::open(options()).value();
    audit->append(sample_.record(1)).value();
    audit->flush().value();
    meddle();
    audit->append(sample_.record(2)).value();
    audit->flush().value();
    return lines_of(file_text(path()));
  }
};

TEST_F(LostAuditTest, ARemovedFileIsFollowedByANewOneThatSaysSo) {
  const auto lines = lines_after([&] { fs::remove(path()); });
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find(R"("type":"lost","what":"removed","last":2,)"), std::string::npos) << lines[0];
  EXPECT_NE(lines[1].find(R"("seq":4,)"), std::string::npos) << lines[1];
  EXPECT_NE(lines[1].find(R"("call":2,)"), std::string::npos) << lines[1];
  EXPECT_EQ(findings_of(verdict_of(path())),
            Findings({"warning observe.audit_lost audit.jsonl:1", "error observe.audit_gap audit.jsonl:1"}));
}

TEST_F(LostAuditTest, AShortenedFileIsKeptBesideTheNewOne) {
  const auto lines = lines_after([&] { fs::resize_file(path(), lines_of(file_text(path()))[0].size() + 1); });
  EXPECT_NE(lines[0].find(R"("type":"lost","what":"changed","last":2,)"), std::string::npos) << lines[0];
  EXPECT_EQ(lines_of(file_text(path("audit.1.jsonl"))).size(), 1U);
  EXPECT_EQ(findings_of(verdict_of(path())),
            Findings({"warning observe.audit_lost audit.jsonl:1", "error observe.audit_gap audit.jsonl:1"}));
}

TEST_F(LostAuditTest, AFileThatGrewIsKeptToo) {
  const auto lines = lines_after([&] { std::ofstream(path(), std::ios::app) << "{}"; });
  EXPECT_NE(lines[0].find(R"("what":"changed")"), std::string::npos) << lines[0];
  EXPECT_FALSE(verdict_of(path()).intact());
}

TEST_F(LostAuditTest, AFileInItsPlaceIsMovedAway) {
  const auto lines = lines_after([&] {
    fs::rename(path(), path("stolen"));
    fs::copy_file(path("stolen"), path());
  });
  EXPECT_NE(lines[0].find(R"("what":"replaced")"), std::string::npos) << lines[0];
  // The copy has every record, so nothing is missing.
  EXPECT_EQ(findings_of(verdict_of(path())), Findings({"warning observe.audit_lost audit.jsonl:1"}));
  fs::remove(path());
}

TEST_F(LostAuditTest, EndsTheLogWhenItIsToldTo) {
  AuditOptions strict = options();
  strict.when_lost = AuditOptions::WhenLost::kFail;
  const auto audit = Audit::open(strict).value();
  fs::remove(path());
  audit->append(sample_.record(1)).value();
  const Status flushed = audit->flush();
  ASSERT_FALSE(flushed.has_value());
  EXPECT_EQ(flushed.error().reason, "observe.audit_failed");
  EXPECT_NE(flushed.error().message.find("removed"), std::string::npos) << flushed.error().message;
  EXPECT_FALSE(audit->append(sample_.record(2)).has_value());
  EXPECT_FALSE(fs::exists(path()));
}

TEST_F(AuditTest, AnUnfinishedLineIsSealedWhereverItWasCut) {
  write_log(2);
  const std::string whole = file_text(path());
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  for (std::size_t size = last + 1; size < whole.size() - 1; ++size) {
    write_file(path(), std::string_view(whole).substr(0, size));
    EXPECT_EQ(findings_of(verdict_of(path()))[0], "error observe.audit_truncated audit.jsonl:4");
    RecordingObserver observer;
    AuditOptions observed = options();
    observed.observer = &observer;
    write_log(1, observed);
    EXPECT_EQ(observer.events(),
              Findings({"observe.audit_torn{file=" + path().native() + ",bytes=" + std::to_string(size - last) + "}"}));
    ASSERT_EQ(findings_of(verdict_of(path())), Findings({"warning observe.audit_unfinished audit.jsonl:4"})) << size;
  }
}

TEST_F(AuditTest, ALineThatLacksNothingButItsBreakIsWhole) {
  write_log(2);
  const std::string whole = file_text(path());
  write_file(path(), std::string_view(whole).substr(0, whole.size() - 1));
  write_log(1);
  EXPECT_EQ(findings_of(verdict_of(path())), Findings());
  EXPECT_TRUE(file_text(path()).starts_with(whole));
}

TEST_F(AuditTest, ACrashWhileSealingIsSealedToo) {
  write_log(2);
  const std::string whole = file_text(path());
  const std::size_t last = whole.rfind('\n', whole.size() - 2) + 1;
  const std::string cut = whole.substr(0, last + 30);
  write_file(path(), cut);
  write_log(0);
  const std::string sealed = file_text(path());
  const std::size_t seal_end = sealed.find('\n', cut.size() + 1);
  for (std::size_t size = cut.size() + 1; size < seal_end; size += 7) {
    write_file(path(), std::string_view(sealed).substr(0, size));
    write_log(1);
    ASSERT_EQ(findings_of(verdict_of(path()))[0], "warning observe.audit_unfinished audit.jsonl:4") << size;
    ASSERT_TRUE(verdict_of(path()).intact()) << size;
  }
}

TEST_F(AuditTest, ADamagedEndIsNotContinued) {
  write_log(3);
  std::string text = file_text(path());
  const auto opens = [&] {
    const auto audit = Audit::open(options());
    return audit ? std::string("opened") : audit.error().reason;
  };
  std::string changed = text;
  changed[changed.size() - 100] = changed[changed.size() - 100] == '0' ? '1' : '0';
  write_file(path(), changed);
  EXPECT_EQ(opens(), "observe.audit_damaged");
  write_file(path(), text + "{\"hello\":\"world\"}\n");
  EXPECT_EQ(opens(), "observe.audit_damaged");
  write_file(path(), std::string(4 * kMaxAuditLine, 'x'));
  EXPECT_EQ(opens(), "observe.audit_damaged");
  write_file(path(), text);
  EXPECT_EQ(opens(), "opened");
}

class AuditDiskTest : public AuditTest {
 protected:
  AuditOptions disk_options() {
    AuditOptions out = options();
    out.observer = &observer_;
    out.queue_bytes = 16 << 10;
    out.reserve_bytes = 256 << 10;
    return out;
  }
  RecordingObserver observer_;
};

TEST_F(AuditDiskTest, AFullDiskEndsTheLogWithoutLosingARecord) {
  disk.room = 300 << 10;
  std::uint64_t accepted = 0;
  {
    const auto audit = Audit::open(disk_options()).value();
    EXPECT_TRUE(audit->status());
    Status status;
    while (accepted < 1'000'000 && (status = audit->append(sample_.record(accepted + 1)))) {
      ++accepted;
    }
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().reason, "observe.audit_full");
    EXPECT_EQ(status.error().category, Category::kResourceExhausted);
    EXPECT_TRUE(audit->failed());
    EXPECT_EQ(audit->status().error(), status.error());
    EXPECT_EQ(audit->flush().error(), status.error());
  }
  EXPECT_EQ(observer_.events(), Findings({"observe.audit_failed{why=the disk is full,lost=0}"}));
  const auto lines = lines_of(file_text(path()));
  EXPECT_EQ(lines.size(), accepted + 2) << "open, every call that was accepted, disk_full";
  EXPECT_NE(lines.back().find(R"("type":"disk_full")"), std::string::npos);
  EXPECT_NE(lines[lines.size() - 2].find("\"call\":" + std::to_string(accepted)), std::string::npos);
  const auto verdict = verdict_of(path());
  EXPECT_TRUE(verdict.intact());
  EXPECT_EQ(findings_of(verdict)[0], "warning observe.audit_disk_full audit.jsonl:" + std::to_string(lines.size()));

  // Without room for the reserve it does not begin; with room it goes on.
  disk.room = 1000;
  const auto again = Audit::open(disk_options());
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().reason, "file.no_space");
  disk.room = 1 << 20;
  write_log(1, disk_options());
  EXPECT_TRUE(verdict_of(path()).intact());
}

TEST_F(AuditDiskTest, WithoutAReserveRecordsAreLostAndCounted) {
  disk.room = 20'000;
  AuditOptions bare = disk_options();
  bare.reserve_bytes = 0;
  std::uint64_t accepted = 0;
  {
    const auto audit = Audit::open(std::move(bare)).value();
    while (accepted < 1'000'000 && audit->append(sample_.record(accepted + 1))) {
      ++accepted;
    }
  }
  const std::uint64_t kept = static_cast<std::uint64_t>(std::ranges::count(file_text(path()), '\n')) - 1;
  EXPECT_LT(kept, accepted);
  EXPECT_EQ(observer_.events(), Findings({"observe.audit_failed{why=cannot write '" + path().native() +
                                          "': No space left on device,lost=" + std::to_string(accepted - kept) + "}"}));
}

TEST_F(AuditDiskTest, AnErrorOfTheSystemEndsTheLog) {
  for (const bool syncing : {false, true}) {
    const auto audit = Audit::open(disk_options()).value();
    audit->append(sample_.record(1)).value();
    audit->flush(Audit::Durability::kSynced).value();
    (syncing ? disk.sync_error : disk.write_error) = EIO;
    static_cast<void>(audit->append(sample_.record(2)));
    const Status flushed = audit->flush(Audit::Durability::kSynced);
    ASSERT_FALSE(flushed);
    EXPECT_EQ(flushed.error().reason, "observe.audit_failed");
    EXPECT_EQ(flushed.error().category, Category::kInternal);
    EXPECT_FALSE(audit->append(sample_.record(3)));
    disk.sync_error = disk.write_error = 0;
    EXPECT_FALSE(audit->append(sample_.record(3))) << "a log that has failed stays so";
  }
  EXPECT_EQ(observer_.events(),
            Findings({"observe.audit_failed{why=cannot write '" + path().native() + "': Input/output error,lost=1}",
                      "observe.audit_failed{why=cannot write '" + path().native() + "': Input/output error,lost=0}"}));
}

TEST_F(AuditTest, NothingIsLostAmongManyThreads) {
  constexpr std::uint64_t kThreads = 6;
  constexpr std::uint64_t kEach = 2000;
  AuditOptions small = options();
  small.queue_bytes = 1;  // the least there is: threads wait for room
  small.max_file_bytes = 512 << 10;
  small.keep_files = 1000;
  {
    const auto audit = Audit::open(std::move(small)).value();
    std::vector<std::thread> threads;
    for (std::uint64_t t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (std::uint64_t i = 0; i < kEach; ++i) {
          audit->append(sample_.record(t * kEach + i, std::to_string(t))).value();
          if (i % 500 == 0) {
            audit->flush().value();
          }
        }
      });
    }
    for (std::thread& thread : threads) {
      thread.join();
    }
  }
  EXPECT_EQ(findings_of(verdict_of(path())), Findings());
  std::vector<std::uint64_t> next(kThreads);
  std::uint64_t calls = 0;
  const Status read = read_audit(audit_files(path()).value().files, [&](const AuditLine& line) {
    const std::size_t at = line.text.find(R"("call":)");
    if (at != std::string_view::npos) {
      ++calls;
      const std::uint64_t call = std::stoull(std::string(line.text.substr(at + 7)));
      EXPECT_EQ(call % kEach, next[call / kEach]++) << "a thread's records are in its order";
    }
    return true;
  });
  EXPECT_TRUE(read);
  EXPECT_EQ(calls, kThreads * kEach);
}

TEST_F(AuditTest, WorksOnTheMachineItself) {
  const auto machine = base::make_environment();
  AuditOptions real = options();
  real.environment = machine.get();
  real.system = nullptr;
  real.file = path("below") / "deep" / "audit.jsonl";
  write_log(5, real);
  EXPECT_TRUE(verdict_of(path("below") / "deep").intact()) << "a folder names the file in it";
  EXPECT_EQ(fs::file_size(path("below") / "deep" / "audit.jsonl.reserve"), real.reserve_bytes);
}

}  // namespace
}  // namespace caisson::observe
