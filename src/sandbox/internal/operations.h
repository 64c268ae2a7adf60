#pragma once

#include "sandbox/internal/call_state.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::sandbox {

/// The high half of what caisson_v1.call returns; part of the ABI.
enum class OperationStatus : std::uint32_t {
  kOk = 0,
  kNotFound = 1,  ///< there is no such key
  kDenied = 2,    ///< the operation is not granted
  kInvalid = 3,   ///< the input is not what the operation takes; the result says why
  kLimit = 4,     ///< it would not fit; the result says why
  kUnknown = 5,   ///< there is no such operation
  kFailed = 6,    ///< something outside failed; the result is a reason: `net.connect` ...
};

/// Runs the operation `name` (`kv.get`, `emit` ...) with an input of a JSON head and, behind a line feed, bytes.
[[nodiscard]] OperationStatus run_operation(CallState& call, std::string_view name, std::string_view input,
                                            std::string& result);

}  // namespace caisson::sandbox
