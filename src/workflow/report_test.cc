#include "workflow/report.h"

#include "workflow/testing/sample_run.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace caisson::workflow {
namespace {

constexpr ReportStyle kPlain{Decoration::kAscii, Colour::kNever};

std::string report_of(const SampleRun& run, const ReportStyle& style = {}) {
  return report_run(run.definition, run.plan, run.record, style);
}

/// The lines of the chain alone.
std::string chain_of(const SampleRun& run, const ReportStyle& style = {}) {
  const std::string report = report_of(run, style);
  const std::size_t begin = report.find("Processor Chain:\n") + 17;
  return report.substr(begin, report.find("\n\n", begin) + 1 - begin);
}

TEST(Report, OfTheDemoIsThatOfTheSource) {
  const std::vector<std::string> files{"flow.yaml"};
  EXPECT_EQ(report_header("hello world", files) + report_of(sample_demo()) + report_footer(),
            R"(🚀 Caisson Workflow Run
═══════════════════════════════════
Input: "hello world"
Config files: ["flow.yaml"]

📋 Configuration: flow.yaml
🔧 Strategy: WorkQueue
⚙️  Max Concurrency: 2
🛡️  Failure Strategy: FailFast

📊 Execution Results:
⏱️  Execution Time: 4.200ms
🔢 Processors Executed: 3

🔄 Processor Chain:
  1. prepare_input → "hello world"
     📝 Metadata: 1 entries
        • request: 3 keys (e.g., config_file)
  2. wasm_hello_world → "hello world-wasm" (WASM)
     📝 Metadata: 2 entries
        • request: 3 keys (e.g., config_file)
        • wasm_hello_world: 2 keys (e.g., processor_id)
  3. final_format → "🦀 Rust + WASM: hello world-wasm ✨"
     📝 Metadata: 2 entries
        • request: 3 keys (e.g., config_file)
        • wasm_hello_world: 2 keys (e.g., processor_id)

🎯 Final Transformation:
   Input:  "hello world"
   Output: "🦀 Rust + WASM: hello world-wasm ✨"

🎉 Demo complete!
)");
}

TEST(Report, InAsciiKeepsTheDataAndNothingElseOutsideAscii) {
  const std::vector<std::string> files{"a.yaml", "b.yaml"};
  const std::string report =
      report_header("hello world", files, kPlain) + report_of(sample_demo(), kPlain) + report_footer(kPlain);
  EXPECT_EQ(report, R"(Caisson Workflow Run
===================================
Input: "hello world"
Config files: ["a.yaml", "b.yaml"]

Configuration: flow.yaml
Strategy: WorkQueue
Max Concurrency: 2
Failure Strategy: FailFast

Execution Results:
Execution Time: 4.200ms
Processors Executed: 3

Processor Chain:
  1. prepare_input -> "hello world"
     Metadata: 1 entries
        - request: 3 keys (e.g., config_file)
  2. wasm_hello_world -> "hello world-wasm" (WASM)
     Metadata: 2 entries
        - request: 3 keys (e.g., config_file)
        - wasm_hello_world: 2 keys (e.g., processor_id)
  3. final_format -> "🦀 Rust + WASM: hello world-wasm ✨"
     Metadata: 2 entries
        - request: 3 keys (e.g., config_file)
        - wasm_hello_world: 2 keys (e.g., processor_id)

Final Transformation:
   Input:  "hello world"
   Output: "🦀 Rust + WASM: hello world-wasm ✨"

Demo complete!
)");
}

TEST(Report, OfAFailedRunSaysWhyAndHasNoResult) {
  const SampleRun run =
      sample_run({{.id = "a", .payload = Payload("A")},
                  {.id = "b", .state = NodeState::kFailed, .error = Error{Category::kGuestFault, "x.y", "trap:\nbad"}},
                  {.id = "c", .depends_on = {"b"}, .state = NodeState::kSkipped, .because = "b"},
                  {.id = "d", .state = NodeState::kRunning},
                  {.id = "e", .state = NodeState::kCancelled}},
                 {.failure_strategy = FailureStrategy::kContinueOnError, .max_concurrency = 1});
  const std::string report = report_of(run);
  EXPECT_TRUE(report.ends_with(R"(🔢 Processors Executed: 3

🔄 Processor Chain:
  1. a → "A"
  2. b ✗ failed: trap:\nbad
  3. d ⊘ cancelled (the run was stopped while it ran)
  4. e ⊘ cancelled (the run was stopped)
  5. c ⊘ skipped (because 'b' failed)
)")) << report;
  EXPECT_EQ(chain_of(run, kPlain), R"(  1. a -> "A"
  2. b x failed: trap:\nbad
  3. d - cancelled (the run was stopped while it ran)
  4. e - cancelled (the run was stopped)
  5. c - skipped (because 'b' failed)
)");
}

TEST(Report, MarksNodesOfOneRankAsParallel) {
  const std::vector<SampleNode> nodes{
      {.id = "prepare_text", .payload = Payload("hello world")},
      {.id = "count_tokens", .intent = Intent::kAnalyze, .depends_on = {"prepare_text"}, .payload = Payload("2")},
      {.id = "wasm", .type = &kWasmType, .depends_on = {"prepare_text"}, .payload = Payload("x")},
      {.id = "quiet", .intent = Intent::kAnalyze, .depends_on = {"prepare_text"}},
      {.id = "end", .depends_on = {"count_tokens"}, .payload = Payload("done")}};
  EXPECT_EQ(chain_of(sample_run(nodes, {.max_concurrency = 4})), R"(  1. prepare_text → "hello world"
  2. count_tokens → "2" (parallel)
  3. wasm → "x" (WASM) (parallel)
  4. quiet → [No output] (parallel)
  5. end → "done"
)");
  EXPECT_EQ(chain_of(sample_run(nodes, {.max_concurrency = 1})), R"(  1. prepare_text → "hello world"
  2. count_tokens → "2"
  3. wasm → "x" (WASM)
  4. quiet → [No output]
  5. end → "done"
)");
}

TEST(Report, ShowsLevelsUnderTheLevelStrategy) {
  const SampleRun run = sample_run(
      {{.id = "input_a", .payload = Payload("A")},
       {.id = "input_b", .payload = Payload("b")},
       {.id = "merge", .depends_on = {"input_a", "input_b"}, .payload = Payload("m")}},
      {.strategy = Strategy::kLevel, .failure_strategy = FailureStrategy::kBestEffort, .max_concurrency = 6});
  EXPECT_EQ(chain_of(run), R"(  Level 0: input_a, input_b (parallel)
  1. input_a → "A" (parallel)
  2. input_b → "b" (parallel)
  Level 1: merge
  3. merge → "m"
)");
  EXPECT_NE(report_of(run).find("🔧 Strategy: LevelByLevel\n⚙️  Max Concurrency: 6\n🛡️  Failure Strategy: BestEffort\n"),
            std::string::npos);
}

TEST(Report, SaysWhyANodeWasSkipped) {
  SampleRun run = sample_run({{.id = "pick", .payload = Payload("p")},
                              {.id = "a", .state = NodeState::kSkipped, .because = "pick"},
                              {.id = "b", .state = NodeState::kSkipped, .because = "b"},
                              {.id = "c", .state = NodeState::kSkipped, .because = "a"},
                              {.id = "d", .state = NodeState::kSkipped, .because = "pick"}},
                             {});
  run.record.nodes[1].cause = SkipCause::kBranch;
  run.record.nodes[2].cause = SkipCause::kCondition;
  run.record.nodes[3].cause = SkipCause::kDependency;
  EXPECT_EQ(chain_of(run, kPlain), R"(  1. pick -> "p"
  2. a - skipped ('pick' chose another branch)
  3. b - skipped (its condition does not hold)
  4. c - skipped (nothing that it depends on was taken)
  5. d - skipped (because 'pick' failed)
)");
}

TEST(Report, ShowsAttemptsAndFailuresThatDoNotCount) {
  const Error busy{Category::kUnavailable, "test.busy", "busy"};
  SampleRun run = sample_run({{.id = "a", .payload = Payload("p")},
                              {.id = "b", .state = NodeState::kFailed, .error = busy},
                              {.id = "c", .state = NodeState::kFailed, .error = busy}},
                             {});
  run.record.nodes[0].attempts = 3;
  run.record.nodes[1].attempts = 2;
  run.record.nodes[1].failure_counts = false;
  EXPECT_EQ(chain_of(run, kPlain), R"(  1. a -> "p" (3 attempts)
  2. b x failed (2 attempts) (tolerated): busy
  3. c x failed: busy
)");
}

TEST(Report, ShowsAtMostThreeEntriesOfMetadata) {
  std::vector<SampleNode> nodes;
  for (const char* id : {"a", "b", "c", "d", "e"}) {
    nodes.push_back({.id = id,
                     .depends_on = nodes.empty() ? std::vector<std::string>{} : std::vector{nodes.back().id},
                     .payload = Payload("x"),
                     .metadata = document::Value::map({{"first", 1}, {"second", 2}})});
  }
  const std::string chain = chain_of(sample_run(nodes, {}));
  EXPECT_TRUE(chain.ends_with(R"(  5. e → "x"
     📝 Metadata: 5 entries
        • a: 2 keys (e.g., first)
        • b: 2 keys (e.g., first)
        • c: 2 keys (e.g., first)
        • ... and 2 more
)")) << chain;
}

TEST(Report, CutsLongValuesInTheChainButNotTheResult) {
  const std::string text(kShownCodePoints + 1, 'x');
  const std::string cut(kShownCodePoints, 'x');
  const SampleRun run = sample_run({{.id = "a", .payload = Payload(text)}}, {.input = Payload(text)});
  EXPECT_EQ(chain_of(run), fmt::format("  1. a → \"{}…\"\n", cut));
  EXPECT_EQ(chain_of(run, kPlain), fmt::format("  1. a -> \"{}...\"\n", cut));
  EXPECT_NE(report_of(run).find(fmt::format("   Input:  \"{}…\"\n   Output: \"{}\"\n", cut, text)), std::string::npos);
  EXPECT_NE(report_header(text, {}, kPlain).find(fmt::format("Input: \"{}...\"\n", cut)), std::string::npos);
}

TEST(Report, LetsNoEscapeSequenceThrough) {
  const std::string hostile = "\x1b[2J\x07\xff\u202e";
  const SampleRun run =
      sample_run({{.id = "good", .payload = Payload(hostile), .metadata = document::Value::map({{hostile, 1}})},
                  {.id = "bad", .state = NodeState::kFailed, .error = Error{Category::kGuestFault, "x.y", hostile}}},
                 {.failure_strategy = FailureStrategy::kBestEffort, .input = Payload(hostile)});
  const std::vector<std::string> files{hostile};
  const std::string all = report_header(hostile, files) + report_of(run) +
                          report_failure(hostile, Error{Category::kInternal, "x.y", hostile});
  EXPECT_TRUE(std::ranges::all_of(all, [](char c) { return c == '\n' || static_cast<unsigned char>(c) >= 0x20; }));
  EXPECT_EQ(all.find("\xff"), std::string::npos);
  EXPECT_EQ(all.find("\u202e"), std::string::npos);
  EXPECT_NE(all.find(R"(1. good → "\u{1b}[2J\u{7}\xff\u{202e}")"), std::string::npos) << all;
}

TEST(Report, ColourAddsNothingButColour) {
  SampleRun run = sample_demo();
  std::string coloured = report_of(run, {Decoration::kUnicode, Colour::kAlways});
  EXPECT_NE(coloured.find("\x1b[32m   Output: "), std::string::npos);
  EXPECT_NE(coloured.find("\x1b[2m     📝 Metadata"), std::string::npos);
  for (const std::string_view code : {"\x1b[0m", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m"}) {
    for (std::size_t at = coloured.find(code); at != std::string::npos; at = coloured.find(code, at)) {
      coloured.erase(at, code.size());
    }
  }
  EXPECT_EQ(coloured, report_of(run));
  EXPECT_TRUE(report_header("x", {}, {Decoration::kUnicode, Colour::kAlways})
                  .starts_with("\x1b[1m🚀 Caisson Workflow Run\x1b[0m\n"));
  EXPECT_TRUE(report_failure("f", {}, {Decoration::kUnicode, Colour::kAlways}).starts_with("\x1b[31m❌ "));
}

TEST(Report, LongRunsAreShownInSeconds) {
  SampleRun run = sample_demo();
  run.record.duration = std::chrono::milliseconds(61'234);
  EXPECT_NE(report_of(run).find("⏱️  Execution Time: 61.234s\n"), std::string::npos);
}

TEST(Report, SeparatesDefinitions) {
  EXPECT_EQ(report_separator(kPlain), "\n" + std::string(80, '-') + "\n");
  const std::string line = report_separator();
  EXPECT_EQ(line.size(), 1 + 80 * 3 + 1);
  EXPECT_TRUE(line.starts_with("\n───"));
}

TEST(Report, OfAFailureNamesTheFileAndThePlace) {
  EXPECT_EQ(report_failure("a.yaml", Error{Category::kNotFound, "file.missing", "there is no such file"}),
            "❌ Failed to execute a.yaml: there is no such file\n");
  Error error{Category::kInvalidArgument, "workflow.bad_value", "unknown strategy 'x'"};
  error.diagnostics.push_back({Severity::kError, error.reason, error.message, {"a.yaml", 3, 11}});
  EXPECT_EQ(report_failure("a.yaml", error, kPlain),
            "Failed to execute a.yaml: unknown strategy 'x' (line 3, column 11)\n");
  error.message = "'a.yaml' has 2 problems; the first: unknown strategy 'x'";
  error.diagnostics.push_back({Severity::kError, "workflow.bad_id", "an id is empty", {"a.yaml", 5, 1}});
  EXPECT_EQ(report_failure("a.yaml", error),
            "❌ Failed to execute a.yaml: 'a.yaml' has 2 problems; the first: unknown strategy 'x'\n"
            "   a.yaml:3:11: error: unknown strategy 'x'\n"
            "   a.yaml:5:1: error: an id is empty\n");
}

TEST(Report, ShowsWhatTheCodeOfANodePrinted) {
  SampleRun run = sample_run({{.id = "a", .payload = Payload("out")}}, {});
  run.record.nodes[0].details.emplace();
  sandbox::Captured& captured = run.record.nodes[0].details->captured;
  captured.log = {{2, "prepared"}, {3, "odd\x1b[2J"}, {4, "two\nlines"}};
  captured.standard_error = "at the end\n";
  const std::string report = report_of(run, kPlain);
  EXPECT_NE(report.find("  1. a -> \"out\"\n"
                        "     > prepared\n"
                        "     > warning: odd\\u{1b}[2J\n"
                        "     > error: two\n"
                        "     > error: lines\n"
                        "     > at the end\n"),
            std::string::npos)
      << report;
  captured.log.assign(30, {2, "again"});
  captured.log_lines_dropped = 5;
  EXPECT_NE(report_of(run, kPlain).find("     > ... and 16 more\n"), std::string::npos) << report_of(run, kPlain);
}

}  // namespace
}  // namespace caisson::workflow
