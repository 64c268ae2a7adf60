#include "sandbox/policy_forms.h"

#include <algorithm>
#include <array>

namespace caisson::sandbox {

namespace {

constexpr std::array kForms = {
    PolicyForm{"definition", read_definition_policy, print_definition_policy},
    PolicyForm{"security-context", read_security_context, print_security_context},
    PolicyForm{"capabilities", read_capabilities, print_capabilities},
    PolicyForm{"wasi", read_wasi_grants, print_wasi_grants},
    PolicyForm{"manifest", read_sandbox_manifest, print_sandbox_manifest},
    PolicyForm{"gateway", read_runtime_config, print_runtime_config},
    PolicyForm{"type-limits", read_type_limits, print_type_limits},
};

}  // namespace

std::span<const PolicyForm> policy_forms() noexcept { return kForms; }

const PolicyForm* find_policy_form(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kForms, name, &PolicyForm::name);
  return found == kForms.end() ? nullptr : found;
}

}  // namespace caisson::sandbox
