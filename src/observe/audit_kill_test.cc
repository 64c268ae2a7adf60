// A program that is killed while it writes an audit log, at a moment that nobody chose.

#include "base/testing/campaign.h"
#include "observe/testing/audit_fixture.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdint>
#include <random>

namespace caisson::observe {
namespace {

/// Writes records until it is killed; says through the pipe how many are flushed.
[[noreturn]] void write_until_killed(AuditOptions options, int pipe) {
  const SampleRecord sample;
  auto audit = Audit::open(std::move(options));
  if (!audit) {
    ::_exit(1);
  }
  for (std::uint64_t call = 1;; ++call) {
    if (!(*audit)->append(sample.record(call))) {
      ::_exit(2);
    }
    if (call % 64 == 0 && (!(*audit)->flush() || ::write(pipe, &call, sizeof call) != sizeof call)) {
      ::_exit(3);
    }
  }
}

TEST(AuditKill, AtAnyMomentTheLogStaysIntact) {
  AuditFixture fixture;
  AuditOptions options = fixture.options();
  options.system = nullptr;          // the real one
  options.max_file_bytes = 100'000;  // so that some kills hit a rotation
  options.keep_files = 1'000'000;
  options.queue_bytes = 1;
  std::mt19937 random(2026);
  std::uint64_t promised = 0;  // calls that were flushed before a kill
  const auto kills = base::testing::campaign("audit_kills");
  for (std::int64_t i = 0; i < kills; ++i) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      ::close(ends[0]);
      write_until_killed(options, ends[1]);
    }
    ::close(ends[1]);
    // So many flushes, then a little more, which ends within a record, a write or a rotation.
    std::uint64_t flushed = 0;
    for (auto rounds = random() % 8 + 1; rounds > 0; --rounds) {
      ASSERT_EQ(::read(ends[0], &flushed, sizeof flushed), static_cast<ssize_t>(sizeof flushed));
    }
    random.discard(random() % 50'000);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it ended by itself: " << status;
    ::close(ends[0]);
    promised += flushed;

    if (i % 20 == 19 || i + 1 == kills) {  // the next program has gone on behind each kill; now all of it is read
      ASSERT_TRUE(Audit::open(options));
      const AuditVerdict verdict = verdict_of(fixture.path());
      ASSERT_TRUE(verdict.intact()) << findings_of(verdict)[0];
      std::uint64_t calls = 0;
      const Status read = read_audit(audit_files(fixture.path()).value().files, [&](const AuditLine& line) {
        calls += line.text.find(R"("type":"call")") != std::string_view::npos ? 1U : 0U;
        return true;
      });
      ASSERT_TRUE(read);
      EXPECT_GE(calls, promised);
      std::filesystem::remove_all(fixture.folder.path());
      std::filesystem::create_directory(fixture.folder.path());
      std::filesystem::permissions(fixture.folder.path(), std::filesystem::perms::owner_all);
      promised = 0;
    }
  }
}

}  // namespace
}  // namespace caisson::observe
