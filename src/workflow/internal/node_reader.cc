#include "workflow/internal/node_reader.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "workflow/internal/code_fields.h"
#include "workflow/internal/fields.h"
#include "workflow/internal/policy_fields.h"
#include "workflow/local_processors.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::array<std::string_view, 21> kNodeNames{
    "id",    "type",     "processor",           "module",       "func",         "depends_on", "options", "backend",
    "impl",  "endpoint", "collection_strategy", "limits",       "grants",       "language",   "code",    "file",
    "entry", "imports",  "deterministic",       "input_schema", "output_schema"};
constexpr std::array<std::string_view, 3> kTypes{"local", "wasm", "code"};
constexpr std::array<std::string_view, 3> kLaterTypes{"loadable", "grpc", "http"};

std::string shown(std::string_view text) { return base::printable(base::shorten(text, 64)); }

class NodeReader {
 public:
  NodeReader(const Value& value, std::size_t number, const Definition& definition, Problems& problems)
      : problems_(problems),
        fields_(value, name_of(value, number), problems),
        definition_(definition),
        is_null_(value.is_null()) {
    node_.mark = value.mark();
  }

  NodeDefinition read() && {
    if (!fields_.is_map() && !is_null_) {
      return std::move(node_);
    }
    fields_.allow_only(kNodeNames);
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
    if (read_type()) {
      switch (node_.type) {
        case NodeType::kLocal:
          read_local(options);
          break;
        case NodeType::kWasm:
          read_wasm(options);
          break;
        case NodeType::kCode:
          read_code_node(options);
          break;
      }
    }
    node_.intent = intent.value_or(node_.intent);
    return std::move(node_);
  }

 private:
  static std::string name_of(const Value& value, std::size_t number) {
    const Value* id = value.find("id");
    const std::string* text = id == nullptr ? nullptr : id->as_string();
    return text == nullptr ? fmt::format("node {}", number) : fmt::format("node '{}'", shown(*text));
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

  /// A string that older files write under another name.
  const std::string* string_or_alias(std::string_view name, std::string_view alias) {
    if (fields_.find(name) != nullptr && fields_.find(alias) != nullptr) {
      problems_.error(
          "workflow.bad_value",
          fmt::format("{}: '{}' is the older name of '{}'; write only '{}'", fields_.what(), alias, name, name),
          fields_.find(alias)->mark());
    }
    return fields_.string(fields_.find(name) != nullptr ? name : alias);
  }

  bool read_type() {
    if (fields_.find("type") == nullptr && fields_.find("backend") == nullptr) {
      fields_.missing("type", "it must be 'local', 'wasm' or 'code'");
      return false;
    }
    const std::string* type = string_or_alias("type", "backend");
    if (type == nullptr) {
      return false;
    }
    for (const NodeType known : {NodeType::kLocal, NodeType::kWasm, NodeType::kCode}) {
      if (*type == to_string(known)) {
        node_.type = known;
        return true;
      }
    }
    const Value* value = fields_.find(fields_.find("type") != nullptr ? "type" : "backend");
    if (std::ranges::find(kLaterTypes, *type) != kLaterTypes.end()) {
      problems_.error(
          "workflow.unimplemented",
          fmt::format("{}: backend '{}' is not in this version; use 'local', 'wasm' or 'code'", fields_.what(), *type),
          value->mark());
    } else {
      problems_.error("workflow.bad_value",
                      fmt::format("{}: unknown type '{}'; it must be 'local', 'wasm' or 'code'{}", fields_.what(),
                                  shown(*type), base::did_you_mean(*type, kTypes)),
                      value->mark());
    }
    return false;
  }

  void no_effect(std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
      if (const Value* value = fields_.find(name)) {
        problems_.warning(
            "workflow.no_effect",
            fmt::format("{}: '{}' has no effect on a {} node", fields_.what(), name, to_string(node_.type)),
            value->mark());
      }
    }
  }

  void read_local(const Value* options) {
    no_effect(std::array<std::string_view, 3>{"module", "func", "endpoint"});
    no_effect(kCodeNames);
    refuse_policy(fields_, problems_);
    refuse_schemas();
    node_.options = without(options, "intent");
    if (const Value* fuel = node_.options.find("fuel_level")) {
      problems_.warning("workflow.no_effect",
                        fmt::format("{}: 'fuel_level' has no effect on a local node", fields_.what()), fuel->mark());
      node_.options = without(&node_.options, "fuel_level");
    }
    if (fields_.find("processor") == nullptr && fields_.find("impl") == nullptr) {
      problems_.error("workflow.missing_key",
                      fmt::format("Local processor '{}' missing 'processor' field", shown(node_.id)), fields_.mark());
      return;
    }
    const std::string* name = string_or_alias("processor", "impl");
    if (name == nullptr) {
      return;
    }
    node_.processor = *name;
    const auto known = local_processor_names();
    if (std::ranges::find(known, *name) == known.end()) {
      const Value* value = fields_.find(fields_.find("processor") != nullptr ? "processor" : "impl");
      problems_.error(
          "workflow.unknown_processor",
          fmt::format("Unknown local processor implementation: '{}'{}", shown(*name), base::did_you_mean(*name, known)),
          value->mark());
      return;
    }
    auto made = make_local_processor(*name, node_.options);
    if (made) {
      node_.intent = made->intent;
      return;
    }
    for (Diagnostic problem : made.error().diagnostics) {
      problem.message = fmt::format("{}: {}", fields_.what(), problem.message);
      if (problem.where.line == 0) {  // nothing is written where the problem is
        problem.where.line = node_.mark.line;
        problem.where.column = node_.mark.column;
      }
      problems_.add(problem);
    }
    if (made.error().diagnostics.empty()) {
      problems_.error(made.error().reason, fmt::format("{}: {}", fields_.what(), made.error().message), node_.mark);
    }
  }

