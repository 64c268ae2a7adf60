#include "workflow/definition_rules.h"

#include "workflow/definition.h"
#include "workflow/node_type.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {
namespace {

using namespace std::chrono_literals;

Result<Definition> read_with(std::string_view fields, std::string_view head = "") {
  return read_definition(fmt::format(R"({}
processors:
  - id: first
    type: local
    processor: change_text_case_upper
  - id: a
    type: local
    processor: change_text_case_upper
    depends_on: [first]
{})",
                                     head, fields),
                         "flow.yaml");
}

WrittenRules rules_with(std::string_view fields) {
  const auto definition = read_with(fields);
  EXPECT_TRUE(definition) << definition.error().message;
  return definition ? definition->nodes.back().rules : WrittenRules();
}

std::string problem_with(std::string_view fields, std::string_view head = "") {
  const auto definition = read_with(fields, head);
  return definition ? "none" : definition.error().diagnostics.front().message;
}

TEST(WrittenRules, ANodeThatSaysNothingOnlyRuns) { EXPECT_EQ(rules_with(""), WrittenRules()); }

TEST(WrittenRules, AreReadFromEveryNode) {
  const WrittenRules rules = rules_with(R"(
    when: first == 'X'
    retry: {attempts: 4, backoff: linear, delay: 250ms, max_delay: 2s, jitter: 0.5, on: [sandbox.*, unavailable]}
    timeout: 1.5
    continue_on_error: true
    priority: -7
    concurrency_key: database
)");
  ASSERT_TRUE(rules.when);
  EXPECT_EQ(rules.when->text(), "first == 'X'");
  ASSERT_TRUE(rules.retry);
  EXPECT_EQ(*rules.retry, (RetryRule{.attempts = 4,
                                     .backoff = Backoff::kLinear,
                                     .delay = 250ms,
                                     .longest = 2s,
                                     .jitter = 0.5,
                                     .on = {"sandbox.*", "unavailable"}}));
  EXPECT_EQ(rules.timeout, 1500ms);
  EXPECT_TRUE(rules.continue_on_error);
  EXPECT_EQ(rules.priority, -7);
  EXPECT_EQ(rules.concurrency_key, "database");
}

TEST(WrittenRules, AConditionMayStandInBraces) {
  const WrittenRules rules = rules_with("    when: '{{first}}'\n");
  ASSERT_TRUE(rules.when);
  EXPECT_EQ(rules.when->text(), "first");
}

TEST(WrittenRules, SayWhatIsWrong) {
  EXPECT_EQ(problem_with("    when: other == 1\n"),
            "node 'a': when: rejected expression: unknown name 'other' (column 1); the names here are input, first");
  EXPECT_EQ(problem_with("    when: first(1)\n").substr(0, 40), "node 'a': when: rejected expression: cal");
  EXPECT_EQ(problem_with("    retry: 3\n"),
            "node 'a': retry must be a map (write {attempts: 3}; the first try counts), got an integer");
  EXPECT_EQ(problem_with("    retry: {delay: 1s}\n"),
            "node 'a': retry: attempts is missing; say how often the node is tried in all: `retry: {attempts: 3}`");
  EXPECT_EQ(problem_with("    retry: {attempts: 0}\n"), "node 'a': retry: attempts must be from 1 to 100, got 0");
  EXPECT_EQ(problem_with("    retry: {attempts: 2, backoff: exponental}\n"),
            "node 'a': retry: unknown backoff 'exponental'; it must be one of fixed, linear, exponential (did you mean "
            "'exponential'?)");
  EXPECT_EQ(problem_with("    retry: {attempts: 2, jitter: 2}\n"),
            "node 'a': retry: jitter must be a number from 0 to 1: the part of a wait that is left to chance");
  EXPECT_EQ(problem_with("    retry: {attempts: 2, delay: 5s, max_delay: 1s}\n"),
            "node 'a': retry: max_delay is below delay");
  EXPECT_EQ(problem_with("    retry: {attempts: 2, on: [unavailabel]}\n"),
            "node 'a': retry: on: there is no reason 'unavailabel' (did you mean 'unavailable'?); write a reason of an "
            "error, `sandbox.*` for all of its kind, or a category such as unavailable");
  EXPECT_EQ(problem_with("    timeout: soon\n"),
            "node 'a': timeout must be a time such as 500ms, 30s or 5m, or a number of seconds");
  EXPECT_EQ(problem_with("    timeout: 0\n"),
            "node 'a': timeout must be a time such as 500ms, 30s or 5m, or a number of seconds");
  EXPECT_EQ(problem_with("    continue_on_error: maybe\n"),
            "node 'a': continue_on_error must be true or false, got a string");
  EXPECT_EQ(problem_with("    priority: 101\n"), "node 'a': priority must be from -100 to 100, got 101");
  EXPECT_EQ(problem_with("    concurrency_key: ''\n"), "node 'a': concurrency_key must not be empty");
}

