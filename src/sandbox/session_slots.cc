#include "sandbox/session_slots.h"

#include "base/control.h"

#include <fmt/format.h>

namespace caisson::sandbox {

SessionSlots::Slot::~Slot() {
  if (owner_ != nullptr) {
    owner_->taken_.fetch_sub(1);
  }
}

Result<SessionSlots::Slot> SessionSlots::take() {
  if (taken_.fetch_add(1) >= most_ && base::holds(base::Control::kSessionCount)) {
    taken_.fetch_sub(1);
    return Error{Category::kResourceExhausted, "sandbox.session_limit",
                 fmt::format("there are {} sessions already, forks among them, and no more are allowed at once; close "
                             "one",
                             most_)};
  }
  return Slot(this);
}

}  // namespace caisson::sandbox
