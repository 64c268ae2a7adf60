#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace caisson::engine {

/// The bytes of a committed guest module: `dynamic`, `wat/scalar` ... (guests/samples/built). Throws when there is
/// none.
[[nodiscard]] std::string guest_module(std::string_view name);

/// The names of all of them, sorted.
[[nodiscard]] std::vector<std::string> guest_module_names();

}  // namespace caisson::engine
