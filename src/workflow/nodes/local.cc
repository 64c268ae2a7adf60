#include "workflow/nodes/local.h"

#include "base/suggest.h"
#include "workflow/internal/node_reading.h"
#include "workflow/local_processors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::array<std::string_view, 2> kFields{"processor", "impl"};

std::shared_ptr<const NodeSpec> read_local(NodeReading& reading) {
  auto spec = std::make_shared<LocalSpec>();
  spec->options = without(reading.options, {"intent"});
  if (const Value* fuel = spec->options.find("fuel_level")) {
    reading.problems.warning("workflow.no_effect",
                             fmt::format("{}: 'fuel_level' has no effect on a local node", reading.fields.what()),
                             fuel->mark());
    spec->options = without(&spec->options, {"fuel_level"});
  }
  if (reading.fields.find("processor") == nullptr && reading.fields.find("impl") == nullptr) {
    reading.problems.error("workflow.missing_key",
                           fmt::format("Local processor '{}' missing 'processor' field", shown(reading.node.id)),
                           reading.fields.mark());
    return spec;
  }
  const std::string* name = reading.string_or_alias("processor", "impl");
  if (name == nullptr) {
    return spec;
  }
  spec->processor = *name;
  const auto known = local_processor_names();
  if (std::ranges::find(known, *name) == known.end()) {
    const Value* value = reading.fields.find(reading.fields.find("processor") != nullptr ? "processor" : "impl");
    reading.problems.error(
        "workflow.unknown_processor",
        fmt::format("Unknown local processor implementation: '{}'{}", shown(*name), base::did_you_mean(*name, known)),
        value->mark());
    return spec;
  }
  const auto made = make_local_processor(*name, spec->options);
  if (made) {
    spec->own = made->intent;
    return spec;
  }
  for (Diagnostic problem : made.error().diagnostics) {
    problem.message = fmt::format("{}: {}", reading.fields.what(), problem.message);
    if (problem.where.line == 0) {  // nothing is written where the problem is
      problem.where.line = reading.node.mark.line;
      problem.where.column = reading.node.mark.column;
    }
    reading.problems.add(problem);
  }
  if (made.error().diagnostics.empty()) {
    reading.problems.error(made.error().reason, fmt::format("{}: {}", reading.fields.what(), made.error().message),
                           reading.node.mark);
  }
  return spec;
}

}  // namespace

const NodeType kLocalType{
    .name = "local", .fields = kFields, .options = {}, .option_check = NodeType::Options::kOwn, .read = read_local};

bool LocalSpec::equals(const NodeSpec& other) const {
  const auto& that = static_cast<const LocalSpec&>(other);
  return processor == that.processor && options == that.options && own == that.own;
}

Result<std::unique_ptr<NodeRunner>> LocalSpec::open(const NodeDefinition& /*node*/, NodeSetup& /*setup*/) const {
  CAISSON_TRY(LocalProcessor made, make_local_processor(processor, options));
  return std::move(made.runner);
}

}  // namespace caisson::workflow
