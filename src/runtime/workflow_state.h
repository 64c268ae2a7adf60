#pragma once

#include "runtime/policies.h"
#include "workflow/definition.h"
#include "workflow/plan.h"
#include "workflow/run_record.h"

#include <caisson/runtime.h>

#include <memory>
#include <optional>
#include <vector>

namespace caisson {

/// Behind Workflow: the definition, its plan, what each node may do, and every warning about the two.
struct Workflow::State {
  workflow::Definition definition;
  workflow::Plan plan;
  runtime::Surroundings surroundings;
  runtime::Policies policies;    ///< none when there is a refusal
  std::optional<Error> refusal;  ///< why it may not run
  std::vector<Diagnostic> warnings;
  runtime::RunBounds bounds;
};

/// Behind Run: what happened, with the workflow it happened to. `definition` is the one that ran, options applied.
struct Run::State {
  std::shared_ptr<const Workflow::State> workflow;
  workflow::Definition definition;
  workflow::RunRecord record;
};

}  // namespace caisson
