#include "workflow/internal/blueprint.h"

#include "base/digest.h"
#include "base/unicode.h"
#include "document/print.h"
#include "workflow/internal/fields.h"
#include "workflow/internal/problems.h"
#include "workflow/node_rules.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Entry;
using document::Value;

constexpr std::string_view kSchemaVersion = "1.2.0";

/// Kinds of nodes that blueprints have and this version has not.
constexpr std::array<std::string_view, 6> kLaterTypes = {"tool", "llm", "agent", "human", "monitor", "swarm"};

/// What describes a node and changes nothing of a run.
constexpr std::array<std::string_view, 4> kDescriptions = {"name", "description", "metadata", "level"};

/// What says how often a node is tried.
constexpr std::array<std::string_view, 3> kRetries = {"retries", "backoff_seconds", "retry_policy"};

/// Fields of a node that hold nodes.
constexpr std::array<std::string_view, 2> kBodies = {"body", "branches"};

struct Harmless {
  std::string_view name;
  Value value;  ///< the only one that this version has
  std::string_view advice;
};

std::string shown(std::string_view text) { return base::printable(base::shorten(text, 64)); }

bool is_id(std::string_view id) {
  constexpr std::string_view kPrefix = "bp_";
  return id.starts_with(kPrefix) && id.size() == kPrefix.size() + 8 &&
         std::ranges::all_of(id.substr(kPrefix.size()),
                             [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

class BlueprintReader {
 public:
  BlueprintReader(Value root, std::string_view file) : root_(std::move(root)), problems_(file) {}

  Result<Source> read() && {
    Fields fields(root_, "", problems_);
    if (!fields.is_map()) {
      problems_.error("workflow.wrong_type", fmt::format("a blueprint must be a map, got {}", to_string(root_.kind())),
                      root_.mark());
      return problems_.to_error();
    }
    check_head(fields);
    Value out = Value::map();
    out.set_mark(root_.mark());
    for (Entry& entry : *root_.as_map()) {
      if (entry.name == "nodes") {
        out.as_map()->push_back({"processors", nodes_of(std::move(entry.value)), entry.name_mark});
      } else if (entry.name != "schema_version" && entry.name != "id" && entry.name != "metadata") {
        out.as_map()->push_back(std::move(entry));
      }
    }
    if (out.find("processors") == nullptr) {
      fields.missing("nodes", "list at least one node under it");
    }
    if (problems_.has_errors()) {
      return problems_.to_error();
    }
    return Source{std::move(out), SourceFormat::kBlueprint, problems_.warnings()};
  }

 private:
  void check_head(Fields& fields) {
    if (fields.find("schema_version") == nullptr) {
      fields.missing("schema_version", fmt::format("the version that is known is \"{}\"", kSchemaVersion));
    } else if (const std::string* version = fields.string("schema_version");
               version != nullptr && !version->starts_with("1.")) {
      problems_.error("workflow.bad_value",
                      fmt::format("schema_version '{}' is not known; known are 1.x, the newest \"{}\"", shown(*version),
                                  kSchemaVersion),
                      fields.find("schema_version")->mark());
    }
    const std::string* id = fields.string("id");
    if (id != nullptr && !is_id(*id)) {
      problems_.error("workflow.bad_value",
                      fmt::format("the id of a blueprint is `bp_` and 8 hexadecimal digits, got '{}'", shown(*id)),
                      fields.find("id")->mark());
    }
  }

  /// Translates the nodes of a list, and of lists in it: branches.
  Value nodes_of(Value nodes) {
    if (document::List* list = nodes.as_list()) {
      std::size_t number = 0;
      for (Value& node : *list) {
        ++number;
        if (node.as_map() != nullptr) {
          node = node_of(std::move(node), number);
        } else if (node.as_list() != nullptr) {
          node = nodes_of(std::move(node));
        }
      }
    }
    return nodes;
  }

  Value node_of(Value node, std::size_t number) {
    const Value* id = node.find("id");
    const std::string what = id != nullptr && id->as_string() != nullptr
                                 ? fmt::format("node '{}'", shown(*id->as_string()))
                                 : fmt::format("node {}", number);
    Value out = Value::map();
    out.set_mark(node.mark());
    Value retry = retry_of(node, what);
    const bool both = node.find("depends_on") != nullptr && node.find("dependencies") != nullptr;
    for (Entry& entry : *node.as_map()) {
      if (entry.name == "dependencies") {
        if (both) {
          problems_.error("workflow.bad_value",
                          fmt::format("{}: a blueprint says 'dependencies'; leave 'depends_on' out", what),
                          entry.name_mark);
        }
        out.as_map()->push_back({"depends_on", std::move(entry.value), entry.name_mark});
      } else if (entry.name == "type") {
        check_type(entry.value, what);
        out.as_map()->push_back(std::move(entry));
      } else if (std::ranges::find(kBodies, entry.name) != kBodies.end()) {
        out.as_map()->push_back({entry.name, nodes_of(std::move(entry.value)), entry.name_mark});
      } else if (!is_settled(entry, what, out)) {
        out.as_map()->push_back(std::move(entry));
      }
    }
    if (!retry.is_null()) {
      out.as_map()->push_back({"retry", std::move(retry), {}});
    }
    return out;
  }

  /// `retries: 2, backoff_seconds: 5`, or `retry_policy: {max_attempts: 3, strategy: fixed, backoff: 5}`, is
  /// `retry: {attempts: 3, backoff: fixed, delay: 5}`; null: the node is tried once.
  Value retry_of(const Value& node, const std::string& what) {
    Fields fields(node, what, problems_);
    const auto retries = fields.whole("retries", 0, RetryRule::kMostAttempts - 1);
    const Value* policy = fields.map("retry_policy");
    Value retry = Value::map();
    const auto take = [&](const Value* value, const char* name) {
      if (value != nullptr) {
        retry.set(name, *value);
      }
    };
    if (policy != nullptr) {
      if (retries.value_or(0) > 0) {
        problems_.error("workflow.bad_value",
                        fmt::format("{}: 'retries' and 'retry_policy' say the same; write only one", what),
                        policy->mark());
      }
      Fields of_policy(*policy, what + ": retry_policy", problems_);
      of_policy.allow_only(std::array<std::string_view, 3>{"max_attempts", "strategy", "backoff"});
      retry.set("attempts", of_policy.find("max_attempts") == nullptr ? Value(3) : *of_policy.find("max_attempts"));
      take(of_policy.find("strategy"), "backoff");
      take(of_policy.find("backoff"), "delay");
      return retry;
    }
    const std::int64_t more = retries.value_or(0);
    if (more == 0) {
      return {};
    }
    retry.set("attempts", more + 1);
    retry.set("backoff", "fixed");
    retry.set("delay", fields.find("backoff_seconds") == nullptr ? Value(0) : *fields.find("backoff_seconds"));
    return retry;
  }

  void check_type(const Value& type, const std::string& what) {
    const std::string* name = type.as_string();
    if (name != nullptr && std::ranges::find(kLaterTypes, *name) != kLaterTypes.end()) {
      problems_.error("workflow.unimplemented", fmt::format("{}: type '{}' is not in this version", what, *name),
                      type.mark());
    }
  }

  /// Whether nothing has to be handed on: what only describes, and what blueprints can ask for and has no other value
  /// here.
  bool is_settled(const Entry& entry, const std::string& what, Value& out) {
    if (std::ranges::find(kDescriptions, entry.name) != kDescriptions.end()) {
      return true;
    }
    if (entry.name == "timeout_seconds") {
      add_timeout(entry, what, out);
      return true;
    }
    static const std::array kHarmless = {
        Harmless{"sandbox", true, "code always runs in a sandbox"},
    };
    const auto* const harmless = std::ranges::find(kHarmless, entry.name, &Harmless::name);
    if (harmless != kHarmless.end()) {
      const Value& only = harmless->value;
      if (entry.value != only && !entry.value.is_null()) {
        problems_.error("workflow.unimplemented",
                        fmt::format("{}: {} can only be {} in this version: {}", what, entry.name,
                                    document::to_json(only), harmless->advice),
                        entry.value.mark());
      }
      return true;
    }
    if (std::ranges::find(kRetries, entry.name) != kRetries.end()) {
      return true;  // retry_of has read it
    }
    constexpr std::array<std::string_view, 2> kHints = {"use_cache", "provider"};
    if (std::ranges::find(kHints, entry.name) == kHints.end()) {
      return false;
    }
    problems_.warning("workflow.no_effect", fmt::format("{}: '{}' has no effect in this version", what, entry.name),
                      entry.name_mark);
    return true;
  }

  /// `timeout_seconds: 5` is `limits: {timeout: 5s}`.
  void add_timeout(const Entry& entry, const std::string& what, Value& out) {
    const auto seconds = whole_number(entry.value);
    if (entry.value.is_null()) {
      return;
    }
    if (!seconds || *seconds < 1) {
      problems_.error("workflow.bad_value",
                      fmt::format("{}: timeout_seconds must be a whole number of seconds from 1", what),
                      entry.value.mark());
      return;
    }
    Value text(fmt::format("{}s", *seconds));
    text.set_mark(entry.value.mark());
    Value limits = Value::map();
    limits.set_mark(entry.value.mark());
    limits.as_map()->push_back({"timeout", std::move(text), entry.name_mark});
    out.as_map()->push_back({"limits", std::move(limits), entry.name_mark});
  }

  Value root_;
  Problems problems_;
};

}  // namespace

Result<Source> from_blueprint(Value root, std::string_view file) {
  return BlueprintReader(std::move(root), file).read();
}

namespace {

void name_dependencies(Value& nodes) {
  if (document::List* list = nodes.as_list()) {
    std::ranges::for_each(*list, name_dependencies);
  } else if (document::Map* fields = nodes.as_map()) {
    const Value* type = nodes.find("type");
    const bool names_workflow = type != nullptr && (*type == Value("workflow") || *type == Value("recursive"));
    for (Entry& field : *fields) {
      if (field.name == "depends_on") {
        field.name = "dependencies";
      } else if (names_workflow && field.name == "name") {  // in a blueprint a name only describes
        field.name = "workflow_ref";
      } else if (std::ranges::find(kBodies, field.name) != kBodies.end()) {
        name_dependencies(field.value);
      }
    }
  }
}

}  // namespace

Value to_blueprint(const Value& definition) {
  Value out = Value::map({{"schema_version", kSchemaVersion}});
  const std::string digest = base::sha256(document::to_json(definition)).hex();
  out.set("id", fmt::format("bp_{}", digest.substr(0, 8)));
  if (definition.as_map() == nullptr) {
    return out;
  }
  for (const Entry& entry : *definition.as_map()) {
    if (entry.name != "processors" || entry.value.as_list() == nullptr) {
      out.set(entry.name, entry.value);
      continue;
    }
    Value nodes = entry.value;
    name_dependencies(nodes);
    out.set("nodes", std::move(nodes));
  }
  return out;
}

}  // namespace caisson::workflow
