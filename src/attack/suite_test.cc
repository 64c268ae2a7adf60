#include "attack/suite.h"

#include "base/testing/temporary_folder.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <thread>

#include <sys/stat.h>

namespace caisson::attack {
namespace {

/// A case whose process is a script, which says in the file `where` (its argument) what its temporary folder is.
class PlayApart : public testing::Test {
 protected:
  Result<Verdict> play(const std::string& script, const std::stop_token& stop = {}) {
    Case attack;
    attack.id = where();
    return play_apart(attack, {.program = "/bin/sh", .arguments = {"-c", script}, .environment = {"TMPDIR=/no/such"}},
                      stop);
  }
  [[nodiscard]] std::string where() const { return (folder_.path() / "where").native(); }
  [[nodiscard]] std::string temporary_folder() const {
    std::ifstream file(where());
    return {std::istreambuf_iterator<char>(file), {}};
  }

  base::TemporaryFolder folder_;
};

constexpr const char* kLeaveFiles =
    R"(mkdir -p "$TMPDIR/a/b"; echo x > "$TMPDIR/a/b/c"; ln -s / "$TMPDIR/a/root"; printf %s "$TMPDIR" > "$0"; )";

TEST_F(PlayApart, RemovesWhatADeadProcessLeavesBehind) {
  const auto verdict = play(std::string(kLeaveFiles) + "kill -9 $$");
  ASSERT_TRUE(verdict);
  EXPECT_EQ(verdict->verdict, "DIED");
  EXPECT_EQ(verdict->harm.at(0), "the process died of signal 9");
  ASSERT_TRUE(temporary_folder().starts_with("/")) << temporary_folder();
  EXPECT_NE(temporary_folder(), "/no/such");
  EXPECT_FALSE(std::filesystem::exists(temporary_folder()));
}

TEST_F(PlayApart, RemovesWhatAStoppedProcessLeavesBehind) {
  ASSERT_EQ(::mkfifo(where().c_str(), 0600), 0);
  std::stop_source stop;
  std::string left;
  std::thread listener([&] {
    left = temporary_folder();  // once the process has said it
    stop.request_stop();
  });
  const auto verdict = play(std::string(kLeaveFiles) + "exec sleep 600", stop.get_token());
  listener.join();
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().reason, "attack.stopped");
  ASSERT_FALSE(left.empty());
  EXPECT_FALSE(std::filesystem::exists(left));
}

TEST_F(PlayApart, SaysWhatItsProcessSays) {
  const auto verdict = play(R"(echo '{"case": "SA-001", "verdict": "OK", "took_ms": 3}')");
  ASSERT_TRUE(verdict);
  EXPECT_TRUE(verdict->held());
  EXPECT_EQ(verdict->took, std::chrono::milliseconds(3));
  EXPECT_EQ(play("echo nonsense; exit 3")->harm.at(0), "the process ended with 3");
}

}  // namespace
}  // namespace caisson::attack
