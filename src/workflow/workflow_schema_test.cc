// api/workflow.schema.json and the reader of definitions say the same: the same names, and the same definitions fit.

#include "document/parse.h"
#include "document/print.h"
#include "document/schema.h"
#include "sandbox/limit_table.h"
#include "workflow/definition.h"
#include "workflow/definition_schema.h"
#include "workflow/internal/node_reader.h"
#include "workflow/internal/problems.h"
#include "workflow/node_type.h"
#include "workflow/testing/random_definition.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace caisson::workflow {
namespace {

using document::Value;
using Names = std::set<std::string>;

const Value& schema() { return definition_schema().value(); }

const Value& definition_of_part(std::string_view name) { return *schema().find("definitions")->find(name); }

Names names_of(const Value& map) {
  Names out;
  for (const document::Entry& entry : *map.as_map()) {
    out.insert(entry.name);
  }
  return out;
}

/// Whether a definition with this name, wherever `make` puts it, is refused because there is no such name.
template <typename Make>
bool is_unknown(const std::string& name, std::string_view reason, Make&& make) {
  const auto read = definition_of(make(name), "flow.yaml");
  if (read) {
    return false;
  }
  const auto& problems = read.error().diagnostics;
  return std::ranges::any_of(problems, [&](const Diagnostic& problem) {
    return problem.reason == reason && problem.message.find(name) != std::string::npos;
  });
}

Value with(const Value& top, std::string_view part, const std::string& name) {
  Value out = top;
  out.set(std::string(part), Value::map({{name, Value::list({Value::map()})}}));
  return out;
}

const Value& smallest() {
  static const Value value = document::parse_yaml("processors: [{id: a, type: wasm, module: m}]", "").value();
  return value;
}

TEST(WorkflowSchema, NodesHaveTheNamesOfTheReader) {
  Names known;
  for (const std::string_view name : node_field_names()) {
    known.emplace(name);
  }
  EXPECT_EQ(names_of(*definition_of_part("node").find("properties")), known);
}

TEST(WorkflowSchema, EachTypeHasItsOwnNames) {
  Names types;
  for (const NodeType* type : node_types()) {
    types.emplace(type->name);
    Names own;
    for (const document::Entry& entry : *definition_of_part("node").find("properties")->as_map()) {
      const Value* of = entry.value.find("x-types");
      if (of != nullptr && std::ranges::find(*of->as_list(), Value(type->name)) != of->as_list()->end()) {
        own.insert(entry.name);
      }
    }
    EXPECT_EQ(own, Names(type->fields.begin(), type->fields.end())) << type->name;
  }
  Names known;
  for (const Value& name : *definition_of_part("node").find("properties")->find("type")->find("enum")->as_list()) {
    known.insert(*name.as_string());
  }
  EXPECT_EQ(known, types);
  EXPECT_EQ(names_of(*schema().find("properties")->find("node_types")->find("properties")), types);
}

TEST(WorkflowSchema, LimitsAreThoseOfTheTable) {
  Names known{"file_bytes"};
  for (const sandbox::LimitRow& row : sandbox::limit_table()) {
    known.emplace(row.key);
  }
  EXPECT_EQ(names_of(*definition_of_part("limits").find("properties")), known);
}

TEST(WorkflowSchema, EveryOtherNameIsKnownToTheReader) {
  const auto top = [](const std::string& name) {
    Value out = smallest();
    out.set(name, Value::list({Value::map()}));
    return out;
  };
  for (const std::string& name : names_of(*schema().find("properties"))) {
    EXPECT_TRUE(name == "processors" || !is_unknown(name, "workflow.unknown_key", top)) << name;
  }
  EXPECT_TRUE(is_unknown("nothing", "workflow.unknown_key", top));
  const auto grants = [](const std::string& name) { return with(smallest(), "grants", name); };
  for (const std::string& name : names_of(*definition_of_part("grants").find("properties"))) {
    EXPECT_FALSE(is_unknown(name, "policy.unknown_key", grants)) << name;
  }
  EXPECT_TRUE(is_unknown("nothing", "policy.unknown_key", grants));
  const auto options = [](const std::string& name) { return with(smallest(), "executor_options", name); };
  for (const std::string& name : names_of(*schema().find("properties")->find("executor_options")->find("properties"))) {
    EXPECT_FALSE(is_unknown(name, "workflow.unknown_key", options)) << name;
  }
  EXPECT_TRUE(is_unknown("nothing", "workflow.unknown_key", options));
}

std::string problems_of(const Value& definition) {
  std::string out;
  for (const document::SchemaProblem& problem : definition_schema().check(definition)) {
    out += to_string(problem) + "\n";
  }
  return out;
}

TEST(WorkflowSchema, DefinitionsOfTheReaderFit) {
  for (std::uint32_t seed = 0; seed < 2000 && !::testing::Test::HasFailure(); ++seed) {
    const Value root = RandomDefinition(seed).make();
    ASSERT_TRUE(definition_of(root, "flow.yaml")) << document::to_yaml(root);
    EXPECT_EQ(problems_of(root), "") << document::to_yaml(root);
  }
}

/// Changes one value or name somewhere in a definition.
class Breaker {
 public:
  explicit Breaker(std::uint32_t seed) : random_(seed) {}

