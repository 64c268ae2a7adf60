#include "workflow/internal/lua_steps.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "language/language.h"
#include "workflow/internal/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace caisson::workflow {

namespace {

using document::Entry;
using document::Value;

/// What a step's language makes of it.
struct Kind {
  std::string_view type;
  std::string_view language{};  ///< of what has code
};

std::optional<Kind> kind_of(std::string_view name) {
  if (name == "wasm" || name == "webassembly") {
    return Kind{"wasm"};
  }
  if (name == "sh" || name == "bash" || name == "shell") {
    return Kind{"shell", name == "bash" ? "bash" : "sh"};
  }
  const auto language = language::parse_language(name);
  return language ? std::optional(Kind{"code", language::to_string(*language)}) : std::nullopt;
}

constexpr std::array<std::string_view, 4> kShownLanguages = {"lua", "python", "javascript", "wasm"};

/// An empty table of Lua can be a list as well as a map; under these names it is a list.
constexpr std::array<std::string_view, 5> kLists = {"processors", "steps", "depends_on", "imports", "env"};

std::string shown(std::string_view text) { return base::printable(base::shorten(text, 64)); }

void settle_lists(Value& value) {
  if (document::Map* map = value.as_map()) {
    for (Entry& entry : *map) {
      const bool is_empty = entry.value.as_map() != nullptr && entry.value.as_map()->empty();
      if (is_empty && std::ranges::find(kLists, entry.name) != kLists.end()) {
        entry.value = Value::list();
      }
      settle_lists(entry.value);
    }
  } else if (document::List* list = value.as_list()) {
    for (Value& item : *list) {
      settle_lists(item);
    }
  }
}

Value* find(Value& map, std::string_view name) { return const_cast<Value*>(std::as_const(map).find(name)); }

Value take(Value& map, std::string_view name) {
  document::Map& entries = *map.as_map();
  const auto found = std::ranges::find(entries, name, &Entry::name);
  if (found == entries.end()) {
    return {};
  }
  Value out = std::move(found->value);
  entries.erase(found);
  return out;
}

/// One step on its way to a node.
struct Step {
  std::string name;
  std::string path;
  Value fields;
  std::vector<std::string> depends_on{};
};

class StepReader {
 public:
  StepReader(Value table, std::string_view file) : table_(std::move(table)), problems_(file) {}

  Result<Value> read() && {
    settle_lists(table_);
    if (table_.find("processors") != nullptr) {
      return std::move(table_);
    }
    Value steps = take(table_, "steps");
    const bool sorted = collect(steps);
    if (problems_.has_errors()) {
      return problems_.to_error();
    }
    Value nodes = Value::list();
    for (Step& step : steps_) {
      read_dependencies(step);
    }
    if (sorted && !problems_.has_errors()) {
      sort_by_dependencies();
    }
    for (Step& step : steps_) {
      nodes.push(node_of(step));
    }
    if (problems_.has_errors()) {
      return problems_.to_error();
    }
    table_.set("processors", std::move(nodes));
    if (table_.find("executor_options") == nullptr) {  // steps run one after the other, unless somebody says otherwise
      table_.set("executor_options", Value::map({{"max_concurrency", 1}}));
    }
    return std::move(table_);
  }

 private:
  void error(std::string_view reason, std::string message) { problems_.error(reason, std::move(message), {}); }

  /// Takes the steps out of their table. True: they had names only, and no order.
  bool collect(Value& steps) {
    if (document::Map* map = steps.as_map()) {
      for (Entry& entry : *map) {
        add(entry.name, base::is_utf8(entry.name) ? fmt::format("steps.{}", shown(entry.name)) : "steps",
            std::move(entry.value));
      }
      return true;
    }
    if (document::List* list = steps.as_list()) {
      std::size_t number = 0;
      for (Value& item : *list) {
        std::string path = fmt::format("steps[{}]", ++number);
        const Value* name = item.find("name");
        if (item.as_map() != nullptr && (name == nullptr || name->as_string() == nullptr)) {
          error("workflow.missing_key",
                fmt::format("{}.name is missing; a step in a list needs a name of its own", path));
          continue;
        }
        const std::string text = name == nullptr ? std::string() : *name->as_string();
        add(text, std::move(path), std::move(item));
      }
      return false;
    }
    error("workflow.missing_key",
          steps.is_null()
              ? std::string("steps is missing; a workflow in Lua has a table `steps`, or `processors` as in "
                            "YAML")
              : fmt::format("steps must be a table of steps, got {}", to_string(steps.kind())));
    return false;
  }

  void add(const std::string& name, std::string path, Value fields) {
    if (fields.as_map() == nullptr) {
      error("workflow.wrong_type", fmt::format("{} must be a table, got {}", path, to_string(fields.kind())));
      return;
    }
    if (const Value own = take(fields, "name");
        !own.is_null() && (own.as_string() == nullptr || *own.as_string() != name)) {
      error("workflow.bad_value",
            fmt::format("{}.name says something else than the name of the step; leave it out", path));
    }
    steps_.push_back({name, std::move(path), std::move(fields)});
  }

