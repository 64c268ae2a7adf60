#include "workflow/nodes/wasm.h"

#include "base/unicode.h"
#include "sandbox/policy_print.h"
#include "workflow/internal/node_reading.h"
#include "workflow/internal/policy_fields.h"
#include "workflow/internal/sandboxed.h"
#include "workflow/node_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

namespace caisson::workflow {

namespace {

class WasmRunner final : public NodeRunner {
 public:
  WasmRunner(sandbox::Guest guest, const sandbox::Policy& policy, const NodeDefinition& node, std::string module_path,
             const sandbox::Executor& executor)
      : guest_(std::move(guest)),
        policy_(policy),
        policy_digest_(sandbox::digest_of(policy)),
        id_(node.id),
        module_path_(std::move(module_path)),
        executor_(executor) {}

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    sandbox::Outcome outcome = executor_.call(guest_, input.payload, policy_, stop,
                                              {.run = input.run,
                                               .node = id_,
                                               .policy = &policy_digest_,
                                               .storage = input.storage,
                                               .memory = input.memory,
                                               .listener = input.listener});
    document::Value about = metadata(outcome.usage);
    NodeOutcome out = outcome_of(std::move(outcome));
    out.metadata = std::move(about);
    return out;
  }

 private:
  [[nodiscard]] document::Value metadata(const sandbox::Usage& usage) const {
    document::Value out = document::Value::map();
    out.set("processor_id", id_);
    out.set("module_path", module_path_);
    out.set("artifact_type", sandbox::to_string(guest_.abi));
    out.set("capabilities", capabilities_of(policy_.grants));
    out.set("input_length", static_cast<std::int64_t>(usage.input_bytes));
    out.set("output_length", static_cast<std::int64_t>(usage.output_bytes));
    return out;
  }

  sandbox::Guest guest_;
  sandbox::Policy policy_;
  base::Digest policy_digest_;
  std::string id_;
  std::string module_path_;
  const sandbox::Executor& executor_;
};

constexpr std::array<std::string_view, 2> kFields{"module", "func"};
constexpr std::array<std::string_view, 1> kOptions{"fuel_level"};

/// `options.fuel_level`: a fuel, held within what the definition's `wasm.fuel` says.
void read_fuel(NodeReading& reading) {
  Fields fields(*reading.options, reading.fields.what() + ": options", reading.problems);
  const document::Value* level = fields.find("fuel_level");
  const auto wanted = fields.whole("fuel_level", 0, INT64_MAX);
  if (!wanted) {
    return;
  }
  const FuelPolicy& fuel = reading.definition.fuel;
  const std::uint64_t used = std::clamp(static_cast<std::uint64_t>(*wanted), fuel.minimum, fuel.maximum);
  set_fuel(reading.node.policy, used, *level, reading.definition.file);
  if (used != static_cast<std::uint64_t>(*wanted)) {
    reading.problems.warning("workflow.fuel_clamped",
                             fmt::format("{}: fuel_level {} is outside {} to {}; {} is used", reading.fields.what(),
                                         *wanted, fuel.minimum, fuel.maximum, used),
                             level->mark());
  }
}

std::shared_ptr<const NodeSpec> read_wasm(NodeReading& reading) {
  auto spec = std::make_shared<WasmSpec>();
  Fields& fields = reading.fields;
  if (fields.find("module") == nullptr) {
    fields.missing("module", "a wasm node needs the path of its module");
  } else if (const std::string* module = fields.string("module")) {
    spec->module = *module;
    if (module->empty() || module->find('\0') != std::string::npos) {
      reading.problems.error("workflow.bad_value",
                             fmt::format("{}: module must be the path of a file, got {}", fields.what(),
                                         base::quote(base::shorten(*module, 64))),
                             fields.find("module")->mark());
    }
  }
  if (const std::string* func = fields.string("func")) {
    spec->func = *func;
  }
  if (reading.options != nullptr) {
    read_fuel(reading);
  }
  return spec;
}

}  // namespace

const NodeType kWasmType{.name = "wasm",
                         .fields = kFields,
                         .options = kOptions,
                         .runs = NodeType::Runs::kInSandbox,
                         .shape = {"{{", "}}", "hexagon"},
                         .read = read_wasm};

bool WasmSpec::equals(const NodeSpec& other) const {
  const auto& that = static_cast<const WasmSpec&>(other);
  return module == that.module && func == that.func;
}

const sandbox::PolicyRequest& WasmSpec::defaults(const Definition& definition) const { return definition.wasm_fuel; }

Status WasmSpec::check(const NodeDefinition& node, NodeSetup& setup) const {
  const auto guest = setup.open_module(module, func, setup.policy_of(node));
  return guest ? Status() : Status(guest.error());
}

Result<std::unique_ptr<NodeRunner>> WasmSpec::open(const NodeDefinition& node, NodeSetup& setup) const {
  const sandbox::Policy* policy = setup.policy_of(node);
  CAISSON_TRY(sandbox::Guest guest, setup.open_module(module, func, policy));
  return std::unique_ptr<NodeRunner>(
      std::make_unique<WasmRunner>(std::move(guest), *policy, node, module, setup.executor()));
}

}  // namespace caisson::workflow
