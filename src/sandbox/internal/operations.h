#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::sandbox {

class CallState;

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

/// The host function that operations are called by, of modules and of components.
inline constexpr std::string_view kCallFunction = "call";

inline constexpr std::size_t kOperations = 7;
/// `kv.get` ...; the place is below kOperations.
[[nodiscard]] std::string_view operation_name(std::size_t place) noexcept;
/// Where the operation of that name is; kOperations when there is none.
[[nodiscard]] std::size_t find_operation(std::string_view name) noexcept;

/// Counts and runs the operation `name` (`kv.get`, `emit` ...) with an input of a JSON head and, behind a line feed,
/// bytes.
[[nodiscard]] OperationStatus run_operation(CallState& call, std::string_view name, std::string_view input,
                                            std::string& result);

}  // namespace caisson::sandbox
