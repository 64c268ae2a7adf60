#pragma once

#include <chrono>
#include <functional>

namespace caisson::net {

/// How long somebody waits for something.
struct Patience {
  std::chrono::steady_clock::time_point deadline{};  ///< by the clock of the Environment
  std::function<bool()> stop{};                      ///< asked every 20 ms at least; may be empty

  static constexpr auto kSlice = std::chrono::milliseconds(20);
};

}  // namespace caisson::net
