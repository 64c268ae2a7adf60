#include "engine/profile.h"

#include "base/control.h"

#include <fmt/format.h>

namespace caisson::engine {

StackClass stack_class_for(std::size_t bytes) noexcept {
  return bytes <= stack_bytes(StackClass::k1MiB) ? StackClass::k1MiB : StackClass::k4MiB;
}

std::size_t stack_bytes(StackClass stack) noexcept {
  switch (stack) {
    case StackClass::k1MiB:
      return 1U << 20;
    case StackClass::k4MiB:
      return 4U << 20;
  }
  return 0;
}

Profile strict_profile(StackClass stack) {
  Profile profile;
  profile.name = stack == StackClass::k1MiB ? "strict" : "strict-4m";
  profile.stack_bytes = stack_bytes(stack);
  profile.async_stack_bytes = 2 * profile.stack_bytes;
#ifdef __SANITIZE_THREAD__
  profile.pool_slots = 100;  // ThreadSanitizer leaves 1.5 TB of address space
#endif
  return profile;
}

Profile image_profile() {
  Profile profile = strict_profile(StackClass::k4MiB);
  profile.name = "image";
  profile.exceptions = true;
  return profile;
}

Profile large_image_profile() {
  Profile profile = image_profile();
  profile.name = "large-image";
  profile.pool_slots = 100;
  profile.pool_table_elements = 250'000;
  profile.pool_instance_bytes = 8U << 20;
  return profile;
}

std::string fingerprint(const Profile& profile) {
  // The switches that are the same for every profile (internal/config.cc) carry a number, raised when one of them
  // changes.
  constexpr int kSwitches = 3;
  return fmt::format("{}{}switches={};stack={};nan={};memory={};tables={}",
                     base::holds(base::Control::kProposals) ? "" : "all;", profile.exceptions ? "exceptions;" : "",
                     kSwitches, profile.stack_bytes, profile.canonical_nans ? 1 : 0, profile.pool_memory_bytes,
                     profile.pool_table_elements);
}

}  // namespace caisson::engine
