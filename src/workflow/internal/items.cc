#include "workflow/internal/items.h"

#include "document/parse.h"
#include "workflow/internal/body_runs.h"
#include "workflow/internal/control_fields.h"

#include <fmt/format.h>

#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

Error too_many(std::string_view what) {
  return {Category::kResourceExhausted, "workflow.too_many_items",
          fmt::format("{}; at most {} items are allowed: split the list, or give chunks of it", what, kMostItems)};
}

Result<std::vector<Payload>> payloads_of(const Value& value) {
  const document::List* list = value.as_list();
  if (list == nullptr) {
    return Error{Category::kInvalidArgument, "workflow.bad_items",
                 fmt::format("the items must be a list, got {}", to_string(value.kind()))};
  }
  if (list->size() > kMostItems) {
    return too_many(fmt::format("there are {} items", list->size()));
  }
  std::vector<Payload> out;
  out.reserve(list->size());
  for (const Value& item : *list) {
    out.push_back(payload_of(item));
  }
  return out;
}

}  // namespace

ItemSource read_items(NodeReading& reading) {
  ItemSource out;
  const Value* items = reading.fields.find("items");
  const Value* source = reading.fields.find("items_source");
  if (items != nullptr && source != nullptr) {
    reading.problems.error("workflow.bad_value",
                           fmt::format("{}: write either 'items' or 'items_source'", reading.fields.what()),
                           source->mark());
  } else if (items != nullptr && items->as_list() != nullptr) {
    out.list = *items;
    if (items->as_list()->size() > kMostItems) {
      reading.problems.error("workflow.bad_value",
                             fmt::format("{}: there are {} items; at most {} are allowed", reading.fields.what(),
                                         items->as_list()->size(), kMostItems),
                             items->mark());
    }
  } else if (items != nullptr && items->as_string() == nullptr) {
    reading.fields.wrong_kind("items", *items, "a list, or an expression that gives one");
  } else {
    out.expression = read_expression(reading, items != nullptr ? "items" : "items_source");
    out.of_input = items == nullptr && source == nullptr;
  }
  return out;
}

Result<std::vector<Payload>> items_of(const ItemSource& source, const NodeExpressions& expressions,
                                      const NodeInput& input, const std::stop_token& stop, sandbox::Usage& usage) {
  if (source.list) {
    return payloads_of(*source.list);
  }
  std::string json;
  if (source.expression) {
    Evaluation evaluation = expressions.evaluate(*source.expression, input, ExpressionUse::kValue, stop);
    if (evaluation.usage) {
      add_usage(usage, *evaluation.usage);
    }
    if (evaluation.error) {
      return *std::move(evaluation.error);
    }
    json = std::move(evaluation.json);
  } else {
    json = input.payload.bytes();
  }
  constexpr document::ParseLimits kLimits{
      .bytes = 64U << 20, .depth = document::ParseLimits::kMaxDepth, .values = 1'000'000, .scalar_bytes = 64U << 20};
  auto value = document::parse_json(json, "items", kLimits);
  if (!value && value.error().reason == "document.too_large") {
    return too_many("the list is too large");
  }
  if (!value) {
    return Error{Category::kInvalidArgument, "workflow.bad_items",
                 fmt::format("the items must be a list in JSON: {}", value.error().message)};
  }
  return payloads_of(*value);
}

}  // namespace caisson::workflow
