#include "attack/suite.h"

#include "attack/judge.h"
#include "base/child_process.h"
#include "base/unicode.h"
#include "document/parse.h"
#include "document/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace caisson::attack {

namespace {

using document::Value;

Value texts(const std::vector<std::string>& all) {
  Value out = Value::list();
  for (const std::string& one : all) {
    out.push(one);
  }
  return out;
}

std::vector<std::string> texts(const Value* list) {
  std::vector<std::string> out;
  if (list != nullptr && list->as_list() != nullptr) {
    for (const Value& item : *list->as_list()) {
      out.push_back(item.as_string() == nullptr ? std::string() : *item.as_string());
    }
  }
  return out;
}

/// A folder for what one process leaves behind, whatever becomes of it.
class Leftovers {
 public:
  Leftovers() {
    std::error_code ignored;
    std::string pattern = (std::filesystem::temp_directory_path(ignored) / "caisson-attacks-XXXXXX").native();
    if (::mkdtemp(pattern.data()) != nullptr) {
      path_ = pattern;
    }
  }
  Leftovers(const Leftovers&) = delete;
  Leftovers& operator=(const Leftovers&) = delete;
  ~Leftovers() {
    std::error_code ignored;
    if (!path_.empty()) {
      std::filesystem::remove_all(path_, ignored);
    }
  }

  /// Empty when there is none.
  [[nodiscard]] const std::string& path() const noexcept { return path_; }

 private:
  std::string path_;
};

Error bad_condition(const Condition& condition) {
  return {Category::kInvalidArgument, "attack.invalid_case",
          fmt::format("'{}' at line {} is no condition", to_string(condition), condition.wanted.mark().line)};
}

}  // namespace

Result<Verdict> play(const Case& attack, Scene::Options options) {
  const auto begin = std::chrono::steady_clock::now();
  CAISSON_TRY(const std::unique_ptr<Scene> scene, Scene::create(attack, std::move(options)));
  CAISSON_CHECK(scene->play());
  Verdict out{.id = attack.id, .verdict = scene->facts().verdict, .wrong = {}, .harm = {}};
  for (const Condition& condition : attack.expect) {
    const auto holds_here = holds(condition, scene->facts());
    if (!holds_here) {
      return bad_condition(condition);
    }
    if (!*holds_here) {
      out.wrong.push_back(to_string(condition));
    }
  }
  for (const Condition& condition : attack.harm) {
    const auto holds_here = holds(condition, scene->facts());
    if (!holds_here) {
      return bad_condition(condition);
    }
    if (*holds_here) {
      out.harm.push_back(to_string(condition));
    }
  }
  if (!out.wrong.empty()) {
    const Facts& facts = scene->facts();
    out.wrong.push_back(fmt::format("what came: {} {}, output {}; {}", facts.verdict, facts.reason,
                                    base::quote(base::shorten(facts.output, 500)), base::shorten(facts.said, 1500)));
  }
  for (std::string& wrong : scene->look_around()) {
    out.harm.push_back(std::move(wrong));
  }
  out.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
  return out;
}

std::string to_json(const Verdict& verdict) {
  return document::to_json(Value::map({{"case", verdict.id},
                                       {"verdict", verdict.verdict},
                                       {"held", verdict.held()},
                                       {"wrong", texts(verdict.wrong)},
                                       {"harm", texts(verdict.harm)},
                                       {"took_ms", static_cast<std::int64_t>(verdict.took.count())}}));
}

Result<Verdict> verdict_from_json(std::string_view json) {
  CAISSON_TRY(const Value value, document::parse_json(json, "verdict"));
  const Value* id = value.find("case");
  const Value* verdict = value.find("verdict");
  const Value* took = value.find("took_ms");
  if (id == nullptr || id->as_string() == nullptr || verdict == nullptr || verdict->as_string() == nullptr ||
      took == nullptr || took->as_integer() == nullptr) {
    return Error{Category::kInternal, "attack.no_verdict", "the process of a case said something else than a verdict"};
  }
  return Verdict{.id = *id->as_string(),
                 .verdict = *verdict->as_string(),
                 .wrong = texts(value.find("wrong")),
                 .harm = texts(value.find("harm")),
                 .took = std::chrono::milliseconds(*took->as_integer())};
}

Result<Verdict> play_apart(const Case& attack, const Player& player, const std::stop_token& stop) {
  base::ChildOptions options;
  options.program = player.program;
  options.arguments = player.arguments;
  options.arguments.push_back(attack.id);
  options.environment = player.environment;
  const Leftovers leftovers;
  if (!leftovers.path().empty()) {
    std::erase_if(options.environment, [](const std::string& variable) { return variable.starts_with("TMPDIR="); });
    options.environment.push_back("TMPDIR=" + leftovers.path());
  }
  options.deadline = player.deadline;
  CAISSON_TRY(const base::ChildOutcome child, base::run_child(options, stop));
  if (child.end == base::ChildEnd::kCancelled) {
    return Error{Category::kCancelled, "attack.stopped", "stopped"};
  }
  if (auto verdict = verdict_from_json(child.output)) {
    return verdict;
  }
  Verdict died{.id = attack.id, .verdict = "DIED", .wrong = {}, .harm = {}, .took = {}};
  died.harm.push_back(child.end == base::ChildEnd::kSignalled ? fmt::format("the process died of signal {}", child.code)
                      : child.end == base::ChildEnd::kDeadline ? std::string("the process did not come to an end")
                                                               : fmt::format("the process ended with {}", child.code));
  if (!child.error.empty()) {
    died.harm.push_back(base::printable(base::shorten(child.error, 2000)));
  }
  return died;
}

}  // namespace caisson::attack
