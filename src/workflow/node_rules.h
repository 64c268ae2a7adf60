#pragma once

#include "workflow/node_runner.h"

#include <caisson/error.h>
#include <caisson/result.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// How the wait between attempts grows.
enum class Backoff : std::uint8_t { kFixed, kLinear, kExponential };

/// `fixed`, `linear`, `exponential`: as definitions write it.
[[nodiscard]] std::string_view to_string(Backoff backoff) noexcept;
[[nodiscard]] std::optional<Backoff> backoff_from(std::string_view name) noexcept;

/// Whether and when a node that failed is tried again.
struct RetryRule {
  static constexpr std::uint32_t kMostAttempts = 100;

  std::uint32_t attempts = 1;  ///< in all
  Backoff backoff = Backoff::kExponential;
  std::chrono::nanoseconds delay = std::chrono::seconds(1);     ///< before the second attempt
  std::chrono::nanoseconds longest = std::chrono::seconds(60);  ///< no wait is longer
  double jitter = 0.0;  ///< from 0 to 1: the part of a wait that is left to chance
  /// What is tried again: reasons (`sandbox.deadline`), their beginnings (`sandbox.*`) and categories
  /// (`unavailable`). Empty: whatever may be.
  std::vector<std::string> on{};

  friend bool operator==(const RetryRule&, const RetryRule&) = default;

  /// Whether a node that failed like this is tried again at all. Never: what is denied, what was cancelled, and a
  /// failure with a violation of the node's policy.
  [[nodiscard]] bool covers(const NodeOutcome& outcome) const noexcept;

  /// The wait before an attempt, the second or a later one. `chance`: from 0 to 1; 0 waits the shortest.
  [[nodiscard]] std::chrono::nanoseconds wait_before(std::uint32_t attempt, double chance) const noexcept;
};

/// Decides just before a node would start whether it does.
class Guard {
 public:
  Guard() = default;
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  virtual ~Guard() = default;

  /// False: the node is not taken. An error fails the node, which is not tried again. Asked before the first attempt
  /// only.
  [[nodiscard]] virtual Result<bool> holds(const NodeInput& input, const std::stop_token& stop) const = 0;
};

/// Nodes of which so many may be in flight at once, over a whole run with its nested ones.
struct NodeGroup {
  std::size_t limit = 1;
  std::string name{};  ///< for people: `type code`, `key database`

  friend bool operator==(const NodeGroup&, const NodeGroup&) = default;
};

/// How a node is run, whatever its runner does. The default is a node that only runs.
struct NodeRules {
  std::shared_ptr<const Guard> when{};  ///< shared_ptr: rules are copied from a definition into its runs
  RetryRule retry{};
  std::chrono::nanoseconds timeout{0};  ///< of one attempt; 0: none
  bool failure_counts = true;  ///< false: what depends on the node runs although it failed, and so does the run
  std::int8_t priority = 0;    ///< of two nodes that could start, the higher first
  /// Whose limits it counts in: indices of RunOptions::groups, rising, each once. Not for a node that runs nodes
  /// itself: it would hold its places while these wait for theirs, and the run could never end.
  std::vector<std::uint32_t> groups{};

  friend bool operator==(const NodeRules&, const NodeRules&) = default;
};

}  // namespace caisson::workflow
