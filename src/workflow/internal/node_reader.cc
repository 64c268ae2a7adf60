#include "workflow/internal/node_reader.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "workflow/internal/fields.h"
#include "workflow/internal/head_fields.h"
#include "workflow/internal/mapping_fields.h"
#include "workflow/internal/node_reading.h"
#include "workflow/internal/policy_fields.h"
#include "workflow/internal/rule_fields.h"
#include "workflow/node_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

namespace caisson::workflow {

namespace {

using document::Value;

/// The names that every node may have; those of its type come on top.
constexpr std::array<std::string_view, 11> kCommonNames{
    "id",     "type",         "backend",       "depends_on",     "options",         "limits",
    "grants", "input_schema", "output_schema", "input_mappings", "output_selection"};
constexpr std::array<std::string_view, 2> kOlderNames{"endpoint", "collection_strategy"};
/// What other systems call a field, and its name here.
constexpr std::array<std::pair<std::string_view, std::string_view>, 14> kOtherNames{{
    {"dependencies", "depends_on"},
    {"needs", "depends_on"},
    {"after", "depends_on"},
    {"script", "code"},
    {"run", "code"},
    {"source", "code"},
    {"if", "when"},
    {"then", "true_path"},
    {"else", "false_path"},
    {"steps", "body"},
    {"nodes", "body"},
    {"args", "options"},
    {"params", "options"},
    {"config", "options"},
}};
constexpr std::array<std::string_view, 9> kLaterTypes{"loadable", "grpc",  "http",    "tool", "llm",
                                                      "agent",    "human", "monitor", "swarm"};

std::vector<std::string_view> type_names() {
  std::vector<std::string_view> out;
  std::ranges::transform(node_types(), std::back_inserter(out), &NodeType::name);
  return out;
}

/// `'local', 'wasm' or 'code'`, of all there are.
std::string types_as_words() {
  const auto names = type_names();
  std::string out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    out += fmt::format("{}'{}'", i == 0 ? "" : i + 1 == names.size() ? " or " : ", ", names[i]);
  }
  return out;
}

class NodeReader {
 public:
  NodeReader(const Value& value, std::size_t number, const Definition& definition, Problems& problems,
             const BodyScope& scope)
      : problems_(problems),
        fields_(value, name_of(value, number), problems),
        definition_(definition),
        scope_(scope),
        is_null_(value.is_null()) {
    node_.mark = value.mark();
  }

  NodeDefinition read() && {
    if (!fields_.is_map() && !is_null_) {
      return std::move(node_);
    }
    fields_.allow_only(node_field_names(), [this](std::string_view name) { return advice_about(name); });
    read_id();
    read_dependencies();
    const Value* options = fields_.map("options");
    const auto intent = read_intent(options);
    if (fields_.find("collection_strategy") != nullptr) {
      problems_.error(
          "workflow.unimplemented",
          fmt::format("{}: collection_strategy is not in this version; leave it out: a node sees the output "
                      "of the last transform node before it",
                      fields_.what()),
          fields_.find("collection_strategy")->mark());
    }
    if (const NodeType* type = read_type()) {
      read_of_type(*type, options);
    }
    if (node_.spec != nullptr) {
      node_.intent = intent.value_or(node_.spec->intent());
    }
    return std::move(node_);
  }

 private:
  static std::string name_of(const Value& value, std::size_t number) {
    const Value* id = value.find("id");
    const std::string* text = id == nullptr ? nullptr : id->as_string();
    return text == nullptr ? fmt::format("node {}", number) : fmt::format("node '{}'", shown(*text));
  }

