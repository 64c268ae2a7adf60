// Step `run`: a definition is run as a user runs it, and what came of it becomes the facts.

#include "attack/files.h"
#include "attack/internal/operator.h"
#include "attack/internal/steps.h"
#include "attack/internal/values.h"
#include "document/parse.h"
#include "document/print.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

namespace caisson::attack {

namespace {

using document::Value;

constexpr std::array<std::string_view, 4> kOfNode = {"func", "limits", "grants", "options"};
constexpr std::array<std::string_view, 7> kOfCode = {"code",    "entry",         "limits", "grants",
                                                     "imports", "deterministic", "options"};

/// Every text of the value with `{scene}` replaced.
Value expanded(const Scene& scene, const Value& value) {
  if (const std::string* text = value.as_string()) {
    return scene.expand(*text);
  }
  if (const document::List* list = value.as_list()) {
    Value out = Value::list();
    for (const Value& item : *list) {
      out.push(expanded(scene, item));
    }
    return out;
  }
  if (const document::Map* map = value.as_map()) {
    Value out = Value::map();
    for (const document::Entry& entry : *map) {
      out.set(entry.name, expanded(scene, entry.value));
    }
    return out;
  }
  return value;
}

/// What the probe has to be told to ask for these, one after the other: heads of requests, or URLs.
Result<std::string> script_of(const Scene& scene, const Step& step, const Value& fetch) {
  if (fetch.as_list() == nullptr) {
    return bad_step(step, "'fetch' is not a list");
  }
  std::string out = "text @60000 http.fetch\n";
  for (const Value& item : *fetch.as_list()) {
    const Value head = expanded(scene, item);
    const std::string json = document::to_json(head.as_string() == nullptr ? head : Value::map({{"url", head}}));
    out += fmt::format(
        "text @61000 {}\ncall call @60000 10 @61000 {}\nfill @100000 4000 32\ncall take @100000 900000\n"
        "string @100000 4000\nsay\n",
        json, json.size());
  }
  return out;
}

std::string module_of(const Value& about) {
  return about.find("fetch") == nullptr ? text_of(about, "module") : "probe.wasm";
}

/// One node that runs the module, or the code.
std::string definition_of(const Scene& scene, const Value& about) {
  const std::string language = text_of(about, "language");
  Value node = language.empty() ? Value::map({{"id", "attack"}, {"type", "wasm"}, {"module", module_of(about)}})
                                : Value::map({{"id", "attack"}, {"type", "code"}, {"language", language}});
  const auto take = [&](std::span<const std::string_view> names) {
    for (const std::string_view name : names) {
      if (const Value* part = about.find(name)) {
        node.set(std::string(name), expanded(scene, *part));
      }
    }
  };
  language.empty() ? take(kOfNode) : take(kOfCode);
  return document::to_json(Value::map({{"processors", Value::list({std::move(node)})}}));
}

/// A guest that belongs to the program is put beside the definition.
bool provide(const Scene& scene, const std::string& module) {
  const File* file = find_file(scene.attack().folder + "/" + module);
  file = file == nullptr ? find_file(module) : file;
  const std::filesystem::path path = scene.folder() / module;
  if (file == nullptr || std::filesystem::exists(path)) {
    return file != nullptr || std::filesystem::exists(path);
  }
  return write_bytes(path, file->bytes);
}

std::string text_at(const Value& value, std::initializer_list<std::string_view> path) {
  const Value* at = &value;
  for (const std::string_view name : path) {
    at = at == nullptr ? nullptr : at->find(name);
  }
  return at == nullptr || at->as_string() == nullptr ? std::string() : *at->as_string();
}

/// What the report says of the node that fared worst: the first that failed, otherwise the last.
const Value* node_that_counts(const Value& report) {
  const Value* nodes = report.find("nodes");
  const document::List* list = nodes == nullptr ? nullptr : nodes->as_list();
  if (list == nullptr || list->empty()) {
    return nullptr;
  }
  for (const Value& node : *list) {
    if (node.find("error") != nullptr) {
      return &node;
    }
  }
  return &list->back();
}

void take_usage(const Value& node, Facts& facts) {
  facts.usage.clear();
  const Value* usage = node.find("usage");
  if (usage == nullptr || usage->as_map() == nullptr) {
    return;
  }
  for (const document::Entry& entry : *usage->as_map()) {
    if (const std::int64_t* whole = entry.value.as_integer()) {
      facts.usage[entry.name] = static_cast<std::uint64_t>(*whole);
    } else if (const double* broken = entry.value.as_number()) {  // milliseconds
      facts.usage[entry.name] = static_cast<std::uint64_t>(*broken);
    }
  }
}

void take(Scene& scene, const Run& run) {
  Facts& facts = scene.facts();
  const std::string json = run.json();
  facts.said += '\n' + run.report() + json;
  facts.output = run.output() ? std::string(run.output()->bytes()) : std::string();
  facts.violations.clear();
  facts.reason.clear();
  const auto report = document::parse_json(
      json, "report", {.bytes = 256U << 20, .depth = 64, .values = 10'000'000, .scalar_bytes = 128U << 20});
  const Value* node = report ? node_that_counts(*report) : nullptr;
  if (node != nullptr) {
    facts.reason = text_at(*node, {"error", "reason"});
    take_usage(*node, facts);
    const Value* violations = node->find("violations");
    if (violations != nullptr && violations->as_list() != nullptr) {
      for (const Value& violation : *violations->as_list()) {
        facts.violations.push_back(text_at(violation, {"kind"}));
      }
    }
  } else if (run.error()) {
    facts.reason = run.error()->reason;
  }
  facts.verdict = verdict_of(facts.reason);
}

/// One run of the definition at `path`; false: it could not begin, which is a fact.
void run_once(Scene& scene, Runtime& runtime, const std::string& path, const Payload& input,
              std::optional<std::chrono::milliseconds> kill_after) {
  const auto workflow = runtime.load_file(path);
  if (!workflow) {
    scene.note(workflow.error());
    return;
  }
  RunOptions options;
  options.id = scene.attack().id;
  std::jthread killer;
  if (kill_after) {
    killer = std::jthread([&runtime, wait = *kill_after](const std::stop_token& stop) {
      std::this_thread::sleep_for(wait);
      while (!stop.stop_requested()) {
        for (const RunningCall& call : runtime.calls()) {
          runtime.kill(call.id);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  const auto run = runtime.run(**workflow, input, options);
  if (!run) {
    scene.note(run.error());
    return;
  }
  take(scene, *run);
}

}  // namespace

Status run(Scene& scene, const Step& step) {
  const Value& about = step.about;
  const std::string module = module_of(about);
  std::string definition = scene.expand(text_of(about, "definition"));
  if (definition.empty()) {
    definition = definition_of(scene, about);
  }
  for (const std::string& guest : texts_of(scene, about, "guests")) {
    if (!provide(scene, guest)) {
      return bad_step(step, fmt::format("there is no guest '{}'", guest));
    }
  }
  if (!module.empty() && !provide(scene, module)) {
    return bad_step(step, fmt::format("there is no guest '{}'", module));
  }
  const std::string form = text_of(about, "form");
  const std::string path = (scene.folder() / ("flow." + (form.empty() ? "yaml" : form))).native();
  if (!write_bytes(path, definition)) {
    return bad_step(step, "the definition cannot be written");
  }
  CAISSON_TRY(RuntimeOptions options, operator_options(scene, step));
  if (about.find("fresh") != nullptr) {
    scene.drop_runtime();
  }
  Runtime* runtime = scene.runtime(std::move(options));
  if (runtime == nullptr) {
    return {};
  }
  std::optional<std::chrono::milliseconds> kill_after;
  if (about.find("kill_after_ms") != nullptr) {
    kill_after = std::chrono::milliseconds(number_of(about, "kill_after_ms", 0));
  }
  std::string script;
  if (const Value* fetch = about.find("fetch")) {
    CAISSON_TRY(script, script_of(scene, step, *fetch));
  }
  const Payload input(script + scene.expand(text_of(about, "input")), Payload::kText);
  if (about.find("warm") != nullptr) {  // compiled and linked before the time counts
    (void)runtime->load_file(path).has_value();
    if (const auto workflow = runtime->load_file(path)) {
      (void)runtime->check_modules(**workflow);
    }
  }
  const auto begin = std::chrono::steady_clock::now();
  for (std::int64_t i = number_of(about, "times", 1); i > 0; --i) {
    run_once(scene, *runtime, path, input, kill_after);
  }
  scene.facts().wall = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (const Status flushed = runtime->flush_audit(); !flushed) {
    scene.note(flushed.error());
  }
  return {};
}

Status run_canary(Scene& scene) {
  Step step{"run", Value::map({{"module", "appender_wat.wasm"}, {"input", "canary"}})};
  CAISSON_CHECK(run(scene, step));
  const Facts& facts = scene.facts();
  if (facts.verdict != "OK" || !facts.output.starts_with("canary")) {
    return Error{Category::kInternal, "attack.canary", fmt::format("{} {}", facts.verdict, facts.output)};
  }
  return {};
}

}  // namespace caisson::attack
