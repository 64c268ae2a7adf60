#include "workflow/mapping.h"

#include "base/unicode.h"
#include "document/parse.h"
#include "document/print.h"
#include "language/program.h"
#include "workflow/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr document::ParseLimits kLimits{
    .bytes = kMaxMappedBytes, .depth = 128, .values = 1'000'000, .scalar_bytes = kMaxMappedBytes};

std::string shown(std::string_view text) { return base::printable(base::shorten(text, 64)); }

/// The outputs of a node's dependencies as values, each parsed once.
class DependencyOutputs {
 public:
  explicit DependencyOutputs(const std::vector<NamedPayload>& inputs) : inputs_(inputs) {}

  Result<const Value*> operator()(const std::string& node) {
    if (const auto known = values_.find(node); known != values_.end()) {
      return &known->second;
    }
    const auto given = std::ranges::find(inputs_, node, &NamedPayload::name);
    if (given == inputs_.end()) {
      return Error{Category::kInvalidArgument, "workflow.template_missing",
                   fmt::format("node '{}' has no output", shown(node))};
    }
    CAISSON_TRY(Value value, value_of(given->payload, node));
    return &values_.emplace(node, std::move(value)).first->second;
  }

 private:
  /// JSON that says so, or looks like an object or a list; other text is itself.
  static Result<Value> value_of(const Payload& payload, const std::string& node) {
    const std::string_view bytes = payload.bytes();
    const bool looks = bytes.starts_with('{') || bytes.starts_with('[');
    if ((payload.media_type() == Payload::kJson || looks) && document::is_json(bytes)) {
      Result<Value> parsed = document::parse_json(bytes, "", kLimits);
      return parsed ? std::move(parsed)
                    : std::move(parsed).error().with_context(fmt::format("the output of node '{}'", shown(node)));
    }
    if (!base::is_utf8(bytes)) {
      return Error{Category::kInvalidArgument, "workflow.template_missing",
                   fmt::format("the output of node '{}' is neither JSON nor text", shown(node))};
    }
    return Value(bytes);
  }

  const std::vector<NamedPayload>& inputs_;
  std::map<std::string, Value, std::less<>> values_;
};

Result<Value> fill(const Value& value, const Template::Outputs& outputs, std::size_t& left) {
  if (const std::string* text = value.as_string()) {
    CAISSON_TRY(const Template parsed, Template::parse(*text));
    CAISSON_TRY(Value filled, parsed.fill(outputs, left));
    const std::size_t size = parsed.is_text() ? 0 : document::to_json(filled).size();
    if (size > left) {
      return Error{Category::kResourceExhausted, "workflow.template_too_large",
                   fmt::format("input_mappings with what they refer to have more than {} bytes", kMaxMappedBytes)};
    }
    left -= size;
    return filled;
  }
  if (const document::List* list = value.as_list()) {
    Value out = Value::list();
    for (const Value& item : *list) {
      CAISSON_TRY(Value filled, fill(item, outputs, left));
      out.push(std::move(filled));
    }
    return out;
  }
  if (const document::Map* map = value.as_map()) {
    Value out = Value::map();
    for (const document::Entry& entry : *map) {
      CAISSON_TRY(Value filled, fill(entry.value, outputs, left));
      out.set(entry.name, std::move(filled));
    }
    return out;
  }
  return value;
}

/// A value as a payload: a string is its text.
Payload payload_of(const Value& value) {
  return value.as_string() != nullptr ? Payload(*value.as_string()) : Payload(to_json(value), Payload::kJson);
}

Result<Value> select(const OutputSelection& selection, const Value& output) {
  const auto missing = [](const Error& error) {
    return Error{Category::kGuestFault, "workflow.selection_missing",
                 fmt::format("output_selection: {}", error.message)};
  };
  if (selection.fields.empty()) {
    const Result<const Value*> found = follow(output, selection.path, "the output");
    return found ? Result<Value>(**found) : Result<Value>(missing(found.error()));
  }
  Value out = Value::map();
  for (const std::string& field : selection.fields) {
    const Result<const Value*> found = follow(output, {field}, "the output");
    if (!found) {
      return missing(found.error());
    }
    out.set(field, **found);
  }
  return out;
}

class MappedRunner final : public NodeRunner {
 public:
  MappedRunner(std::unique_ptr<NodeRunner> runner, const NodeDefinition& node)
      : runner_(std::move(runner)),
        takes_values_(node.type().data == NodeType::Data::kValues),
        mappings_(node.input_mappings),
        selection_(node.output_selection) {}

  [[nodiscard]] bool wants_inputs() const noexcept override { return mappings_ || runner_->wants_inputs(); }
  [[nodiscard]] bool wants_metadata() const noexcept override { return runner_->wants_metadata(); }

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    NodeOutcome out;
    if (!mappings_) {
      out = runner_->run(input, stop);
    } else {
      DependencyOutputs outputs(input.inputs);
      std::size_t left = kMaxMappedBytes;
      Result<Value> values = fill(mappings_->values, [&](const std::string& node) { return outputs(node); }, left);
      if (!values) {
        out.error = std::move(values).error().with_context("input_mappings");
        return out;
      }
      out = runner_->run(mapped(input, *values), stop);
    }
    if (selection_ && !out.error) {
      out.error = keep(*selection_, out.payload);
    }
    if (out.error) {
      out.payload.reset();
    }
    return out;
  }

 private:
  /// `values` and the mappings outlive what is returned.
  [[nodiscard]] NodeInput mapped(const NodeInput& input, const Value& values) const {
    NodeInput out = input;
    out.inputs.clear();
    if (!takes_values_) {
      out.payload = payload_of(values);
      return out;
    }
    for (const document::Entry& entry : *values.as_map()) {
      out.inputs.push_back({entry.name, payload_of(entry.value)});
    }
    return out;
  }

  static std::optional<Error> keep(const OutputSelection& selection, std::optional<Payload>& payload) {
    const std::string_view bytes = payload ? payload->bytes() : std::string_view();
    const Result<Value> output = document::parse_json(bytes, "", kLimits);
    if (!output) {
      return Error{Category::kGuestFault, "workflow.selection_missing",
                   "output_selection needs an output that is JSON, and this is none"};
    }
    const Result<Value> selected = select(selection, *output);
    if (!selected) {
      return selected.error();
    }
    payload = payload_of(*selected);
    return std::nullopt;
  }

  std::unique_ptr<NodeRunner> runner_;
  bool takes_values_;
  std::optional<InputMappings> mappings_;
  std::optional<OutputSelection> selection_;
};

}  // namespace

std::unique_ptr<NodeRunner> with_mappings(std::unique_ptr<NodeRunner> runner, const NodeDefinition& node) {
  return node.input_mappings || node.output_selection ? std::make_unique<MappedRunner>(std::move(runner), node)
                                                      : std::move(runner);
}

}  // namespace caisson::workflow
