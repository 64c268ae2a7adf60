#include "workflow/definition.h"
#include "workflow/nodes/local.h"
#include "workflow/nodes/wasm.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>

namespace caisson::workflow {
namespace {

Result<Definition> read(std::string_view text) { return read_definition(text, "flow.yaml", {.max_concurrency = 3}); }

const WasmSpec& wasm_of(const NodeDefinition& node) { return static_cast<const WasmSpec&>(*node.spec); }
const LocalSpec& local_of(const NodeDefinition& node) { return static_cast<const LocalSpec&>(*node.spec); }

/// `line:column reason message`, one line each.
std::string shown(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics) {
    EXPECT_EQ(d.where.file, "flow.yaml");
    out += fmt::format("{}:{} {} {}\n", d.where.line, d.where.column, d.reason, d.message);
  }
  return out;
}

/// All problems of a text.
std::string problems(std::string_view text) {
  const auto definition = read(text);
  return definition ? "none\n" : shown(definition.error().diagnostics);
}

/// The problems of a definition whose only node has these lines.
std::string node_problems(std::string_view lines) { return problems(fmt::format("processors:\n  - id: a\n{}", lines)); }

constexpr std::string_view kNodes = R"(
processors:
  - id: a
    type: local
    processor: reverse_text
)";

TEST(Definition, ReadsTheDemoOfTheSource) {
  const auto definition = read(R"(# Demo 4
strategy: work_queue
failure_strategy: fail_fast

executor_options:
  max_concurrency: 2

processors:
  - id: prepare_input
    type: local
    processor: change_text_case_lower
    depends_on: []
    options: {}

  - id: wasm_hello_world
    type: wasm
    module: wasm_components/hello.wasm
    depends_on: [prepare_input]
    options:
      intent: transform

  - id: final_format
    type: local
    processor: prefix_suffix_adder
    depends_on: [wasm_hello_world]
    options:
      prefix: "🦀 Rust + WASM: "
      suffix: " ✨"
)");
  ASSERT_TRUE(definition);
  EXPECT_EQ(definition->file, "flow.yaml");
  EXPECT_EQ(definition->strategy, Strategy::kWorkQueue);
  EXPECT_EQ(definition->failure_strategy, FailureStrategy::kFailFast);
  EXPECT_EQ(definition->max_concurrency, 2U);
  EXPECT_TRUE(definition->warnings.empty());
  ASSERT_EQ(definition->nodes.size(), 3U);
  const NodeDefinition& wasm = definition->nodes[1];
  EXPECT_EQ(wasm.id, "wasm_hello_world");
  ASSERT_EQ(&wasm.type(), &kWasmType);
  EXPECT_EQ(wasm_of(wasm).module, "wasm_components/hello.wasm");
  EXPECT_EQ(wasm_of(wasm).func, std::nullopt);
  EXPECT_EQ(wasm.depends_on, std::vector<Dependency>{{"prepare_input"}});
  EXPECT_EQ(wasm.depends_on[0].mark, (document::Mark{18, 18}));
  EXPECT_EQ(wasm.intent, Intent::kTransform);
  EXPECT_EQ(wasm.policy, sandbox::PolicyRequest());
  EXPECT_EQ(wasm.mark, (document::Mark{15, 9}));
  EXPECT_EQ(local_of(definition->nodes[2]).processor, "prefix_suffix_adder");
  EXPECT_EQ(local_of(definition->nodes[2]).options.find("suffix")->as_string()->substr(1), "✨");
  const auto plan = make_plan(*definition);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->rank_count(), 3U);
}

TEST(Definition, HasDefaults) {
  const auto definition = read(kNodes);
  ASSERT_TRUE(definition);
  EXPECT_EQ(definition->strategy, Strategy::kWorkQueue);
  EXPECT_EQ(definition->failure_strategy, FailureStrategy::kFailFast);
  EXPECT_EQ(definition->max_concurrency, 3U);
  EXPECT_EQ(definition->fuel, FuelPolicy{});
  const auto on_this_machine = read_definition(kNodes, "flow.yaml");
  EXPECT_GE(on_this_machine->max_concurrency, 1U);
}

