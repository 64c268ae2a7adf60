#include "workflow/nodes/workflow.h"

#include "base/unicode.h"
#include "workflow/internal/body_runs.h"
#include "workflow/internal/node_reading.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

class WorkflowRunner final : public NodeRunner {
 public:
  WorkflowRunner(std::string id, BodyRuns body) : id_(std::move(id)), body_(std::move(body)) {}

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    return body_.run(input, {.scope = id_, .payload = input.payload}, stop);
  }

 private:
  std::string id_;
  BodyRuns body_;
};

constexpr std::array<std::string_view, 3> kFields{"file", "workflow_ref", "name"};

bool is_workflow_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && name.front() != '.' && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

std::shared_ptr<const NodeSpec> read_workflow(NodeReading& reading) {
  auto spec = std::make_shared<WorkflowSpec>();
  spec->reference = read_workflow_reference(reading);
  return spec;
}

}  // namespace

const NodeType kWorkflowType{.name = "workflow",
                             .fields = kFields,
                             .options = {},
                             .runs = NodeType::Runs::kInSandbox,
                             .data = NodeType::Data::kValues,
                             .contains = NodeType::Contains::kNodes,
                             .shape = {"[[", "]]", "tab"},
                             .read = read_workflow};

WorkflowReference read_workflow_reference(NodeReading& reading) {
  WorkflowReference out;
  std::size_t written = 0;
  for (const std::string_view name : kFields) {
    const Value* value = reading.fields.find(name);
    const std::string* text = value == nullptr ? nullptr : reading.fields.string(name);
    written += value == nullptr ? 0 : 1;
    if (text == nullptr) {
      continue;
    }
    out = {*text, name != "file"};
    const bool usable = out.is_name ? is_workflow_name(*text) : !text->empty() && text->find('\0') == std::string::npos;
    if (!usable) {
      reading.problems.error(
          "workflow.bad_value",
          fmt::format("{}: {} must be {}, got {}", reading.fields.what(), name,
                      out.is_name ? "a name of letters, digits, '_', '-' and '.'" : "the path of a file",
                      base::quote(base::shorten(*text, 64))),
          value->mark());
    }
  }
  if (written == 0) {
    reading.fields.missing("file", "name the workflow that it runs: `file: PATH`, or `workflow_ref: NAME`");
  } else if (written > 1) {
    reading.problems.error("workflow.bad_value",
                           fmt::format("{}: write one of 'file' and 'workflow_ref'", reading.fields.what()),
                           reading.fields.mark());
  }
  return out;
}

bool WorkflowSpec::equals(const NodeSpec& other) const {
  return reference == static_cast<const WorkflowSpec&>(other).reference;
}

Status WorkflowSpec::check(const NodeDefinition& node, NodeSetup& setup) const {
  const auto workflow = setup.workflow(reference, node);
  return workflow ? Status() : Status(workflow.error());
}

Result<std::unique_ptr<NodeRunner>> WorkflowSpec::open(const NodeDefinition& node, NodeSetup& setup) const {
  CAISSON_TRY(SubWorkflow workflow, setup.workflow(reference, node));
  return std::unique_ptr<NodeRunner>(std::make_unique<WorkflowRunner>(node.id, BodyRuns(std::move(workflow))));
}

}  // namespace caisson::workflow