  void change(Value& value) {
    std::vector<Value*> values;
    collect(value, values);
    Value& chosen = *values[random_() % values.size()];
    document::Map* map = chosen.as_map();
    if (map != nullptr && !map->empty() && random_() % 2 == 0) {
      document::Entry& entry = (*map)[random_() % map->size()];
      if (random_() % 2 == 0) {
        entry.name += "x";
      } else {
        map->erase(map->begin() + (&entry - map->data()));
      }
      return;
    }
    const std::vector<Value> others{
        true, -3,      2.5,           "text",           "input",      "1",
        "",   nullptr, Value::list(), Value::list({1}), Value::map(), Value::map({{"a", 1}})};
    chosen = others[random_() % others.size()];
  }

 private:
  static void collect(Value& value, std::vector<Value*>& out) {
    if (document::Map* map = value.as_map()) {
      for (document::Entry& entry : *map) {
        out.push_back(&entry.value);
        collect(entry.value, out);
      }
    } else if (document::List* list = value.as_list()) {
      for (Value& item : *list) {
        out.push_back(&item);
        collect(item, out);
      }
    }
  }

  std::mt19937 random_;
};

/// Whether all that is wrong with a definition are names and kinds: a schema's business.
bool is_shape(const Error& error) {
  static const Names reasons{"workflow.unknown_key", "workflow.missing_key", "workflow.wrong_type",
                             "policy.unknown_key"};
  return std::ranges::all_of(error.diagnostics,
                             [](const Diagnostic& problem) { return reasons.contains(problem.reason); });
}

/// Whether the reader took it, and only the schema refuses it: the two say different things.
bool is_disputed(const Error& error) {
  return std::ranges::any_of(error.diagnostics, [](const Diagnostic& problem) {
    return problem.message.find("caisson schema") != std::string::npos;
  });
}

TEST(WorkflowSchema, BrokenDefinitionsAreRefusedByBoth) {
  std::size_t taken = 0;
  std::size_t refused = 0;
  for (std::uint32_t seed = 0; seed < 6000 && !::testing::Test::HasFailure(); ++seed) {
    Value root = RandomDefinition(seed).make();
    Breaker(seed).change(root);
    const auto read = definition_of(root, "flow.yaml");
    if (read) {
      ++taken;
    } else if (is_shape(read.error())) {
      ++refused;
      EXPECT_NE(problems_of(root), "") << seed << "\n" << read.error().message << "\n" << document::to_yaml(root);
    } else {
      EXPECT_FALSE(is_disputed(read.error())) << seed << "\n"
                                              << read.error().message << "\n"
                                              << document::to_yaml(root);
    }
  }
  EXPECT_GT(taken, 200U);
  EXPECT_GT(refused, 500U);
}

TEST(WorkflowSchema, DecidesWhatTheReaderWouldTake) {
  Problems problems("flow.yaml");
  const Value root = document::parse_yaml("processors:\n  - id: a\n    type: local\n    processer: x\n", "").value();
  check_with_schema(root, problems);
  ASSERT_TRUE(problems.has_errors());
  EXPECT_EQ(problems.errors().front().reason, "workflow.bad_value");
  EXPECT_EQ(problems.errors().front().where.line, 4U) << problems.errors().front().message;
}

TEST(WorkflowSchema, NamesWithoutAValueAreAbsent) {
  const auto read =
      read_definition("name:\nprocessors:\n  - {id: a, type: wasm, module: m, when: , input_mappings: }\n", "");
  EXPECT_TRUE(read) << read.error().message;
}

}  // namespace
}  // namespace caisson::workflow