TEST(Definition, ANameWithoutAValueIsAbsent) {
  const auto definition = read(R"(
strategy:
failure_strategy:
executor_options:
wasm:
processors:
  - id: a
    type: wasm
    module: m.wasm
    func:
    depends_on:
    options:
)");
  ASSERT_TRUE(definition) << definition.error().message;
  EXPECT_TRUE(definition->nodes[0].depends_on.empty());
  EXPECT_EQ(wasm_of(definition->nodes[0]).func, std::nullopt);
}

TEST(Definition, ReadsEveryStrategyOfThisVersion) {
  EXPECT_EQ(read(fmt::format("strategy: level{}", kNodes))->strategy, Strategy::kLevel);
  EXPECT_EQ(read(fmt::format("failure_strategy: best_effort{}", kNodes))->failure_strategy,
            FailureStrategy::kBestEffort);
  EXPECT_EQ(read(fmt::format("failure_strategy: continue_on_error{}", kNodes))->failure_strategy,
            FailureStrategy::kContinueOnError);
}

TEST(Definition, RefusesAnUnknownStrategyWithTheAllowedOnes) {
  EXPECT_EQ(
      problems(fmt::format("strategy: work_queu\nfailure_strategy: fail_slow{}", kNodes)),
      "1:11 workflow.bad_value unknown strategy 'work_queu'; it must be one of work_queue, level, reactive, hybrid "
      "(did you mean "
      "'work_queue'?)\n"
      "2:19 workflow.bad_value unknown failure_strategy 'fail_slow'; it must be one of fail_fast, "
      "continue_on_error, best_effort\n");
}

/// Layers of forty nodes, each of which waits for all of the layer before.
std::string layers(int count) {
  std::string out = "processors:\n";
  std::string before;
  for (int layer = 0; layer < count; ++layer) {
    std::string ids;
    for (int i = 0; i < 40; ++i) {
      out +=
          fmt::format("  - {{id: n{}_{}, type: local, processor: reverse_text, depends_on: [{}]}}\n", layer, i, before);
      ids += fmt::format("{}n{}_{}", i == 0 ? "" : ", ", layer, i);
    }
    before = ids;
  }
  return out;
}

TEST(Definition, HasAQuotaOfDependencies) {
  const auto most = read(layers(30));
  ASSERT_TRUE(most);
  EXPECT_EQ(make_plan(*most)->rank_count(), 30U);
  EXPECT_EQ(problems(layers(40)),
            "2:3 workflow.too_many_edges the nodes have 62400 dependencies together; at most 50000 are allowed in a "
            "definition\n");
}

TEST(Definition, HasEveryStrategy) {
  for (const std::string_view name : strategy_names()) {
    const auto definition = read(fmt::format("strategy: {}{}", name, kNodes));
    ASSERT_TRUE(definition) << name;
    EXPECT_EQ(to_string(definition->strategy), name);
  }
}

TEST(Definition, ChecksExecutorOptions) {
  EXPECT_EQ(
      problems(fmt::format(R"(executor_options:
  max_concurrency: "2"
  timeout_seconds: soon
  retry_attempts: 100
  batch_size: 10
  max_concurency: 4{})",
                           kNodes)),
      "2:20 workflow.wrong_type executor_options: max_concurrency must be a whole number (write it without quotes), "
      "got a string\n"
      "3:20 workflow.bad_value executor_options: timeout_seconds must be a time such as 500ms, 30s or 5m, or a "
      "number of seconds\n"
      "4:19 workflow.bad_value executor_options: retry_attempts must be from 0 to 99, got 100\n"
      "5:15 workflow.unimplemented executor_options: batch_size is not in this version; leave it out, or write "
      "1\n"
      "6:3 workflow.unknown_key executor_options: unknown name 'max_concurency' (did you mean "
      "'max_concurrency'?)\n");
}

TEST(Definition, AcceptsExecutorOptionsThatChangeNothing) {
  const auto definition = read(fmt::format(R"(executor_options:
  max_concurrency: 1024
  timeout_seconds: 0
  retry_attempts: 0
  batch_size: 1{})",
                                           kNodes));
  ASSERT_TRUE(definition);
  EXPECT_EQ(definition->max_concurrency, 1024U);
}

