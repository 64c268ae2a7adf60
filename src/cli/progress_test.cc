#include "cli/progress.h"

#include "base/testing/fake_environment.h"
#include "base/unicode.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string>
#include <string_view>

namespace caisson::cli {
namespace {

using Kind = RunEvent::Kind;
using Signs = ReportOptions::Signs;
using std::chrono::milliseconds;

RunEvent of_node(Kind kind, std::string_view node, std::string_view scope = {}) {
  return {.kind = kind, .name = "node.any", .scope = scope, .node = node, .attempt = 1};
}

ProgressState started(std::size_t nodes) {
  ProgressState state;
  state.add({.kind = Kind::kRunStarted, .nodes = nodes});
  return state;
}

TEST(Progress, ShowsWhatIsDoneAndWhatRuns) {
  ProgressState state = started(4);
  EXPECT_EQ(state.line(milliseconds(0), 80, Signs::kUnicode), "⠋ 0/4 0.0s");
  state.add(of_node(Kind::kNodeStarted, "fetch"));
  state.add(of_node(Kind::kNodeStarted, "parse"));
  EXPECT_EQ(state.line(milliseconds(1230), 80, Signs::kUnicode), "⠹ 0/4 fetch, parse 1.2s");
  state.add(of_node(Kind::kNodeSucceeded, "fetch"));
  state.add(of_node(Kind::kNodeSkipped, "other"));
  EXPECT_EQ(state.line(milliseconds(100), 80, Signs::kAscii), "/ 2/4 parse 0.1s");
  state.add(of_node(Kind::kNodeRetrying, "parse"));
  EXPECT_EQ(state.line(milliseconds(200), 80, Signs::kAscii), "- 2/4 0.2s");
  state.add({.kind = Kind::kRunStarted, .nodes = 7});
  EXPECT_EQ(state.line(milliseconds(0), 80, Signs::kAscii), "| 0/7 0.0s") << "the next run begins anew";
}

TEST(Progress, ShowsTheInnermostOfNestedNodesAndCountsTheOutermost) {
  ProgressState state = started(2);
  state.add(of_node(Kind::kNodeStarted, "each"));
  state.add({.kind = Kind::kRunStarted, .scope = "each", .nodes = 9});
  state.add(of_node(Kind::kNodeStarted, "[3]", "each"));
  state.add(of_node(Kind::kNodeStarted, "double", "each[3]"));
  state.add(of_node(Kind::kNodeStarted, "each-other"));
  EXPECT_EQ(state.line(milliseconds(0), 80, Signs::kAscii), "| 0/2 each-other, each[3]/double 0.0s");
  state.add(of_node(Kind::kNodeSucceeded, "double", "each[3]"));
  EXPECT_EQ(state.line(milliseconds(0), 80, Signs::kAscii), "| 0/2 each-other, each[3] 0.0s");
  state.add(of_node(Kind::kNodeSucceeded, "[3]", "each"));
  EXPECT_EQ(state.line(milliseconds(0), 80, Signs::kAscii), "| 0/2 each, each-other 0.0s");
}

TEST(Progress, FitsIntoTheTerminal) {
  ProgressState state = started(200);
  for (int i = 0; i < 100; ++i) {
    state.add(of_node(Kind::kNodeStarted, "step" + std::to_string(1000 + i)));
  }
  EXPECT_EQ(state.line(milliseconds(0), 40, Signs::kAscii), "| 0/200 step1000, step1001 +98 0.0s");
  for (std::size_t columns = 0; columns < 200; ++columns) {
    EXPECT_LE(base::count_code_points(state.line(milliseconds(1234567), columns, Signs::kUnicode)), columns);
  }
  state.add(of_node(Kind::kNodeStarted, std::string(100, 'a')));
  EXPECT_EQ(state.line(milliseconds(0), 60, Signs::kAscii), "| 0/200 " + std::string(32, 'a') + "... +100 0.0s");
}

TEST(Progress, NamesCannotSteerTheTerminal) {
  ProgressState state = started(1);
  const std::string hostile = "\x1b[2J\r\n\u202e";
  state.add(of_node(Kind::kNodeStarted, hostile));
  const Error error{Category::kInternal, "x.y", hostile};
  RunEvent failed = of_node(Kind::kNodeFailed, hostile, hostile);
  failed.error = &error;
  const std::string all = state.line(milliseconds(0), 80, Signs::kUnicode) + progress_warning(failed, Signs::kUnicode) +
                          progress_line(failed);
  EXPECT_EQ(all.find('\x1b'), std::string::npos);
  EXPECT_EQ(all.find('\r'), std::string::npos);
  EXPECT_EQ(all.find("\u202e"), std::string::npos);
}

TEST(Progress, FailuresAndRetriesAreWorthALine) {
  const Error error{Category::kUnavailable, "test.busy", "busy"};
  RunEvent event = of_node(Kind::kNodeRetrying, "x", "each[3]");
  event.error = &error;
  EXPECT_EQ(progress_warning(event, Signs::kUnicode), "↻ each[3]/x failed (attempt 1), will be tried again: busy\n");
  event.kind = Kind::kNodeFailed;
  EXPECT_EQ(progress_warning(event, Signs::kAscii), "x each[3]/x failed: busy\n");
  EXPECT_EQ(progress_warning(of_node(Kind::kNodeSucceeded, "x"), Signs::kAscii), "");
}

TEST(Progress, EveryEventAsALine) {
  const Error error{Category::kUnavailable, "test.busy", "busy"};
  EXPECT_EQ(progress_line({.kind = Kind::kRunStarted, .name = "run.started"}), "   0.000s run started\n");
  EXPECT_EQ(progress_line({.kind = Kind::kNodeStarted,
                           .name = "node.started",
                           .scope = "each[3]",
                           .node = "x",
                           .at = milliseconds(12),
                           .attempt = 2}),
            "   0.012s each[3]/x started (attempt 2)\n");
  EXPECT_EQ(progress_line({.kind = Kind::kNodeRetrying,
                           .name = "node.retrying",
                           .node = "x",
                           .at = milliseconds(1234),
                           .attempt = 1,
                           .error = &error}),
            "   1.234s x failed (attempt 1), will be tried again: busy\n");
  EXPECT_EQ(progress_line({.kind = Kind::kLevelStarted, .name = "level.started"}), "   0.000s next level\n");
  EXPECT_EQ(progress_line({.kind = Kind::kRunFinished, .name = "run.finished", .scope = "s"}),
            "   0.000s s: run finished\n");
  EXPECT_EQ(progress_line({.kind = Kind::kRunFinished, .name = "run.finished", .error = &error}),
            "   0.000s run failed: busy\n");
}

/// Reads until the text ends like this.
std::string read_until(int descriptor, std::string_view end) {
  std::string out;
  char byte = 0;
  while (!out.ends_with(end) && ::read(descriptor, &byte, 1) == 1) {
    out += byte;
  }
  return out;
}

TEST(ProgressDisplay, IsThereWhileTheRunLastsAndGoneInTheEnd) {
  std::array<int, 2> pipe{};
  ASSERT_EQ(::pipe2(pipe.data(), O_CLOEXEC), 0);
  Output output(pipe[1], pipe[1]);
  base::FakeEnvironment environment;
  Context context{output, environment};
  const Error error{Category::kUnavailable, "test.busy", "busy"};
  {
    ProgressDisplay display(context, Signs::kAscii);
    display.add({.kind = Kind::kRunStarted, .nodes = 2});
    display.add(of_node(Kind::kNodeStarted, "a"));
    environment.advance(std::chrono::seconds(1));
    EXPECT_EQ(read_until(pipe[0], "1.0s\x1b[?7h"), "\r\x1b[K\x1b[?7l- 0/2 a 1.0s\x1b[?7h");
    RunEvent failed = of_node(Kind::kNodeFailed, "a");
    failed.error = &error;
    display.add(failed);
    EXPECT_NE(read_until(pipe[0], "1/2 1.0s\x1b[?7h").find("\r\x1b[Kx a failed: busy\n"), std::string::npos);
    display.add({.kind = Kind::kRunFinished});
  }
  ::close(pipe[1]);
  EXPECT_EQ(read_until(pipe[0], "the end of the pipe"), "\r\x1b[K");
  ::close(pipe[0]);
}

}  // namespace
}  // namespace caisson::cli
