#include "language/check.h"

#include <utility>

namespace caisson::language {

Status check(const Program& program, const sandbox::Guest& guest, const sandbox::Executor& executor) {
  const sandbox::Policy nothing{.limits = {.fuel = std::nullopt, .timeout = std::chrono::seconds(5)}};
  sandbox::Outcome outcome =
      executor.call(guest, Payload(request_for(program, {.check = true}), Payload::kJson), nothing, {});
  return outcome.error ? Status(*std::move(outcome.error)) : Status();
}

}  // namespace caisson::language