TEST(Definition, RefusesAConcurrencyOutOfRange) {
  for (const std::string_view value : {"0", "-1", "1025", "1e30"}) {
    const std::string found = problems(fmt::format("executor_options: {{max_concurrency: {}}}{}", value, kNodes));
    EXPECT_TRUE(
        found.starts_with("1:37 workflow.bad_value executor_options: max_concurrency must be from 1 to 1024, got"))
        << found;
  }
  EXPECT_EQ(problems(fmt::format("executor_options: {{max_concurrency: 1.5}}{}", kNodes)),
            "1:37 workflow.wrong_type executor_options: max_concurrency must be a whole number, got a number\n");
}

TEST(Definition, ReportsEverythingThatIsWrongAtOnce) {
  EXPECT_EQ(problems(R"(stratgy: level
executor_options: 7
processors:
  - id: a
    type: locl
    procesor: x
  - type: local
    processor: reverse_txt
  - id: c
    type: local
    depends_on: [a, nobody]
  - id: d
    type: wasm
    depends_on: a
    options: [x]
  - just text
  - id: 7
    type: grpc
    depends_on: [1]
)"),
            "1:1 workflow.unknown_key unknown name 'stratgy' (did you mean 'strategy'?)\n"
            "2:19 workflow.wrong_type executor_options must be a map, got an integer\n"
            "5:11 workflow.bad_value node 'a': unknown type 'locl'; it must be 'local', 'wasm', 'code', 'condition', "
            "'loop', 'map', 'parallel', 'recursive', 'workflow' or 'shell' (did you mean "
            "'local'?)\n"
            "6:5 workflow.unknown_key node 'a': unknown name 'procesor' (did you mean 'processor'?)\n"
            "7:5 workflow.missing_key node 2: id is missing; every node needs an id of its own\n"
            "8:16 workflow.unknown_processor Unknown local processor implementation: 'reverse_txt' (did you mean "
            "'reverse_text'?)\n"
            "9:5 workflow.missing_key Local processor 'c' missing 'processor' field\n"
            "11:21 workflow.unknown_dependency node 'c' depends on 'nobody', which does not exist\n"
            "12:5 workflow.missing_key node 'd': module is missing; a wasm node needs the path of its module\n"
            "14:17 workflow.wrong_type node 'd': depends_on must be a list (write [a]), got a string\n"
            "15:14 workflow.wrong_type node 'd': options must be a map, got a list\n"
            "16:5 workflow.wrong_type node 5 must be a map, got a string\n"
            "17:9 workflow.wrong_type node 6: id must be a string (write it in quotes), got an integer\n"
            "18:11 workflow.unimplemented node 6: backend 'grpc' is not in this version; use 'local', 'wasm', 'code', "
            "'condition', 'loop', 'map', 'parallel', 'recursive', 'workflow' or 'shell'\n"
            "19:18 workflow.wrong_type node 6: depends_on must be a list of ids (strings), got an integer\n");
}

TEST(Definition, KnowsWhatOthersCallTheSame) {
  EXPECT_EQ(problems("nodes: []\n"),
            "1:1 workflow.unknown_key unknown name 'nodes' (did you mean 'processors'?)\n"
            "1:1 workflow.missing_key processors is missing; list at least one node under it\n");
  EXPECT_EQ(problems("processors:\n  a: {type: local}\n"),
            "2:3 workflow.wrong_type processors must be a list (begin each node with a dash: `- id: a`), got a map\n");
  EXPECT_EQ(problems(R"(executor_options: {timeout: 3}
processors:
  - id: a
    processor: reverse_text
    needs: []
  - {id: b, code: "1", language: lua}
  - {id: c, module: a.wasm}
  - {id: d}
  - {id: e, type: condition, if: a, then: b}
  - {id: f, type: local, processor: prefix_suffix_adder, prefix: x, procesor: y}
  - {id: g, type: local, processor: reverse_text, continue_on_error: yes}
)"),
            "1:20 workflow.unknown_key executor_options: unknown name 'timeout' (did you mean 'timeout_seconds'?)\n"
            "3:5 workflow.missing_key node 'a': type is missing; add `type: local`\n"
            "5:5 workflow.unknown_key node 'a': unknown name 'needs' (did you mean 'depends_on'?)\n"
            "6:5 workflow.missing_key node 'b': type is missing; add `type: code`\n"
            "7:5 workflow.missing_key node 'c': type is missing; add `type: wasm`\n"
            "8:5 workflow.missing_key node 'd': type is missing; it must be 'local', 'wasm', 'code', 'condition', "
            "'loop', 'map', 'parallel', 'recursive', 'workflow' or 'shell'\n"
            "9:5 workflow.missing_key node 'e': expression is missing; a condition needs what it decides by: "
            "`expression: check.score > 0.5`\n"
            "9:30 workflow.unknown_key node 'e': unknown name 'if' (did you mean 'expression'?)\n"
            "9:37 workflow.unknown_key node 'e': unknown name 'then' (did you mean 'true_path'?)\n"
            "10:58 workflow.unknown_key node 'f': unknown name 'prefix'; what a processor takes is written under "
            "options: `options: {prefix: ...}`\n"
            "10:69 workflow.unknown_key node 'f': unknown name 'procesor' (did you mean 'processor'?)\n"
            "11:70 workflow.wrong_type node 'g': continue_on_error must be true or false (write true), got a string\n");
}

