#pragma once

#include "case.h"

#include "workflow/node_runner.h"
#include "workflow/run_record.h"

#include <span>
#include <string>
#include <vector>

namespace caisson::simulation {

/// How a node ended, as far as timing has no part in it.
struct End {
  workflow::NodeState state = workflow::NodeState::kPending;
  std::string story;  ///< state, cause, attempts, output, error

  friend bool operator==(const End&, const End&) = default;
};

struct Ending {
  std::vector<End> nodes;
  std::string run;  ///< status, result, error
};

/// What an attempt gives for its input. Used by the runners and by the model.
[[nodiscard]] workflow::NodeOutcome outcome_of(const Node& node, std::size_t attempt, const workflow::NodeInput& input);
/// What a node gives whose nested run ended like this.
[[nodiscard]] workflow::NodeOutcome outcome_of(const workflow::RunRecord& nested);

/// What became of a run.
[[nodiscard]] Ending ending_of(const Case& graph, const workflow::RunRecord& record);

/// What has to become of it when nothing stops it: the contract of scheduler.h once more, without a scheduler, for
/// failures that stop only what depends on them.
[[nodiscard]] Ending expected_ending(const Case& graph, const Payload& input,
                                     std::span<const workflow::NamedPayload> inputs = {});

}  // namespace caisson::simulation
