#pragma once

#include "base/guarded.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::sandbox {

/// What the calls of one run keep for each other: keys and values, gone with the run.
///
/// Threads: safe to call concurrently.
class RunStorage {
 public:
  /// A copy of the value.
  [[nodiscard]] std::optional<std::string> get(std::string_view key) const;
  /// False, and nothing changed, when `bytes` would be more than `most_bytes`.
  [[nodiscard]] bool set(std::string_view key, std::string_view value, std::uint64_t most_bytes);
  /// Whether there was one.
  bool remove(std::string_view key);
  /// Makes it a copy of another one.
  void assign(const RunStorage& other);
  /// A copy of all of them.
  [[nodiscard]] std::map<std::string, std::string, std::less<>> entries() const;
  /// Of all keys and values together, and 64 for each.
  [[nodiscard]] std::uint64_t bytes() const;

 private:
  struct Values {
    std::map<std::string, std::string, std::less<>> by_key;
    std::uint64_t bytes = 0;
  };
  mutable base::Guarded<Values> values_;
};

}  // namespace caisson::sandbox
