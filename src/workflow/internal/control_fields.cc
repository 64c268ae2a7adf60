#include "workflow/internal/control_fields.h"

#include "base/unicode.h"
#include "workflow/internal/plan_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

/// The inside of `{{...}}` when that is all there is, otherwise the text.
std::string_view without_braces(std::string_view text) {
  const auto trimmed = [](std::string_view t) {
    const std::size_t begin = std::min(t.find_first_not_of(" \t\r\n"), t.size());
    return t.substr(begin, t.find_last_not_of(" \t\r\n") + 1 - begin);
  };
  const std::string_view whole = trimmed(text);
  const bool braces = whole.size() >= 4 && whole.starts_with("{{") && whole.ends_with("}}");
  return braces ? whole.substr(2, whole.size() - 4) : text;
}

}  // namespace

std::optional<Expression> read_expression(NodeReading& reading, std::string_view name,
                                          std::span<const std::string_view> more) {
  const Value* value = reading.fields.find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  if (value->as_bool() != nullptr) {  // `while: true`
    return Expression::parse(*value->as_bool() ? "true" : "false").value();
  }
  const std::string* text = reading.fields.string(name);
  if (text == nullptr) {
    return std::nullopt;
  }
  std::vector<std::string_view> known(more.begin(), more.end());
  known.emplace_back("input");
  std::ranges::transform(reading.node.depends_on, std::back_inserter(known), &Dependency::id);
  known.insert(known.end(), reading.scope.names.begin(), reading.scope.names.end());
  auto expression = Expression::parse(without_braces(*text));
  const Status names = expression ? expression->check_names(known) : Status(expression.error());
  if (!names) {
    reading.problems.error(names.error().reason,
                           fmt::format("{}: {}: {}", reading.fields.what(), name, names.error().message),
                           value->mark());
    return std::nullopt;
  }
  return *std::move(expression);
}

std::vector<Dependency> read_ids(NodeReading& reading, std::string_view name) {
  std::vector<Dependency> out;
  const Value* list = reading.fields.list(name);
  for (const Value& item : list == nullptr ? document::List() : *list->as_list()) {
    if (const std::string* id = item.as_string()) {
      out.push_back({*id, item.mark()});
    } else {
      reading.fields.wrong_kind(name, item, "a list of ids (strings)");
    }
  }
  if (out.size() > kMaxDependencies) {
    reading.problems.error("workflow.bad_value",
                           fmt::format("{}: {} has {} entries; at most {} are allowed", reading.fields.what(), name,
                                       out.size(), kMaxDependencies),
                           list->mark());
    out.clear();
  }
  return out;
}

std::string read_variable(NodeReading& reading, std::string_view name, std::string_view standard) {
  const std::string* text = reading.fields.string(name);
  if (text != nullptr && (!is_expression_name(*text) || *text == "input")) {
    reading.problems.error(
        "workflow.bad_value",
        fmt::format("{}: {} must be a name of letters, digits and underscores, and not 'input', got {}",
                    reading.fields.what(), name, base::quote(base::shorten(*text, 64))),
        reading.fields.find(name)->mark());
    text = nullptr;
  }
  return text == nullptr ? std::string(standard) : *text;
}

std::vector<NodeDefinition> read_body(NodeReading& reading, const Value& list, std::vector<std::string> names) {
  BodyScope scope{.names = reading.scope.names, .depth = reading.scope.depth + 1};
  std::ranges::move(names, std::back_inserter(scope.names));
  std::ranges::transform(reading.node.depends_on, std::back_inserter(scope.names), &Dependency::id);
  if (list.as_list()->empty()) {
    reading.problems.error("workflow.bad_value",
                           fmt::format("{}: there must be at least one node", reading.fields.what()), list.mark());
    return {};
  }
  if (scope.depth > kMaxBodyDepth) {
    reading.problems.error(
        "workflow.bad_value",
        fmt::format("{}: nodes stand in the bodies of others more than {} deep", reading.fields.what(), kMaxBodyDepth),
        list.mark());
    return {};
  }
  std::vector<NodeDefinition> out = read_node_list(*list.as_list(), reading.definition, reading.problems, scope);
  check_graph(plan_nodes(out), reading.problems);
  return out;
}

std::vector<NodeDefinition> read_required_body(NodeReading& reading, std::vector<std::string> names) {
  if (reading.fields.find("body") == nullptr) {
    reading.fields.missing("body", "list the nodes that it runs: their ids, or the nodes themselves");
    return {};
  }
  const Value* list = reading.fields.list("body");
  return list == nullptr ? std::vector<NodeDefinition>() : read_body(reading, *list, std::move(names));
}

}  // namespace caisson::workflow
