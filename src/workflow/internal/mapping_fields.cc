#include "workflow/internal/mapping_fields.h"

#include "base/suggest.h"
#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::size_t kMostSelected = 1'000;
constexpr std::array<std::string_view, 2> kNames{"input_mappings", "output_selection"};

std::string shown(std::string_view text) { return base::printable(base::shorten(text, 64)); }

void for_each_text(const Value& value, const std::function<void(const Value&)>& act) {
  if (value.as_string() != nullptr) {
    act(value);
  } else if (const document::List* list = value.as_list()) {
    for (const Value& item : *list) {
      for_each_text(item, act);
    }
  } else if (const document::Map* map = value.as_map()) {
    for (const document::Entry& entry : *map) {
      for_each_text(entry.value, act);
    }
  }
}

void read_input_mappings(Fields& fields, NodeDefinition& node, Problems& problems) {
  const Value* map = fields.map("input_mappings");
  if (map == nullptr) {
    return;
  }
  for_each_text(*map, [&](const Value& text) {
    if (const Result<Template> parsed = Template::parse(*text.as_string()); !parsed) {
      const auto& diagnostics = parsed.error().diagnostics;
      const std::size_t offset =
          diagnostics.empty() ? 0 : static_cast<std::size_t>(diagnostics.front().where.column - 1);
      problems.error_inside(parsed.error().reason,
                            fmt::format("{}: input_mappings: {}", fields.what(), parsed.error().message), text, offset);
    }
  });
  node.input_mappings = InputMappings{*map};
}

void read_output_selection(Fields& fields, NodeDefinition& node, Problems& problems) {
  const Value* value = fields.find("output_selection");
  if (value == nullptr) {
    return;
  }
  OutputSelection out;
  if (const std::string* text = value->as_string()) {
    Result<ValuePath> path = parse_value_path(*text);
    if (!path) {
      problems.error(path.error().reason, fmt::format("{}: output_selection: {}", fields.what(), path.error().message),
                     value->mark());
      return;
    }
    out.path = *std::move(path);
  } else if (const document::List* list = value->as_list();
             list != nullptr && !list->empty() && list->size() <= kMostSelected) {
    for (const Value& item : *list) {
      const std::string* name = item.as_string();
      if (name == nullptr || std::ranges::find(out.fields, *name) != out.fields.end()) {
        problems.error(
            "workflow.bad_value",
            fmt::format("{}: output_selection must name each member of the output once, as a string", fields.what()),
            item.mark());
        return;
      }
      out.fields.push_back(*name);
    }
  } else {
    problems.error("workflow.wrong_type",
                   fmt::format("{}: output_selection must be a list of 1 to {} names, or a path such as user.names[0]",
                               fields.what(), kMostSelected),
                   value->mark());
    return;
  }
  node.output_selection = std::move(out);
}

class ReferenceCheck {
 public:
  ReferenceCheck(std::span<const NodeDefinition> nodes, std::span<const std::string> names, Problems& problems)
      : names_(names), problems_(problems) {
    for (const NodeDefinition& node : nodes) {
      ids_.insert(node.id);
      if (node.spec != nullptr && node.type().name == "condition") {
        conditions_.insert(node.id);
      }
    }
  }

  void check(const NodeDefinition& node, const InputMappings& mappings) const {
    for_each_text(mappings.values, [&](const Value& text) {
      const Result<Template> parsed = Template::parse(*text.as_string());
      if (!parsed) {
        return;  // was reported
      }
      for (const Template::Reference& reference : parsed->references()) {
        check(node, text, reference);
      }
    });
  }

 private:
  void check(const NodeDefinition& node, const Value& text, const Template::Reference& reference) const {
    const bool depends = std::ranges::find(node.depends_on, reference.node, &Dependency::id) != node.depends_on.end();
    if (depends && conditions_.contains(reference.node)) {
      check_condition(node, text, reference);
    }
    if (depends || std::ranges::find(names_, reference.node) != names_.end()) {
      return;
    }
    const std::string what =
        fmt::format("node '{}': input_mappings: '{{{{{}}}}}'", shown(node.id), shown(reference.node));
    if (ids_.contains(reference.node)) {
      problems_.error_inside(
          "workflow.bad_template",
          fmt::format("{} is not among its dependencies; add it: depends_on: [{}]", what, shown(reference.node)), text,
          reference.offset);
      return;
    }
    const std::vector<std::string_view> known(ids_.begin(), ids_.end());
    problems_.error_inside(
        "workflow.bad_template",
        fmt::format("{}: there is no node of that name{}", what, base::did_you_mean(reference.node, known)), text,
        reference.offset);
  }

  /// What a condition gives is settled before the nodes of its branch run.
  void check_condition(const NodeDefinition& node, const Value& text, const Template::Reference& reference) const {
    const auto part = [&](std::size_t i) {
      return i < reference.path.size() ? std::get_if<std::string>(&reference.path[i]) : nullptr;
    };
    if (part(0) != nullptr && *part(0) == "branch_outputs" && part(1) != nullptr) {
      problems_.error_inside(
          "workflow.bad_template",
          fmt::format("node '{}': input_mappings: branch_outputs of the condition '{}' are always empty, because its "
                      "branches run after it; depend on '{}', and write {{{{{}}}}}",
                      shown(node.id), shown(reference.node), shown(*part(1)), shown(*part(1))),
          text, reference.offset);
    }
  }

  std::set<std::string_view> ids_;
  std::set<std::string_view> conditions_;
  std::span<const std::string> names_;
  Problems& problems_;
};

}  // namespace

void read_mappings(Fields& fields, NodeDefinition& node, Problems& problems) {
  read_input_mappings(fields, node, problems);
  read_output_selection(fields, node, problems);
}

void refuse_mappings(const Fields& fields, const NodeType& type, Problems& problems) {
  for (const std::string_view name : kNames) {
    if (const Value* value = fields.find(name)) {
      problems.error("workflow.bad_value",
                     fmt::format("{}: {} is for nodes that run in a sandbox; a {} node works on the payload",
                                 fields.what(), name, type.name),
                     value->mark());
    }
  }
}

void check_mappings(std::span<const NodeDefinition> nodes, Problems& problems, std::span<const std::string> names) {
  const ReferenceCheck check(nodes, names, problems);
  for (const NodeDefinition& node : nodes) {
    if (node.input_mappings) {
      check.check(node, *node.input_mappings);
    }
  }
}

}  // namespace caisson::workflow