TEST(Definition, TheReasonOfSeveralDifferentProblemsIsGeneral) {
  const auto definition = read("executor_options: {batch_size: 2}\n");
  ASSERT_FALSE(definition);
  EXPECT_EQ(definition.error().category, Category::kInvalidArgument);
  EXPECT_EQ(definition.error().reason, "workflow.invalid_definition");
  EXPECT_EQ(definition.error().message,
            "'flow.yaml' has 2 problems; the first: processors is missing; list at least one node under it");
}

TEST(Definition, UsesTheMessagesOfTheSource) {
  EXPECT_EQ(node_problems("    type: local\n"),
            "2:5 workflow.missing_key Local processor 'a' missing 'processor' field\n");
  EXPECT_EQ(node_problems("    type: local\n    processor: nothing_like_it\n"),
            "4:16 workflow.unknown_processor Unknown local processor implementation: 'nothing_like_it'\n");
  EXPECT_EQ(node_problems("    type: wasm\n    module: m.wasm\n    options: {intent: transfrom}\n"),
            "5:23 workflow.bad_value Invalid intent 'transfrom' of node 'a': it must be 'transform' or 'analyze'\n");
  EXPECT_EQ(problems(R"(processors:
  - {id: a, type: wasm, module: m, depends_on: [b]}
  - {id: b, type: wasm, module: m, depends_on: [a]}
)"),
            "2:10 workflow.cycle Cyclic dependency detected: a -> b -> a\n");
}

TEST(Definition, RefusesTypesOfLaterVersionsByName) {
  for (const std::string_view type :
       {"loadable", "grpc", "http", "tool", "llm", "agent", "human", "monitor", "swarm"}) {
    EXPECT_EQ(
        node_problems(fmt::format("    type: {}\n    endpoint: https://x\n", type)),
        fmt::format("3:11 workflow.unimplemented node 'a': backend '{}' is not in this version; use 'local', "
                    "'wasm', 'code', 'condition', 'loop', 'map', 'parallel', 'recursive', 'workflow' or 'shell'\n",
                    type));
  }
}

TEST(Definition, AcceptsTheOlderNamesAlone) {
  const auto definition = read("processors:\n  - id: a\n    backend: local\n    impl: reverse_text\n");
  ASSERT_TRUE(definition);
  EXPECT_EQ(local_of(definition->nodes[0]).processor, "reverse_text");
  EXPECT_EQ(node_problems("    type: local\n    backend: local\n    processor: reverse_text\n    impl: x\n"),
            "4:14 workflow.bad_value node 'a': 'backend' is the older name of 'type'; write only 'type'\n"
            "6:11 workflow.bad_value node 'a': 'impl' is the older name of 'processor'; write only 'processor'\n");
}

