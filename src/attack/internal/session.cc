// Step `session`: a sandbox that is kept between calls, and what its owner does with it.

#include "attack/internal/operator.h"
#include "attack/internal/steps.h"
#include "attack/internal/values.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>
#include <utility>

namespace caisson::attack {

namespace {

using document::Value;

/// What the session that a step makes is made of; its errors are facts.
Result<std::unique_ptr<Session>> make(Scene& scene, Runtime& runtime, const Value& about) {
  if (const std::string* of = find_text(about, "fork")) {
    const auto found = scene.sessions().find(*of);
    if (found == scene.sessions().end() || found->second.empty()) {
      return Error{Category::kInvalidArgument, "attack.invalid_case", "there is no session of that name to fork"};
    }
    return found->second.back()->fork();
  }
  SessionOptions options{.language = text_of(about, "language"),
                         .limits = texts_of(scene, about, "limits"),
                         .grants = texts_of(scene, about, "grants"),
                         .snapshot_key = text_of(about, "key")};
  if (about.find("imports") != nullptr) {
    options.imports = texts_of(scene, about, "imports");
  }
  if (const std::int64_t* idle = find_number(about, "idle_ms")) {
    options.idle = std::chrono::milliseconds(*idle);
  }
  if (const std::string* file = find_text(about, "restore")) {
    return runtime.restore_session(options, read_bytes(scene.folder() / *file));
  }
  return runtime.open_session(options);
}

void take(Scene& scene, const Session& session, const Execution& execution) {
  Facts& facts = scene.facts();
  facts.output = execution.output.bytes();
  facts.said += '\n' + execution.json + execution.trace;
  for (const CodeLine& line : execution.lines) {
    facts.said += '\n' + line.text;
    facts.usage["log_bytes"] += line.text.size();
  }
  if (execution.error) {
    scene.note(*execution.error);
  } else {
    facts.reason.clear();
    facts.verdict = verdict_of({});
  }
  const SessionUsage usage = session.usage();
  facts.usage["calls"] = usage.calls;
  facts.usage["cpu_ms"] = static_cast<std::uint64_t>(usage.cpu.count() / 1'000'000);
}

/// Every call, until one fails.
void call(Scene& scene, Session& session, const Value& about) {
  const std::string code = scene.expand(text_of(about, "code"));
  for (std::int64_t i = number_of(about, "times", 1); i > 0; --i) {
    const Execution execution = session.run({.code = code});
    take(scene, session, execution);
    if (execution.error) {
      return;
    }
  }
}

/// That of what the step says of its operator, or the one of before where it says nothing; nullptr: its error is a
/// fact.
Result<Runtime*> runtime_of(Scene& scene, const Step& step) {
  constexpr std::array<std::string_view, 5> kOfOperator = {"allow", "configuration", "deny", "limit", "most"};
  const bool says =
      std::ranges::any_of(kOfOperator, [&](std::string_view name) { return step.about.find(name) != nullptr; });
  if (!says && scene.current_runtime() != nullptr) {
    return scene.current_runtime();
  }
  CAISSON_TRY(RuntimeOptions options, operator_options(scene, step));
  if (const std::int64_t* most = find_number(step.about, "most")) {
    options.max_sessions = static_cast<std::size_t>(*most);
  }
  return scene.runtime(std::move(options));
}

}  // namespace

Status session(Scene& scene, const Step& step) {
  const Value& about = step.about;
  CAISSON_TRY(Runtime* const runtime, runtime_of(scene, step));
  if (runtime == nullptr) {
    return {};
  }
  const auto begin = std::chrono::steady_clock::now();
  Facts& facts = scene.facts();
  facts.output.clear();
  facts.usage.clear();
  facts.reason.clear();
  facts.verdict = verdict_of({});
  auto& sessions = scene.sessions()[std::string(text_of(about, "name"))];
  if (about.find("language") != nullptr || about.find("fork") != nullptr) {
    for (std::int64_t i = number_of(about, "copies", 1); i > 0; --i) {
      auto made = make(scene, *runtime, about);
      if (!made) {
        scene.note(made.error());
        return {};
      }
      sessions.push_back(std::move(*made));
      facts.usage["sessions"] = sessions.size();
      facts.usage["calls"] = sessions.back()->usage().calls;
    }
  }
  if (sessions.empty()) {
    return bad_step(step, "there is no session of that name");
  }
  if (about.find("code") != nullptr) {
    call(scene, *sessions.back(), about);
  }
  if (const std::string* file = find_text(about, "snapshot")) {
    const auto bytes = sessions.back()->snapshot();
    if (!bytes) {
      scene.note(bytes.error());
    } else if (!write_bytes(scene.folder() / *file, *bytes)) {
      return bad_step(step, "the snapshot cannot be written");
    }
  }
  if (const std::int64_t* wait = find_number(about, "wait_ms")) {
    std::this_thread::sleep_for(std::chrono::milliseconds(*wait));
  }
  facts.wall = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  if (const Status flushed = runtime->flush_audit(); !flushed) {
    scene.note(flushed.error());
  }
  return {};
}

}  // namespace caisson::attack
