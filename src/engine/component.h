#pragma once

#include "engine/instance.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

namespace caisson::engine {

/// What came of one call of a component: a fault, or its answer.
struct ComponentOutcome {
  std::optional<Fault> fault{};
  std::optional<std::int32_t> error_code{};  ///< the component says that it failed; `bytes` is its message
  std::string_view bytes{};                  ///< what it returned; lives as long as `owner`
  std::shared_ptr<const void> owner{};
  InstanceUsage usage{};
};

/// Makes a fresh instance of a component in a store of its own, with its limits set before any of its code runs, calls
/// what it exports to be called (the interfaces are in api/abi.md), and drops it all.
///
/// One copy of the input goes in, one of the output comes out. What the component asks of the host goes to the host
/// functions of its engine; each of them returns or ends the call, so nothing here waits. `component` is linked.
/// Lifetime and threads: those of Instance.
[[nodiscard]] ComponentOutcome call_component(const Module& component, std::string_view input,
                                              const InstanceLimits& limits, const std::stop_token& stop,
                                              const base::Environment& environment, const InstanceOwner& owner = {});

}  // namespace caisson::engine
