#include "workflow/strategy.h"

#include <array>
#include <cstddef>

namespace caisson::workflow {

namespace {

struct Names {
  std::string_view written;
  std::string_view shown;
};

// Indexed by the enumerators.
constexpr std::array<Names, 4> kStrategies{
    {{"work_queue", "WorkQueue"}, {"level", "LevelByLevel"}, {"reactive", "Reactive"}, {"hybrid", "Hybrid"}}};
constexpr std::array<Names, 3> kFailureStrategies{
    {{"fail_fast", "FailFast"}, {"continue_on_error", "ContinueOnError"}, {"best_effort", "BestEffort"}}};

template <typename Enum, std::size_t N>
std::optional<Enum> find(const std::array<Names, N>& names, std::string_view written) noexcept {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i].written == written) {
      return static_cast<Enum>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(Strategy strategy) noexcept {
  return kStrategies.at(static_cast<std::size_t>(strategy)).written;
}
std::string_view to_string(FailureStrategy strategy) noexcept {
  return kFailureStrategies.at(static_cast<std::size_t>(strategy)).written;
}
std::string_view display_name(Strategy strategy) noexcept {
  return kStrategies.at(static_cast<std::size_t>(strategy)).shown;
}
std::string_view display_name(FailureStrategy strategy) noexcept {
  return kFailureStrategies.at(static_cast<std::size_t>(strategy)).shown;
}

std::span<const std::string_view> strategy_names() noexcept {
  static constexpr auto kNames = [] {
    std::array<std::string_view, kStrategies.size()> out;
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = kStrategies[i].written;
    }
    return out;
  }();
  return kNames;
}

std::optional<Strategy> strategy_from(std::string_view name) noexcept { return find<Strategy>(kStrategies, name); }
std::optional<FailureStrategy> failure_strategy_from(std::string_view name) noexcept {
  return find<FailureStrategy>(kFailureStrategies, name);
}

}  // namespace caisson::workflow
