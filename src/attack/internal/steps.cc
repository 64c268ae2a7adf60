#include "attack/internal/steps.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caisson::attack {

namespace {

constexpr std::array kSteps = {
    StepRow{"certify", &certify}, StepRow{"environ", &environ}, StepRow{"names", &names},
    StepRow{"plant", &plant},     StepRow{"run", &run},         StepRow{"serve", &serve},
    StepRow{"session", &session}, StepRow{"tamper", &tamper},   StepRow{"verify_audit", &verify_audit},
};

}  // namespace

const StepRow* find_step(std::string_view name) noexcept {
  const auto* const row = std::ranges::find(kSteps, name, &StepRow::name);
  return row == kSteps.end() ? nullptr : row;
}

Error bad_step(const Step& step, std::string_view why) {
  return {Category::kInvalidArgument, "attack.invalid_case",
          fmt::format("step '{}' at line {}: {}", step.name, step.about.mark().line, why)};
}

}  // namespace caisson::attack