  /// For a name that no node has: what other systems call something so, and what is no field but an option.
  [[nodiscard]] std::string advice_about(std::string_view name) const {
    const Value* type = fields_.find("type");
    const bool decides = type != nullptr && *type == Value("condition");
    const auto* const other =
        std::ranges::find(kOtherNames, name, &std::pair<std::string_view, std::string_view>::first);
    if (other != kOtherNames.end()) {
      return fmt::format(" (did you mean '{}'?)", decides && name == "if" ? "expression" : other->second);
    }
    const bool is_local = type != nullptr && *type == Value("local");
    return is_local && !base::closest(name, node_field_names())
               ? fmt::format("; what a processor takes is written under options: `options: {{{}: ...}}`", shown(name))
               : std::string();
  }

  void read_id() {
    if (fields_.find("id") == nullptr) {
      fields_.missing("id", "every node needs an id of its own");
    } else if (const std::string* id = fields_.string("id")) {
      node_.id = *id;
      node_.mark = fields_.find("id")->mark();
      if (id->empty()) {
        problems_.error("workflow.bad_id", fmt::format("{}: the id must not be empty", fields_.what()), node_.mark);
      }
    }
  }

  void read_dependencies() {
    const Value* list = fields_.list("depends_on");
    if (list == nullptr) {
      return;
    }
    if (list->as_list()->size() > kMaxDependencies) {
      problems_.error("workflow.bad_value",
                      fmt::format("{}: depends_on has {} entries; at most {} are allowed", fields_.what(),
                                  list->as_list()->size(), kMaxDependencies),
                      list->mark());
      return;
    }
    for (const Value& item : *list->as_list()) {
      if (const std::string* id = item.as_string()) {
        node_.depends_on.push_back({*id, item.mark()});
      } else {
        fields_.wrong_kind("depends_on", item, "a list of ids (strings)");
      }
    }
  }

  std::optional<Intent> read_intent(const Value* options) {
    const Value* intent = options == nullptr ? nullptr : options->find("intent");
    if (intent == nullptr || intent->is_null()) {
      return std::nullopt;
    }
    const std::string* text = intent->as_string();
    if (text != nullptr && *text == "transform") {
      return Intent::kTransform;
    }
    if (text != nullptr && *text == "analyze") {
      return Intent::kAnalyze;
    }
    const std::string got =
        text != nullptr ? fmt::format("'{}'", shown(*text)) : std::string(to_string(intent->kind()));
    problems_.error("workflow.bad_value",
                    fmt::format("Invalid intent {} of {}: it must be 'transform' or 'analyze'", got, fields_.what()),
                    intent->mark());
    return std::nullopt;
  }

  const NodeType* read_type() {
    if (fields_.find("type") == nullptr && fields_.find("backend") == nullptr) {
      const std::string_view type = fields_.find("processor") != nullptr ? "local"
                                    : fields_.find("module") != nullptr  ? "wasm"
                                    : fields_.find("code") != nullptr    ? "code"
                                                                         : "";
      fields_.missing(
          "type", type.empty() ? fmt::format("it must be {}", types_as_words()) : fmt::format("add `type: {}`", type));
      return nullptr;
    }
    const std::string* name = reading(nullptr).string_or_alias("type", "backend");
    if (name == nullptr) {
      return nullptr;
    }
    if (const NodeType* known = find_node_type(*name)) {
      return known;
    }
    const Value* value = fields_.find(fields_.find("type") != nullptr ? "type" : "backend");
    if (std::ranges::find(kLaterTypes, *name) != kLaterTypes.end()) {
      problems_.error(
          "workflow.unimplemented",
          fmt::format("{}: backend '{}' is not in this version; use {}", fields_.what(), *name, types_as_words()),
          value->mark());
    } else {
      problems_.error("workflow.bad_value",
                      fmt::format("{}: unknown type '{}'; it must be {}{}", fields_.what(), shown(*name),
                                  types_as_words(), base::did_you_mean(*name, type_names())),
                      value->mark());
    }
    return nullptr;
  }

