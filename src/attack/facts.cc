#include "attack/facts.h"

#include <algorithm>
#include <array>

namespace caisson::attack {

namespace {

struct Row {
  std::string_view reason;  ///< or the beginning of it, with a dot at the end
  std::string_view verdict;
};

constexpr auto kRows = std::to_array<Row>({
    {"code.import_denied", "E_DENIED"},
    {"code.", "E_GUEST"},
    {"document.", "E_DEF"},
    {"engine.compile_crashed", "E_COMPILE"},
    {"engine.compile_limit", "E_COMPILE"},
    {"engine.malformed_module", "E_COMPILE"},
    {"engine.module_too_large", "E_STRUCT"},
    {"engine.not_wasm", "E_COMPILE"},
    {"engine.pool_too_small", "E_MEM"},
    {"engine.structural_limit", "E_STRUCT"},
    {"engine.unsupported_feature", "E_COMPILE"},
    {"observe.", "E_INTEGRITY"},
    {"policy.refused", "E_POLICY"},
    {"sandbox.bad_pointer", "E_TRAP"},
    {"sandbox.bad_snapshot", "E_INTEGRITY"},
    {"sandbox.cpu_limit", "E_DEADLINE"},
    {"sandbox.deadline", "E_DEADLINE"},
    {"sandbox.feature_denied", "E_DENIED"},
    {"sandbox.handle_limit", "E_MEM"},
    {"sandbox.host_call_limit", "E_QUOTA"},
    {"sandbox.idle", "E_DEADLINE"},
    {"sandbox.import_denied", "E_DENIED"},
    {"sandbox.input_too_large", "E_QUOTA"},
    {"sandbox.instance_limit", "E_QUOTA"},
    {"sandbox.memory_growth", "E_MEM"},
    {"sandbox.memory_limit", "E_MEM"},
    {"sandbox.other_image", "E_INTEGRITY"},
    {"sandbox.other_rights", "E_INTEGRITY"},
    {"sandbox.out_of_fuel", "E_FUEL"},
    {"sandbox.output_limit", "E_OUTPUT"},
    {"sandbox.random_limit", "E_QUOTA"},
    {"sandbox.session_ended", "E_ENDED"},
    {"sandbox.session_limit", "E_QUOTA"},
    {"sandbox.stack_overflow", "E_STACK"},
    {"sandbox.run_memory", "E_MEM"},
    {"sandbox.table_limit", "E_MEM"},
    {"sandbox.trap", "E_TRAP"},
    {"workflow.expression_failed", "E_GUEST"},
    {"workflow.loop_limit", "E_QUOTA"},
    {"workflow.payload_too_large", "E_QUOTA"},
    {"workflow.result_too_large", "E_QUOTA"},
    {"workflow.run_timeout", "E_DEADLINE"},
    {"workflow.script_failed", "E_GUEST"},
    {"workflow.timeout", "E_DEADLINE"},
    {"workflow.too_deep", "E_QUOTA"},
    {"workflow.too_many_edges", "E_QUOTA"},
    {"workflow.too_many_items", "E_QUOTA"},
    {"workflow.too_many_steps", "E_QUOTA"},
    {"workflow.too_much_output", "E_QUOTA"},
    {"workflow.", "E_DEF"},
});

}  // namespace

std::string verdict_of(std::string_view reason) {
  if (reason.empty()) {
    return "OK";
  }
  const auto* const row = std::ranges::find_if(
      kRows, [&](const Row& r) { return r.reason.ends_with('.') ? reason.starts_with(r.reason) : reason == r.reason; });
  return std::string(row == kRows.end() ? reason : row->verdict);
}

}  // namespace caisson::attack