TEST(Definition, AnIntentInTheOptionsGoesBeforeTheProcessorsOwn) {
  const auto definition = read(R"(
processors:
  - {id: own, type: local, processor: token_counter}
  - {id: said, type: local, processor: token_counter, options: {intent: transform}}
  - {id: other, type: local, processor: reverse_text, options: {intent: analyze}}
  - {id: wasm, type: wasm, module: m.wasm, options: {intent: analyze}}
)");
  ASSERT_TRUE(definition) << definition.error().message;
  EXPECT_EQ(definition->nodes[0].intent, Intent::kAnalyze);
  EXPECT_EQ(definition->nodes[1].intent, Intent::kTransform);
  EXPECT_TRUE(local_of(definition->nodes[1]).options.is_null());
  EXPECT_EQ(definition->nodes[2].intent, Intent::kAnalyze);
  EXPECT_EQ(definition->nodes[3].intent, Intent::kAnalyze);
}

TEST(Definition, ReportsBadOptionsOfAProcessorWithTheirPlace) {
  const auto definition = read(R"(processors:
  - id: a
    type: local
    processor: prefix_suffix_adder
    options:
      prefx: x
)");
  ASSERT_FALSE(definition);
  ASSERT_EQ(definition.error().diagnostics.size(), 1U);
  const Diagnostic& problem = definition.error().diagnostics.front();
  EXPECT_EQ(problem.where, (Location{"flow.yaml", 6, 7}));
  EXPECT_EQ(problem.reason, "workflow.bad_option");
  EXPECT_TRUE(problem.message.starts_with("node 'a': ")) << problem.message;
  // An option that is missing has the place of its node.
  const std::string missing = node_problems("    type: local\n    processor: json_path\n");
  EXPECT_TRUE(missing.starts_with("2:9 workflow.bad_option node 'a': ")) << missing;
}

TEST(Definition, WarnsOfWhatHasNoEffect) {
  const auto definition = read(R"(processors:
  - {id: a, type: local, processor: reverse_text, module: m.wasm, options: {fuel_level: 5}}
  - {id: b, type: wasm, module: m.wasm, processor: reverse_text}
)");
  ASSERT_TRUE(definition) << definition.error().message;
  EXPECT_EQ(shown(definition->warnings),
            "2:59 workflow.no_effect node 'a': 'module' has no effect on a local node\n"
            "2:89 workflow.no_effect node 'a': 'fuel_level' has no effect on a local node\n"
            "3:52 workflow.no_effect node 'b': 'processor' has no effect on a wasm node\n");
  EXPECT_TRUE(local_of(definition->nodes[0]).options.is_null());
}

/// The fuel that the nearest request names.
std::uint64_t fuel(const Definition& definition, std::size_t node) {
  std::uint64_t out = 0;
  for (const sandbox::PolicyRequest* request : policy_requests(definition, definition.nodes[node])) {
    const sandbox::LimitRequest* named = request->find(*sandbox::find_limit("fuel"));
    out = named == nullptr ? out : named->amount.value_or(0);
  }
  return out;
}

TEST(DefinitionFuel, IsClampedForALevelOnly) {
  const auto definition = read(R"(
wasm:
  fuel: {default: 50, minimum: 1000, maximum: 2000}
processors:
  - {id: none, type: wasm, module: m}
  - {id: low, type: wasm, module: m, options: {fuel_level: 0}}
  - {id: fits, type: wasm, module: m, options: {fuel_level: 1500}}
  - {id: high, type: wasm, module: m, options: {fuel_level: 1e30}}
)");
  ASSERT_TRUE(definition) << definition.error().message;
  EXPECT_EQ(fuel(*definition, 0), 50U);
  EXPECT_EQ(fuel(*definition, 1), 1000U);
  EXPECT_EQ(fuel(*definition, 2), 1500U);
  EXPECT_EQ(fuel(*definition, 3), 2000U);
  EXPECT_EQ(shown(definition->warnings),
            "6:60 workflow.fuel_clamped node 'low': fuel_level 0 is outside 1000 to 2000; 1000 is used\n"
            "8:61 workflow.fuel_clamped node 'high': fuel_level 9223372036854775807 is outside 1000 to 2000; 2000 is "
            "used\n");
}

