#pragma once

#include "attack/case.h"
#include "attack/facts.h"
#include "attack/network.h"

#include <caisson/result.h>
#include <caisson/runtime.h>

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::attack {

/// Where one case is played: a temporary folder with everything it plants, a runtime with its module cache and audit
/// log in another beside it (`../state`), and what came of it. Both are removed at the end.
///
/// Threads: one at a time.
class Scene {
 public:
  /// Whether the configuration of the user counts, besides what the case brings.
  enum class Configuration : std::uint8_t { kUsers, kNone };

  struct Options {
    Configuration configuration = Configuration::kUsers;
    std::optional<std::string> compile_program{};  ///< RuntimeOptions::compile_program
  };

  /// Errors: unavailable / attack.no_folder.
  [[nodiscard]] static Result<std::unique_ptr<Scene>> create(const Case& attack, Options options);
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;
  ~Scene();

  /// Plays all steps. Errors: invalid_argument / attack.invalid_case for a step that cannot be carried out as written.
  [[nodiscard]] Status play();

  /// What has to hold after every attack, besides what its case expects: a canary still runs, the audit log is whole
  /// and tells of the attack, no planted secret was shown, no descriptor and no thread is left. What does not hold, for
  /// people; call it once, after `play`.
  [[nodiscard]] std::vector<std::string> look_around();

  [[nodiscard]] const Facts& facts() const noexcept { return facts_; }

  // ---- for the steps

  [[nodiscard]] const Case& attack() const noexcept { return case_; }
  [[nodiscard]] Facts& facts() noexcept { return facts_; }
  [[nodiscard]] const std::filesystem::path& folder() const noexcept { return facts_.folder; }
  /// Of the runtime: `cache`, `audit.jsonl`. No guest may see it.
  [[nodiscard]] std::filesystem::path state() const { return folder().parent_path() / "state"; }
  /// What is there instead of a network.
  [[nodiscard]] Network& network() noexcept { return network_; }
  /// The text with `{scene}` replaced by the folder, and the names of servers as Network::expand does.
  [[nodiscard]] std::string expand(std::string_view text) const;
  /// The runtime with these options; the one of before, if it has the same. Its errors are facts, and give nullptr.
  [[nodiscard]] Runtime* runtime(RuntimeOptions options);
  /// The one of the step before; nullptr when there is none.
  [[nodiscard]] Runtime* current_runtime() noexcept { return runtime_.get(); }
  /// With all of its sessions.
  void drop_runtime();
  /// By the names that steps give them; those of a name, the last of which is used. They end with their runtime.
  using Sessions = std::map<std::string, std::vector<std::unique_ptr<Session>>, std::less<>>;
  [[nodiscard]] Sessions& sessions() noexcept { return sessions_; }
  /// An error is what came of a run.
  void note(const Error& error);

 private:
  Scene(const Case& attack, Options options, std::filesystem::path folder);
  void on_notice(const Notice& notice);

  const Case& case_;
  const Options options_;
  Facts facts_;
  Network network_;
  std::string runtime_options_;  // to compare
  std::unique_ptr<Runtime> runtime_;
  Sessions sessions_;
  std::size_t descriptors_ = 0;  // at the beginning
  std::size_t threads_ = 0;
};

/// What a case plants as a secret; nothing anybody is told may have it in it.
inline constexpr std::string_view kCanary = "CANARY-SECRET";

}  // namespace caisson::attack
