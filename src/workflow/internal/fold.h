#pragma once

#include "workflow/run_record.h"

namespace caisson::workflow {

/// As apply, without the variant, for the two events that every node has.
void apply_event(RunRecord& record, const NodeStarted& event);
void apply_event(RunRecord& record, NodeSucceeded event);

}  // namespace caisson::workflow