TEST(DefinitionFuel, RefusesNonsense) {
  EXPECT_EQ(problems(R"(wasm:
  fuel: {default: 0, minimum: many, maximun: 5}
  fule: 1
processors:
  - {id: a, type: wasm, module: m, options: {fuel_level: -1}}
  - {id: b, type: wasm, module: m, options: {fuel_level: lots, intnet: analyze}}
)"),
            "2:19 workflow.bad_value wasm.fuel: default must be at least 1, got 0\n"
            "2:31 workflow.wrong_type wasm.fuel: minimum must be a whole number, got a string\n"
            "2:37 workflow.unknown_key wasm.fuel: unknown name 'maximun' (did you mean 'maximum'?)\n"
            "3:3 workflow.unknown_key wasm: unknown name 'fule' (did you mean 'fuel'?)\n"
            "5:58 workflow.bad_value node 'a': options: fuel_level must be at least 0, got -1\n"
            "6:58 workflow.wrong_type node 'b': options: fuel_level must be a whole number, got a string\n"
            "6:64 workflow.unknown_key node 'b': options: unknown name 'intnet' (did you mean 'intent'?)\n");
  EXPECT_EQ(problems(fmt::format("wasm: {{fuel: {{minimum: 9, maximum: 8}}}}{}", kNodes)),
            "1:14 workflow.bad_value wasm.fuel: minimum 9 is above maximum 8\n");
}

TEST(Definition, RefusesEmptyIdsAndModules) {
  EXPECT_EQ(problems("processors:\n  - {id: '', type: wasm, module: ''}\n"),
            "2:10 workflow.bad_id node '': the id must not be empty\n"
            "2:34 workflow.bad_value node '': module must be the path of a file, got \"\"\n");
}

TEST(Definition, AnEntryOfNothingIsANodeWithoutAnything) {
  EXPECT_EQ(problems("processors:\n  - ~\n"),
            "2:5 workflow.missing_key node 1: id is missing; every node needs an id of its own\n"
            "2:5 workflow.missing_key node 1: type is missing; it must be 'local', 'wasm', 'code', 'condition', "
            "'loop', 'map', 'parallel', 'recursive', 'workflow' or 'shell'\n");
}

TEST(Definition, RefusesWhatIsNoWorkflow) {
  EXPECT_EQ(problems("[]"), "1:1 workflow.wrong_type a workflow must be a map with 'processors', got a list\n");
  EXPECT_EQ(problems("strategy: level"),
            "1:1 workflow.missing_key processors is missing; list at least one node under it\n");
  EXPECT_EQ(problems("processors: []"), "1:13 workflow.bad_value processors must have at least one node\n");
  EXPECT_FALSE(read(""));
  EXPECT_FALSE(read("processors: [\n"));
  EXPECT_FALSE(read("processors: &x [*x]\n"));
}

TEST(Definition, HasCaps) {
  std::string many = "processors:\n";
  for (std::size_t i = 0; i <= kMaxDefinitionNodes; ++i) {
    many += fmt::format("  - {{id: n{}, type: wasm, module: m}}\n", i);
  }
  EXPECT_EQ(problems(many),
            "2:3 workflow.too_many_nodes processors has 10001 nodes; at most 10000 are allowed in a definition\n");
  std::string fan = "processors:\n  - id: z\n    type: wasm\n    module: m\n    depends_on:\n";
  for (std::size_t i = 0; i <= kMaxDependencies; ++i) {
    fan += fmt::format("      - n{}\n", i);
  }
  EXPECT_EQ(problems(fan), "6:7 workflow.bad_value node 'z': depends_on has 1001 entries; at most 1000 are allowed\n");
}

TEST(Definition, HostileNamesAreShownHarmless) {
  EXPECT_EQ(problems("\"\\e[2J\": 1\nprocessors:\n  - {id: \"a\\e[31m\", type: \"\\e]0;x\\a\"}\n"),
            "1:1 workflow.unknown_key unknown name '\\u{1b}[2J'\n"
            "3:10 workflow.bad_id the id 'a\\u{1b}[31m' has control characters; leave them out\n"
            "3:27 workflow.bad_value node 'a\\u{1b}[31m': unknown type '\\u{1b}]0;x\\u{7}'; it must be 'local', "
            "'wasm', 'code', 'condition', 'loop', 'map', 'parallel', 'recursive', 'workflow' or 'shell'\n");
}