  void read_of_type(const NodeType& type, const Value* options) {
    for (const std::string_view name : node_field_names()) {
      const Value* value = fields_.find(name);
      const bool known = std::ranges::find(kCommonNames, name) != kCommonNames.end() ||
                         std::ranges::find(kRuleNames, name) != kRuleNames.end() ||
                         std::ranges::find(type.fields, name) != type.fields.end() || name == "collection_strategy";
      if (value != nullptr && !known) {
        problems_.warning("workflow.no_effect",
                          fmt::format("{}: '{}' has no effect on a {} node", fields_.what(), name, type.name),
                          value->mark());
      }
    }
    if (options != nullptr && type.option_check == NodeType::Options::kListed) {
      std::vector<std::string_view> names{"intent"};
      names.insert(names.end(), type.options.begin(), type.options.end());
      Fields(*options, fields_.what() + ": options", problems_).allow_only(names);
    }
    NodeReading own = reading(options);
    node_.spec = type.read(own);
    node_.rules = read_rules(own, type);
    if (type.has_policy()) {
      read_policy(fields_, node_.policy, definition_.file, problems_);
      read_schemas();
      read_mappings(fields_, node_, problems_);
    } else {
      refuse_policy(fields_, type.name, problems_);
      refuse_schemas(type);
      refuse_mappings(fields_, type, problems_);
    }
  }

  NodeReading reading(const Value* options) {
    return {.fields = fields_,
            .options = options,
            .node = node_,
            .definition = definition_,
            .problems = problems_,
            .scope = scope_};
  }

  void read_schemas() {
    node_.input_schema = read_schema(fields_, "input_schema", problems_);
    node_.output_schema = read_schema(fields_, "output_schema", problems_);
  }

  void refuse_schemas(const NodeType& type) {
    for (const std::string_view name : {"input_schema", "output_schema"}) {
      if (const Value* value = fields_.find(name)) {
        problems_.error("workflow.bad_value",
                        fmt::format("{}: {} is for nodes that run in a sandbox; a {} node's would not be checked",
                                    fields_.what(), name, type.name),
                        value->mark());
      }
    }
  }

  Problems& problems_;
  Fields fields_;
  const Definition& definition_;
  const BodyScope& scope_;
  bool is_null_;
  NodeDefinition node_;
};

}  // namespace

const std::vector<std::string_view>& node_field_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> out(kCommonNames.begin(), kCommonNames.end());
    out.insert(out.end(), kRuleNames.begin(), kRuleNames.end());
    out.insert(out.end(), kOlderNames.begin(), kOlderNames.end());
    for (const NodeType* type : node_types()) {
      std::ranges::copy_if(type->fields, std::back_inserter(out),
                           [&](std::string_view name) { return std::ranges::find(out, name) == out.end(); });
    }
    return out;
  }();
  return names;
}

const std::string* NodeReading::string_or_alias(std::string_view name, std::string_view alias) const {
  if (fields.find(name) != nullptr && fields.find(alias) != nullptr) {
    problems.error("workflow.bad_value",
                   fmt::format("{}: '{}' is the older name of '{}'; write only '{}'", fields.what(), alias, name, name),
                   fields.find(alias)->mark());
  }
  return fields.string(fields.find(name) != nullptr ? name : alias);
}

std::string shown(std::string_view text) { return base::printable(base::shorten(text, 64)); }

Value without(const Value* map, std::initializer_list<std::string_view> names) {
  if (map == nullptr || map->as_map() == nullptr) {
    return {};
  }
  document::Map left;
  std::ranges::copy_if(*map->as_map(), std::back_inserter(left), [&](const document::Entry& entry) {
    return std::ranges::find(names, entry.name) == names.end();
  });
  if (left.empty()) {
    return {};
  }
  Value out(std::move(left));
  out.set_mark(map->mark());
  return out;
}

NodeDefinition read_node(const Value& value, std::size_t number, const Definition& definition, Problems& problems,
                         const BodyScope& scope) {
  return NodeReader(value, number, definition, problems, scope).read();
}

}  // namespace caisson::workflow
