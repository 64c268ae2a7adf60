#pragma once

#include "engine/internal/handles.h"
#include "engine/profile.h"

#include <cstdint>

namespace caisson::engine {

enum class Allocation : std::uint8_t {
  kPooling,   ///< slots reserved ahead; needs some terabytes of address space, not of memory
  kOnDemand,  ///< a mapping for each instance; slower, works where address space is short
};

/// The address space the pool of a profile reserves.
[[nodiscard]] std::uint64_t pool_address_bytes(const Profile& profile) noexcept;

/// Whether the process can reserve that much address space now. Asked before an engine is made, because Wasmtime aborts
/// the process when its pool does not fit.
[[nodiscard]] bool address_space_available(std::uint64_t bytes) noexcept;

/// An engine with every switch set. The settings that could make Wasmtime abort are checked before, by the caller.
[[nodiscard]] EngineHandle make_engine(const Profile& profile, Allocation allocation, Effort effort);

}  // namespace caisson::engine
