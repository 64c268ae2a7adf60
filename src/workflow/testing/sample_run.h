#pragma once

#include "workflow/definition.h"
#include "workflow/nodes/local.h"
#include "workflow/nodes/wasm.h"
#include "workflow/plan.h"
#include "workflow/run_record.h"

#include <optional>
#include <string>
#include <vector>

namespace caisson::workflow {

/// A definition, its plan and the record of a run that never happened: for tests of what shows runs.
struct SampleRun {
  Definition definition;
  Plan plan;
  RunRecord record;
};

/// A node, and how it ended. Its processor and module do not exist.
struct SampleNode {
  std::string id;
  const NodeType* type = &kLocalType;
  Intent intent = Intent::kTransform;
  std::vector<std::string> depends_on{};
  NodeState state = NodeState::kSucceeded;
  std::optional<Payload> payload{};
  document::Value metadata{};
  std::optional<Error> error{};
  std::string because{};  ///< of a skipped node
};

/// Node i started at i ms and ended half a millisecond later; the run took 4.2 ms.
[[nodiscard]] SampleRun sample_run(const std::vector<SampleNode>& nodes, RunStarted run);

/// Demo 04 of the source: three nodes in a row on the input `hello world`.
[[nodiscard]] SampleRun sample_demo();

}  // namespace caisson::workflow
