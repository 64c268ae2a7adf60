#include "engine/structure.h"

#include "engine/testing/guest_modules.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

namespace caisson::engine {
namespace {

using namespace std::string_literals;

const std::string kModuleHeader("\0asm\1\0\0\0", 8);
const std::string kComponentHeader("\0asm\x0d\0\1\0", 8);

std::string leb(std::uint64_t value) {
  std::string out;
  do {
    const auto low = static_cast<char>(value & 0x7fU);
    value >>= 7U;
    out.push_back(value == 0 ? low : static_cast<char>(low | '\x80'));
  } while (value != 0);
  return out;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) {
    out += text;
  }
  return out;
}

std::string section(char id, const std::string& content) { return id + leb(content.size()) + content; }

std::string list(char id, std::size_t count, std::string_view item) {
  return section(id, leb(count) + repeated(item, count));
}

/// A module of one function with this body, whose locals come first.
std::string body(const std::string& code) {
  const std::string whole = code + "\x0b";
  return kModuleHeader + section(1, "\1\x60\0\0"s) + section(3, "\1\0"s) +
         section(10, leb(1) + leb(whole.size()) + whole);
}

std::string nested_components(std::size_t depth) {
  std::string out = kComponentHeader;
  for (std::size_t i = 1; i < depth; ++i) {
    out = kComponentHeader + section(4, out);
  }
  return out;
}

/// A binary with `count` of a metric, and otherwise as little as can be.
struct Case {
  Metric metric;
  std::function<std::string(std::size_t count)> make;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> kCases = {
      {Metric::kBytes, [](std::size_t n) { return kModuleHeader + section(0, "\1x" + std::string(n - 15, 'x')); }},
      {Metric::kFunctions, [](std::size_t n) { return kModuleHeader + list(3, n, "\0"s) + list(10, n, "\2\0\x0b"s); }},
      {Metric::kBodyBytes, [](std::size_t n) { return body("\0"s + repeated("\1", n - 2)); }},
      {Metric::kLocals, [](std::size_t n) { return body("\1" + leb(n) + "\x7f"); }},
      {Metric::kNesting,
       [](std::size_t n) { return body("\0"s + repeated("\2\x40", n - 1) + repeated("\x0b", n - 1)); }},
      {Metric::kBrTableTargets, [](std::size_t n) { return body("\0\x41\0\x0e"s + leb(n) + repeated("\0"s, n + 1)); }},
      {Metric::kTypes, [](std::size_t n) { return kModuleHeader + list(1, n, "\x60\0\0"s); }},
      {Metric::kImports, [](std::size_t n) { return kModuleHeader + list(2, n, "\1m\1f\0\0"s); }},
      {Metric::kExports, [](std::size_t n) { return kModuleHeader + list(7, n, "\1f\0\0"s); }},
      {Metric::kGlobals, [](std::size_t n) { return kModuleHeader + list(6, n, "\x7f\0\x41\0\x0b"s); }},
      {Metric::kTags, [](std::size_t n) { return kModuleHeader + list(13, n, "\0\0"s); }},
      {Metric::kTables, [](std::size_t n) { return kModuleHeader + list(4, n, "\x70\0\0"s); }},
      {Metric::kTableElements, [](std::size_t n) { return kModuleHeader + section(4, "\1\x70\0"s + leb(n)); }},
      {Metric::kMemories, [](std::size_t n) { return kModuleHeader + list(5, n, "\0\0"s); }},
      {Metric::kMemoryBytes,
       [](std::size_t n) { return kModuleHeader + section(5, "\1\0"s + leb((n + 65535) / 65536)); }},
      {Metric::kSegments, [](std::size_t n) { return kModuleHeader + list(11, n, "\0\x41\0\x0b\0"s); }},
      {Metric::kDataBytes,
       [](std::size_t n) { return kModuleHeader + section(11, "\1\0\x41\0\x0b"s + leb(n) + std::string(n, 'd')); }},
      {Metric::kElementItems,
       [](std::size_t n) { return kModuleHeader + section(9, "\1\0\x41\0\x0b"s + leb(n) + std::string(n, '\0')); }},
      {Metric::kCustomBytes, [](std::size_t n) { return kModuleHeader + section(0, "\1x" + std::string(n - 2, 'x')); }},
      {Metric::kModules, [](std::size_t n) { return kComponentHeader + repeated(section(1, kModuleHeader), n); }},
      {Metric::kDepth, nested_components},
      {Metric::kInstances, [](std::size_t n) { return kComponentHeader + list(5, n, "\1\0"s); }},
      {Metric::kItems, [](std::size_t n) { return kComponentHeader + list(6, n, "\3\1\0\1f"s); }},
  };
  return kCases;
}

/// Every limit but those of this metric and of the sizes that go with it.
Metrics only(Metric metric) {
  Metrics limits{};
  limits.fill(UINT64_MAX);
  limits[static_cast<std::size_t>(metric)] = structural_limits()[static_cast<std::size_t>(metric)];
  return limits;
}

TEST(ReadStructure, EachLimitIsMetByItsNumberAndMissedByOneMore) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(to_string(c.metric));
    const std::size_t limit = structural_limits()[static_cast<std::size_t>(c.metric)];
    const Structure met = read_structure(c.make(limit), only(c.metric));
    EXPECT_FALSE(met.problem) << met.problem->message;
    EXPECT_EQ(met[c.metric], limit);
    const Structure missed = read_structure(c.make(limit + 1), only(c.metric));
    ASSERT_TRUE(missed.problem);
    EXPECT_EQ(missed.problem->reason, "engine.structural_limit");
    EXPECT_EQ(missed.problem->category, Category::kResourceExhausted);
    EXPECT_NE(missed.problem->message.find(std::string(" of ") + std::string(to_string(c.metric)) + " and"),
              std::string::npos)
        << missed.problem->message;
    EXPECT_FALSE(read_structure(c.make(limit + 1),
                                [] {
                                  Metrics none{};
                                  none.fill(UINT64_MAX);
                                  return none;
                                }())
                     .problem);
  }
}

