#pragma once

#include "workflow/node_rules.h"
#include "workflow/strategy.h"
#include "workflow/testing/fake_runners.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

namespace caisson::simulation {

/// What one attempt of a node does.
enum class Act : std::uint8_t {
  kSucceed,
  kFail,      ///< unavailable / test.unavailable
  kFault,     ///< guest_fault / test.fault
  kDeny,      ///< permission_denied / test.denied
  kViolate,   ///< guest_fault / test.fault, with a violation
  kGiveUp,    ///< cancelled / test.gave_up, though nobody asked for it
  kThrow,     ///< an exception
  kSilent,    ///< no payload
  kTooLarge,  ///< a payload larger than kMostBytes
};

inline constexpr std::uint64_t kMostBytes = 4096;  ///< RunOptions::max_payload_bytes of every run

struct Attempt {
  Act act = Act::kSucceed;
  std::chrono::nanoseconds duration{0};
};

enum class Condition : std::uint8_t { kNone, kHolds, kFails, kError };

struct Case;

/// A node, and everything that it will do.
struct Node {
  workflow::TestNode plan;
  workflow::NodeRules rules;  ///< without `when`
  Condition condition = Condition::kNone;
  std::vector<Attempt> attempts;       ///< the last one repeats
  std::vector<std::string> not_taken;  ///< of its dependents
  bool wants_inputs = false;
  bool obeys = true;                   ///< a stop
  std::shared_ptr<const Case> nested;  ///< runs these instead, and succeeds when they do

  [[nodiscard]] const Attempt& attempt(std::size_t number) const {
    return attempts[std::min(number, attempts.size()) - 1];
  }
};

/// A graph and how it is run.
struct Case {
  std::vector<Node> nodes;
  workflow::Plan plan = workflow::plan_of({});
  workflow::FailureStrategy failure_strategy = workflow::FailureStrategy::kFailFast;
  std::size_t max_concurrency = 1;
};

/// A whole run.
struct Scenario {
  std::shared_ptr<const Case> graph;
  std::size_t threads = 1;
  std::vector<workflow::NodeGroup> groups;
  workflow::StrategyHints hints;
  std::optional<std::chrono::nanoseconds> cancelled_after;  ///< from outside
  std::chrono::nanoseconds timeout{0};
  std::uint64_t max_steps = 1'000'000;

  /// Whether how it ends depends on timing, apart from what fail_fast does.
  [[nodiscard]] bool may_be_stopped() const { return cancelled_after || timeout.count() > 0 || max_steps < 1'000'000; }
};

/// The same for the same seed.
[[nodiscard]] Scenario random_scenario(std::uint64_t seed);

}  // namespace caisson::simulation
