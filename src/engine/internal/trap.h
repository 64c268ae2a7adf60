#pragma once

#include "engine/fault.h"
#include "engine/internal/handles.h"

#include <optional>

namespace caisson::engine {

/// Why Wasmtime stopped the guest, from what a call of the C API gave. At most one of the two is set.
///
/// `interruption` is what the epoch callback wrote down when it ended the guest: its error carries no type.
[[nodiscard]] Fault classify(ErrorHandle error, TrapHandle trap, const std::optional<FaultKind>& interruption);

/// The same for a component, from what cn_component_call gave.
[[nodiscard]] Fault classify_component(ErrorHandle error, const std::optional<FaultKind>& interruption);

}  // namespace caisson::engine