  void read_dependencies(Step& step) {
    Value* value = find(step.fields, "depends_on");
    if (value == nullptr) {
      return;
    }
    if (const std::string* one = value->as_string()) {
      *value = Value::list({*one});
    }
    if (value->as_list() == nullptr) {
      error("workflow.wrong_type", fmt::format("{}.depends_on must be the name of a step or a list of names, got {}",
                                               step.path, to_string(value->kind())));
      return;
    }
    std::size_t number = 0;
    for (const Value& item : *value->as_list()) {
      ++number;
      if (const std::string* name = item.as_string()) {
        step.depends_on.push_back(*name);
      } else {
        error("workflow.wrong_type", fmt::format("{}.depends_on[{}] must be the name of a step, got {}", step.path,
                                                 number, to_string(item.kind())));
      }
    }
  }

  /// By dependencies, then by name: the steps are sorted by name already. What is in a cycle, or depends on nothing
  /// that there is, stays behind, for the check of the graph to name.
  void sort_by_dependencies() {
    std::map<std::string_view, std::size_t> index;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      index.emplace(steps_[i].name, i);
    }
    std::vector<std::size_t> waits(steps_.size(), 0);
    std::vector<std::vector<std::size_t>> waiting(steps_.size());
    std::set<std::size_t> ready;
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      for (const std::string& name : steps_[i].depends_on) {
        if (const auto found = index.find(name); found != index.end()) {
          ++waits[i];
          waiting[found->second].push_back(i);
        }
      }
      if (waits[i] == 0) {
        ready.insert(i);
      }
    }
    std::vector<std::size_t> order;
    while (!ready.empty()) {
      const std::size_t next = *ready.begin();
      ready.erase(ready.begin());
      order.push_back(next);
      for (const std::size_t i : waiting[next]) {
        if (--waits[i] == 0) {
          ready.insert(i);
        }
      }
    }
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (waits[i] > 0) {
        order.push_back(i);
      }
    }
    std::vector<Step> sorted;
    sorted.reserve(order.size());
    for (const std::size_t i : order) {
      sorted.push_back(std::move(steps_[i]));
    }
    steps_ = std::move(sorted);
  }

  /// The node of a step: what only steps have under its own name, everything else as it is.
  Value node_of(Step& step) {
    Value node = Value::map({{"id", step.name}});
    const bool is_node = step.fields.find("type") != nullptr;  // as in YAML: its type says it all
    const std::optional<Kind> kind = is_node ? Kind{} : language_of(step);
    if (!kind) {
      return node;
    }
    if (step.fields.find("run") != nullptr) {
      error("workflow.bad_value",
            fmt::format("{}.run is of older workflows; write the code as text: code = [[ ... ]]", step.path));
    }
    rename(step, "function", "func");
    if (!is_node) {
      node.set("type", kind->type);
      if (!kind->language.empty()) {
        node.set("language", kind->language);
      }
      check(step, *kind);
    }
    for (Entry& entry : *step.fields.as_map()) {
      node.set(std::move(entry.name), std::move(entry.value));
    }
    return node;
  }

  std::optional<Kind> language_of(Step& step) {
    const Value value = take(step.fields, "language");
    const std::string* name = value.as_string();
    if (!value.is_null() && name == nullptr) {
      error("workflow.wrong_type",
            fmt::format("{}.language must be a string, got {}", step.path, to_string(value.kind())));
      return std::nullopt;
    }
    const std::string_view wanted = name == nullptr ? std::string_view("lua") : std::string_view(*name);
    const std::optional<Kind> kind = kind_of(wanted);
    if (!kind) {
      error("workflow.bad_value",
            fmt::format("{}.language: Unsupported language: {}; it must be {} or sh{}", step.path, shown(wanted),
                        fmt::join(kShownLanguages, ", "), base::did_you_mean(wanted, kShownLanguages)));
    }
    return kind;
  }

  void rename(Step& step, std::string_view from, std::string_view to) {
    Value value = take(step.fields, from);
    if (value.is_null()) {
      return;
    }
    if (step.fields.find(to) != nullptr) {
      error("workflow.bad_value",
            fmt::format("{}.{} is another name of {}; write only one of them", step.path, from, to));
      return;
    }
    step.fields.set(std::string(to), std::move(value));
  }

  void check(const Step& step, const Kind& kind) {
    if (kind.type == "wasm") {
      if (step.fields.find("module") == nullptr) {
        error("workflow.missing_key",
              fmt::format("{}.module is missing; a wasm step needs the file of its module: module = \"file.wasm\"",
                          step.path));
      }
      return;
    }
    const bool has_code = step.fields.find("code") != nullptr || step.fields.find("file") != nullptr;
    if (!has_code && step.fields.find("run") == nullptr) {
      error("workflow.missing_key",
            fmt::format("{}.code is missing; a step in {} needs its code as text: code = [[ ... ]]", step.path,
                        kind.language));
    }
  }

  Value table_;
  Problems problems_;
  std::vector<Step> steps_;
};

}  // namespace

Result<Value> from_lua_table(Value table, std::string_view file) { return StepReader(std::move(table), file).read(); }

}  // namespace caisson::workflow