TEST(ReadStructure, TheCodeOfAllFunctionsIsSummed) {
  const std::string one = leb(4) + "\0\1\1\x0b"s;
  const std::string wasm =
      kModuleHeader + section(1, "\1\x60\0\0"s) + section(3, "\3\0\0\0"s) + section(10, "\3" + repeated(one, 3));
  EXPECT_EQ(read_structure(wasm)[Metric::kCodeBytes], 12U);
  Metrics limits = structural_limits();
  limits[static_cast<std::size_t>(Metric::kCodeBytes)] = 11;
  ASSERT_TRUE(read_structure(wasm, limits).problem);
}

TEST(ReadStructure, EverythingACommittedModuleHasIsJustMetAndJustMissed) {
  for (const std::string_view name : {"dynamic", "wasi_features", "compute", "wat/component_empty"}) {
    SCOPED_TRACE(name);
    const std::string wasm = guest_module(name);
    const Structure seen = read_structure(wasm);
    ASSERT_FALSE(seen.problem) << seen.problem->message;
    EXPECT_FALSE(read_structure(wasm, seen.metrics).problem);
    for (std::size_t i = 0; i < kMetrics; ++i) {
      if (seen.metrics[i] > 0) {
        Metrics tight = seen.metrics;
        --tight[i];
        EXPECT_TRUE(read_structure(wasm, tight).problem) << to_string(static_cast<Metric>(i));
      }
    }
  }
}

