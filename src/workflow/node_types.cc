#include "workflow/definition.h"
#include "workflow/node_type.h"
#include "workflow/nodes/code.h"
#include "workflow/nodes/condition.h"
#include "workflow/nodes/local.h"
#include "workflow/nodes/loop.h"
#include "workflow/nodes/map.h"
#include "workflow/nodes/parallel.h"
#include "workflow/nodes/recursive.h"
#include "workflow/nodes/shell.h"
#include "workflow/nodes/wasm.h"
#include "workflow/nodes/workflow.h"

#include <algorithm>
#include <array>

namespace caisson::workflow {

namespace {

constexpr std::array<const NodeType*, 10> kTypes{&kLocalType,    &kWasmType, &kCodeType,     &kConditionType,
                                                 &kLoopType,     &kMapType,  &kParallelType, &kRecursiveType,
                                                 &kWorkflowType, &kShellType};

}  // namespace

const sandbox::PolicyRequest& NodeSpec::defaults(const Definition& /*definition*/) const {
  static const sandbox::PolicyRequest nothing;
  return nothing;
}

Status NodeSpec::check(const NodeDefinition& /*node*/, NodeSetup& /*setup*/) const { return {}; }

std::span<const NodeType* const> node_types() noexcept { return kTypes; }

const NodeType* find_node_type(std::string_view name) noexcept {
  const auto found = std::ranges::find(kTypes, name, &NodeType::name);
  return found == kTypes.end() ? nullptr : *found;
}

}  // namespace caisson::workflow
