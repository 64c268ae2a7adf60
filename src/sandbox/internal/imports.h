#pragma once

#include "engine/module.h"

#include <caisson/result.h>

#include <cstdint>
#include <string_view>

namespace caisson::sandbox {

inline constexpr std::string_view kStart = "_start";            ///< of a command
inline constexpr std::string_view kInitialize = "_initialize";  ///< of a reactor: called once, before its entry

/// What the imports of a module need, as bits of Family.
/// Errors: permission_denied / sandbox.import_denied when one is no host function at all, naming each;
/// invalid_argument / sandbox.bad_signature when one is imported with another signature than it has.
[[nodiscard]] Result<std::uint8_t> families_of_imports(const engine::ModuleInfo& info);

}  // namespace caisson::sandbox
