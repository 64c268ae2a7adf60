#pragma once

#include "attack/case.h"
#include "attack/scene.h"

#include <caisson/result.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::attack {

/// How a case ended.
struct Verdict {
  std::string id;
  std::string verdict;             ///< `E_DEADLINE` ...; `DIED` when the process did
  std::vector<std::string> wrong;  ///< what was expected and did not come; empty: as expected
  std::vector<std::string> harm;   ///< the harm that was done; empty: none
  std::chrono::milliseconds took{0};

  /// The control held.
  [[nodiscard]] bool held() const noexcept { return wrong.empty() && harm.empty(); }
};

/// Plays a case in this process, which is the attacked one: it may not survive.
/// Errors: as Scene::play.
[[nodiscard]] Result<Verdict> play(const Case& attack, Scene::Options options);

/// `{"case": "SA-005", ...}`; what one process tells the other.
[[nodiscard]] std::string to_json(const Verdict& verdict);
/// Errors: as parse_json; internal / attack.no_verdict.
[[nodiscard]] Result<Verdict> verdict_from_json(std::string_view json);

/// How to play a case in a process of its own: the program and what stands before the id, and all of its environment.
struct Player {
  std::filesystem::path program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;
  std::chrono::milliseconds deadline{120'000};
};

/// Plays a case in a process of its own; that it dies is a verdict.
/// Errors: unavailable / base.no_child; cancelled / attack.stopped.
[[nodiscard]] Result<Verdict> play_apart(const Case& attack, const Player& player, const std::stop_token& stop);

}  // namespace caisson::attack
