#include "workflow/testing/random_definition.h"

#include <cstddef>
#include <utility>

namespace caisson::workflow {

using document::Value;

Value RandomDefinition::make() {
  Value out = Value::map();
  maybe(out, "configVersion", 1);
  maybe(out, "name", text());
  maybe(out, "description", text() + "\n" + text());
  maybe(out, "strategy", pick({"work_queue", "level", "reactive", "hybrid"}));
  maybe(out, "failure_strategy", pick({"fail_fast", "continue_on_error", "best_effort"}));
  maybe(out, "executor_options",
        Value::map({{"max_concurrency", static_cast<int>(1 + random_() % 8)},
                    {"timeout_seconds", chance() ? Value(90) : Value("1.5m")},
                    {"retry_attempts", static_cast<int>(random_() % 3)}}));
  maybe(out, "limits", Value::map({{"memory", "16MB"}, {"timeout", "5s"}}));
  maybe(out, "input_schema", schema());
  Value nodes = Value::list();
  const std::size_t count = 1 + random_() % 8;
  for (std::size_t i = 0; i < count; ++i) {
    nodes.push(node(i));
  }
  out.set("processors", std::move(nodes));
  return out;
}

void RandomDefinition::maybe(Value& map, const char* name, Value value) {
  if (chance()) {
    map.set(name, std::move(value));
  }
}

std::string RandomDefinition::text() {
  static const std::vector<std::string> pieces = {"a",  "No", "1",  " ", ": ", " #", "é", "'",
                                                  "\"", "\\", "]]", "{", "}",  "\n", "\t"};
  std::string out;
  for (auto left = random_() % 6; left > 0; --left) {
    out += pieces[random_() % pieces.size()];
  }
  return out;
}

Value RandomDefinition::schema() {
  return Value::map({{"type", pick({"string", "object", "number"})}, {"title", text()}});
}

Value RandomDefinition::node(std::size_t index) {
  Value out = Value::map({{"id", "n" + std::to_string(index)}});
  Value dependencies = Value::list();
  Value mappings = Value::map();
  for (std::size_t before = 0; before < index; ++before) {
    if (random_() % 3 == 0) {
      const std::string id = "n" + std::to_string(before);
      dependencies.push(id);
      mappings.set("from_" + id,
                   chance() ? Value("{{" + id + ".a[0].b-c}} x") : Value::list({"{{" + id + "}}", 1.5, nullptr}));
    }
  }
  const bool sandboxed = random_() % 3 > 0;
  if (!sandboxed) {
    out.set("type", "local");
    out.set("processor", "prefix_suffix_adder");
    maybe(out, "options", Value::map({{"suffix", text()}, {"prefix", text()}}));
  } else if (chance()) {
    out.set("type", "wasm");
    out.set("module", "m/" + std::to_string(index) + ".wasm");
    maybe(out, "func", "go");
    maybe(out, "options", Value::map({{"fuel_level", 2'000'000}, {"intent", "analyze"}}));
  } else {
    out.set("type", "code");
    out.set("language", pick({"lua", "python", "javascript"}));
    out.set("code", text() + "\n" + text());
    maybe(out, "imports", chance() ? Value::list() : Value::list({"json", "math"}));
    maybe(out, "deterministic", chance());
  }
  if (const auto& ids = *dependencies.as_list(); chance()) {
    out.set("when", ids.empty() ? Value(chance()) : Value(*ids.front().as_string() + " != 'x'"));
  }
  maybe(out, "retry", Value::map({{"attempts", static_cast<int>(1 + random_() % 4)}, {"delay", "1ms"}}));
  maybe(out, "timeout", chance() ? Value(2.5) : Value("500ms"));
  maybe(out, "continue_on_error", chance());
  maybe(out, "priority", static_cast<int>(random_() % 200) - 100);
  maybe(out, "concurrency_key", "k");
  if (chance() || !dependencies.as_list()->empty()) {
    out.set("depends_on", std::move(dependencies));
  }
  if (sandboxed) {
    maybe(out, "limits", Value::map({{"memory", "8MB"}, {"cpu", "100ms"}}));
    maybe(out, "grants", Value::map({{"clock", "coarse"}, {"args", Value::list({text(), "b"})}}));
    maybe(out, "input_mappings", std::move(mappings));
    maybe(out, "output_selection", chance() ? Value("a.b[1]") : Value::list({"a", "b"}));
    maybe(out, "output_schema", schema());
  }
  return out;
}

}  // namespace caisson::workflow