TEST(ReadStructure, CompileBombsAreRefused) {
  const auto refused_for = [](const std::string& wasm) {
    const Structure structure = read_structure(wasm);
    return structure.problem ? structure.problem->message.substr(0, structure.problem->message.find(';')) : "accepted";
  };
  const std::string empty_body = "\2\0\x0b"s;
  EXPECT_EQ(
      refused_for(kModuleHeader + section(1, "\1\x60\0\0"s) + list(3, 900'000, "\0"s) + list(10, 900'000, empty_body)),
      "the module has 900000 of functions and at most 50000 is accepted");
  EXPECT_EQ(refused_for(body("\0"s + repeated("\1", 7'600'000))),
            "the module has 7600002 of body_bytes and at most 1048576 is accepted");
  EXPECT_EQ(refused_for(body("\0\x41\0\x0e"s + leb(900'000) + repeated("\0"s, 900'001))),
            "the module has 900000 of br_table_targets and at most 10000 is accepted");
  EXPECT_EQ(refused_for(body("\0"s + repeated("\2\x40", 200'000) + repeated("\x0b", 200'000))),
            "the module has 1001 of nesting and at most 1000 is accepted");
  EXPECT_EQ(refused_for(kModuleHeader + list(1, 1'000'000, "\x60\0\0"s)),
            "the module has 10001 of types and at most 10000 is accepted");
  EXPECT_EQ(refused_for(nested_components(2'000)), "the module has 6 of depth and at most 5 is accepted");
  EXPECT_EQ(refused_for(body("\1" + leb(50'001) + "\x7f" + repeated("\3\x40", 500) + repeated("\x0b", 500))),
            "the module has 50001 of locals and at most 2000 is accepted");
}

TEST(ReadStructure, ARefusalNamesTheSettingThatWouldAllowIt) {
  const std::string deep = body("\0"s + repeated("\2\x40", 1'500) + repeated("\x0b", 1'500));
  const Structure structure = read_structure(deep);
  ASSERT_TRUE(structure.problem);
  EXPECT_TRUE(structure.problem->message.ends_with(
      "an operator can accept more: `compile.structure.nesting` in a configuration"))
      << structure.problem->message;
  Metrics wider = structural_limits();
  wider[static_cast<std::size_t>(Metric::kNesting)] = 1'501;
  EXPECT_FALSE(read_structure(deep, wider).problem);
}

TEST(ReadStructure, DamagedBytesAreMalformed) {
  const auto reason = [](const std::string& wasm) {
    const Structure structure = read_structure(wasm);
    return structure.problem ? structure.problem->reason : "accepted";
  };
  EXPECT_EQ(reason(""), "engine.malformed_module");
  EXPECT_EQ(reason("rubbish"), "engine.malformed_module");
  EXPECT_EQ(reason(kModuleHeader + "\1\xff\xff\xff\xff\x0f"s), "engine.malformed_module");      // 4 GiB of types
  EXPECT_EQ(reason(kModuleHeader + "\1\xff\xff\xff\xff\xff\xff"s), "engine.malformed_module");  // an overlong length
  EXPECT_EQ(reason(kModuleHeader + section(1, "\xff\xff\xff\xff\x0f")), "engine.malformed_module");
  EXPECT_EQ(reason(kModuleHeader + section(99, "x")), "engine.malformed_module");
  const std::string whole = guest_module("dynamic");
  EXPECT_EQ(reason(whole), "accepted");
  EXPECT_EQ(reason(whole.substr(0, whole.size() - 1)), "engine.malformed_module");
}

Proposals used(std::string_view name) { return read_structure(guest_module(name)).proposals; }

TEST(ReadStructure, NamesTheProposalsThatAModuleUses) {
  const auto uses = [](std::string_view name, Proposal proposal) {
    return used(name).without(Proposals::baseline()).list() == std::vector{proposal};
  };
  EXPECT_TRUE(used("wat/abi_minimal").without(Proposals::baseline()).empty());
  EXPECT_TRUE(uses("wat/feature_tail_call", Proposal::kTailCall));
  EXPECT_TRUE(uses("wat/feature_two_memories", Proposal::kMultiMemory));
  EXPECT_TRUE(uses("wat/feature_memory64", Proposal::kMemory64));
  EXPECT_TRUE(uses("wat/feature_custom_page_sizes", Proposal::kCustomPageSizes));
  EXPECT_TRUE(uses("wat/feature_wide_arithmetic", Proposal::kWideArithmetic));
  EXPECT_TRUE(uses("wat/feature_shared_memory", Proposal::kThreads));
  EXPECT_TRUE(uses("wat/component_empty", Proposal::kComponentModel));
  EXPECT_TRUE(used("wat/feature_atomics").has(Proposal::kThreads));
  EXPECT_TRUE(used("wat/feature_exceptions").has(Proposal::kExceptions));
  EXPECT_TRUE(used("wat/feature_legacy_exceptions").has(Proposal::kLegacyExceptions));
  EXPECT_TRUE(used("wat/feature_function_references").has(Proposal::kFunctionReferences));
  EXPECT_TRUE(used("wat/feature_gc").has(Proposal::kGc));
  EXPECT_TRUE(used("wat/feature_relaxed_simd").has(Proposal::kRelaxedSimd));
  EXPECT_TRUE(used("wat/feature_stack_switching").has(Proposal::kStackSwitching));
  EXPECT_TRUE(used("wat/feature_baseline").without(Proposals::baseline()).has(Proposal::kSimd));
}

TEST(Proposals, NamesGoBothWays) {
  for (std::size_t i = 0; i < kProposals; ++i) {
    const auto proposal = static_cast<Proposal>(i);
    EXPECT_EQ(proposal_named(to_string(proposal)), proposal);
  }
  EXPECT_FALSE(proposal_named("cold-fusion"));
  EXPECT_FALSE(proposal_named(""));
}

}  // namespace
}  // namespace caisson::engine