TEST(DefinitionPolicy, IsReadForTheWorkflowTheTypeAndTheNode) {
  const auto definition = read(R"(
limits: {memory: 128MB}
grants: {preset: wasi}
node_types:
  wasm:
    limits: {timeout: 5s}
    grants: {clock: coarse}
processors:
  - id: a
    type: wasm
    module: m
    limits: {fuel: 5M}
    grants: {read: [data]}
)");
  ASSERT_TRUE(definition) << definition.error().message;
  ASSERT_EQ(definition->policy.limits.size(), 1U);
  EXPECT_EQ(definition->policy.limits[0].row->key, "memory");
  EXPECT_EQ(to_string(definition->policy.limits[0].origin), "flow.yaml:2:18");
  EXPECT_EQ(definition->policy.preset->value, sandbox::Preset::kWasi);
  EXPECT_EQ(definition->type_policies.at(&kWasmType).limits[0].row->key, "timeout");
  EXPECT_EQ(definition->type_policies.at(&kWasmType).clock->value, sandbox::ClockMode::kCoarse);
  EXPECT_EQ(fuel(*definition, 0), 5'000'000U);
  EXPECT_EQ(definition->nodes[0].policy.read->front().value.host, "data");
  EXPECT_EQ(to_string(definition->nodes[0].policy.read->front().origin), "flow.yaml:13:21");
}

TEST(DefinitionPolicy, ReportsWhatIsWrongInEveryPlace) {
  EXPECT_EQ(
      problems(R"(limits: {memroy: 1MB}
grants: 3
node_types:
  wasm: {limits: {timeout: soon}, grant: {}}
  wsam: {}
processors:
  - {id: a, type: wasm, module: m, limits: {memory: 1}, grants: {raed: [x]}}
)"),
      "1:10 policy.unknown_key limits: there is no limit called \"memroy\" (did you mean 'memory'?)\n"
      "2:9 policy.wrong_type grants: this must be a map, got an integer\n"
      "4:28 policy.bad_value node_types.wasm: limits: timeout: \"soon\" is not a duration: write a duration such as "
      "500ms, 2s or 1.5m\n"
      "4:35 workflow.unknown_key node_types.wasm: unknown name 'grant' (did you mean 'grants'?)\n"
      "5:3 workflow.unknown_key node_types: unknown name 'wsam' (did you mean 'wasm'?)\n"
      "7:53 policy.bad_value node 'a': limits: memory: memory must be from 64KiB to 2GiB, got 1B\n"
      "7:66 policy.unknown_key node 'a': grants: there is no grant called \"raed\" (did you mean 'read'?)\n");
}

TEST(DefinitionPolicy, ALocalNodeHasNoSandbox) {
  EXPECT_EQ(
      problems(R"(node_types: {local: {limits: {memory: 1MB}}}
processors:
  - {id: a, type: local, processor: reverse_text, limits: {memory: 1MB}, grants: {preset: none}}
)"),
      "1:30 workflow.bad_value node_types.local: limits cannot be given to a local node: it is part of the program "
      "and runs in no sandbox; remove them\n"
      "3:59 workflow.bad_value node 'a': limits cannot be given to a local node: it is part of the program and runs "
      "in no sandbox; remove them\n"
      "3:82 workflow.bad_value node 'a': grants cannot be given to a local node: it is part of the program and runs "
      "in no sandbox; remove them\n");
  // For the whole workflow they may be there beside local nodes.
  EXPECT_EQ(problems("limits: {memory: 1MB}\nprocessors:\n  - {id: a, type: local, processor: reverse_text}\n"),
            "none\n");
}

TEST(DefinitionPolicy, FuelIsWrittenUnderOneName) {
  EXPECT_EQ(
      problems(R"(wasm: {fuel: {default: 5000000}}
limits: {fuel: 1M}
processors:
  - {id: a, type: wasm, module: m, options: {fuel_level: 5000000}, limits: {fuel: 1M}}
)"),
      "2:16 workflow.bad_value limits: the fuel is written here and under its older name; write it once\n"
      "4:83 workflow.bad_value node 'a': limits: the fuel is written here and under its older name; write it once\n");
}

}  // namespace
}  // namespace caisson::workflow