  void read_wasm(const Value* options) {
    no_effect(std::array<std::string_view, 3>{"processor", "impl", "endpoint"});
    no_effect(kCodeNames);
    if (fields_.find("module") == nullptr) {
      fields_.missing("module", "a wasm node needs the path of its module");
    } else if (const std::string* module = fields_.string("module")) {
      node_.module = *module;
      if (module->empty() || module->find('\0') != std::string::npos) {
        problems_.error("workflow.bad_value",
                        fmt::format("{}: module must be the path of a file, got {}", fields_.what(),
                                    base::quote(base::shorten(*module, 64))),
                        fields_.find("module")->mark());
      }
    }
    if (const std::string* func = fields_.string("func")) {
      node_.func = *func;
    }
    if (options != nullptr) {
      read_wasm_options(*options);
    }
    read_policy(fields_, node_.policy, definition_.file, problems_);
    read_schemas();
  }

  void read_code_node(const Value* options) {
    no_effect(std::array<std::string_view, 5>{"processor", "impl", "endpoint", "module", "func"});
    node_.code = read_code(fields_, problems_);
    if (options != nullptr) {
      Fields(*options, fields_.what() + ": options", problems_).allow_only(std::array<std::string_view, 1>{"intent"});
    }
    read_policy(fields_, node_.policy, definition_.file, problems_);
    read_schemas();
  }

  void read_schemas() {
    node_.input_schema = schema("input_schema");
    node_.output_schema = schema("output_schema");
  }

  std::optional<document::Schema> schema(std::string_view name) {
    const Value* value = fields_.find(name);
    if (value == nullptr) {
      return std::nullopt;
    }
    Result<document::Schema> made = document::Schema::make(*value);
    if (made) {
      return *std::move(made);
    }
    for (Diagnostic problem : made.error().diagnostics) {
      problem.message = fmt::format("{}: {}: {}", fields_.what(), name, problem.message);
      problems_.add(problem);
    }
    return std::nullopt;
  }

  void refuse_schemas() {
    for (const std::string_view name : {"input_schema", "output_schema"}) {
      if (const Value* value = fields_.find(name)) {
        problems_.error("workflow.bad_value",
                        fmt::format("{}: {} is for nodes of type wasm and code; a local node's would not be checked",
                                    fields_.what(), name),
                        value->mark());
      }
    }
  }

  void read_wasm_options(const Value& options) {
    Fields fields(options, fields_.what() + ": options", problems_);
    fields.allow_only(std::array<std::string_view, 2>{"intent", "fuel_level"});
    const Value* level = fields.find("fuel_level");
    const auto wanted = fields.whole("fuel_level", 0, INT64_MAX);
    if (wanted) {
      const FuelPolicy& fuel = definition_.fuel;
      const std::uint64_t used = std::clamp(static_cast<std::uint64_t>(*wanted), fuel.minimum, fuel.maximum);
      set_fuel(node_.policy, used, *level, definition_.file);
      if (used != static_cast<std::uint64_t>(*wanted)) {
        problems_.warning("workflow.fuel_clamped",
                          fmt::format("{}: fuel_level {} is outside {} to {}; {} is used", fields_.what(), *wanted,
                                      fuel.minimum, fuel.maximum, used),
                          level->mark());
      }
    }
    node_.options = without(&options, "intent");
    node_.options = without(&node_.options, "fuel_level");
  }

  /// The map without that name; null when there is no map or nothing is left of it.
  static Value without(const Value* map, std::string_view name) {
    if (map == nullptr || map->as_map() == nullptr) {
      return {};
    }
    document::Map left;
    std::ranges::copy_if(*map->as_map(), std::back_inserter(left),
                         [&](const document::Entry& entry) { return entry.name != name; });
    if (left.empty()) {
      return {};
    }
    Value out(std::move(left));
    out.set_mark(map->mark());
    return out;
  }

  Problems& problems_;
  Fields fields_;
  const Definition& definition_;
  bool is_null_;
  NodeDefinition node_;
};

}  // namespace

NodeDefinition read_node(const Value& value, std::size_t number, const Definition& definition, Problems& problems) {
  return NodeReader(value, number, definition, problems).read();
}

}  // namespace caisson::workflow