TEST(WrittenRules, OfTheRun) {
  const auto definition = read_with("    concurrency_key: db\n", R"(executor_options:
  timeout_seconds: 90
  retry_attempts: 2
  hints: {optimize_for_memory: true}
  key_limits: {db: 3}
node_types:
  local: {max_concurrency: 5})");
  ASSERT_TRUE(definition) << definition.error().message;
  EXPECT_EQ(definition->timeout, 90s);
  EXPECT_EQ(definition->retries, 2U);
  EXPECT_TRUE(definition->hints.optimize_for_memory);
  EXPECT_EQ(definition->key_limits.at("db"), 3U);
  EXPECT_EQ(definition->type_limits.at(find_node_type("local")), 5U);
  EXPECT_TRUE(definition->warnings.empty());
}

TEST(WrittenRules, ALimitOfAKeyThatNoNodeHasIsAWarning) {
  const auto definition = read_with("", "executor_options: {key_limits: {bd: 3}}");
  ASSERT_TRUE(definition);
  ASSERT_EQ(definition->warnings.size(), 1U);
  EXPECT_EQ(definition->warnings.front().message, "executor_options: key_limits: no node has the concurrency_key 'bd'");
}

TEST(WrittenRules, WhoRunsNodesItselfIsInNoGroup) {
  const auto problem = [](std::string_view head, std::string_view field) {
    const auto definition = read_definition(fmt::format(R"({}
processors:
  - id: each
    type: map
    items: input
{}
    body: [{{id: b, type: local, processor: change_text_case_upper}}]
)",
                                                        head, field),
                                            "flow.yaml");
    return definition ? "none" : definition.error().diagnostics.front().message;
  };
  EXPECT_EQ(problem("", ""), "none");
  EXPECT_EQ(problem("", "    concurrency_key: x"),
            "node 'each': concurrency_key is not for a map node, which would keep its place while it waits for its "
            "nodes; give it to these");
  EXPECT_EQ(problem("node_types: {map: {max_concurrency: 1}}", ""),
            "node_types.map: max_concurrency is not for map nodes, which would keep their places while they wait for "
            "their nodes; give it to the types of these");
}

TEST(DefinitionGroups, CountTypesAndKeys) {
  const auto definition = read_with("    concurrency_key: db\n", R"(executor_options: {key_limits: {db: 3}}
node_types: {local: {max_concurrency: 5}})");
  ASSERT_TRUE(definition);
  std::vector<NodeGroup> all{{9, "key db"}};  // of another definition of the same run
  DefinitionGroups groups(all);
  EXPECT_EQ(groups.of(*definition, definition->nodes[0]), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(groups.of(*definition, definition->nodes[1]), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(all, (std::vector<NodeGroup>{{9, "key db"}, {5, "type local"}, {3, "key db"}}));
}

TEST(DefinitionGroups, AKeyWithoutALimitIsForOneAtATime) {
  const auto definition = read_with("    concurrency_key: db\n");
  ASSERT_TRUE(definition);
  std::vector<NodeGroup> all;
  DefinitionGroups groups(all);
  EXPECT_EQ(groups.of(*definition, definition->nodes[1]), (std::vector<std::uint32_t>{0}));
  EXPECT_EQ(all, (std::vector<NodeGroup>{{1, "key db"}}));
}

}  // namespace
}  // namespace caisson::workflow
