#pragma once

#include "document/value.h"
#include "workflow/internal/problems.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace caisson::workflow {

/// The whole number a value is: an integer, or a number without a fraction. One that 64 bits do not hold becomes the
/// nearest that they do.
[[nodiscard]] std::optional<std::int64_t> whole_number(const document::Value& value) noexcept;

/// One map of a definition, read name by name. What is wrong goes to the problems, and reads as absent.
class Fields {
 public:
  /// `what` names the map in messages: `wasm.fuel`, `node 'a'`. Anything but a map is a problem; null is an empty one.
  Fields(const document::Value& value, std::string what, Problems& problems);

  /// What the end of a message about an unknown name says: ` (did you mean 'x'?)`; empty: look for a near one.
  using Advice = std::function<std::string(std::string_view name)>;
  /// Adds a problem for every name that is not in `known`.
  void allow_only(std::span<const std::string_view> known, const Advice& advice = {});

  /// The value of that name; nullptr when there is none or it is null.
  [[nodiscard]] const document::Value* find(std::string_view name) const noexcept;

  [[nodiscard]] const std::string* string(std::string_view name);
  [[nodiscard]] const document::Value* map(std::string_view name);
  [[nodiscard]] const document::Value* list(std::string_view name);
  /// A whole number from `low` to `high`.
  [[nodiscard]] std::optional<std::int64_t> whole(std::string_view name, std::int64_t low, std::int64_t high);

  [[nodiscard]] std::optional<bool> flag(std::string_view name);
  /// A time such as `500ms`, `30s`, `5m`, or a number of seconds; not below `shortest`, which is not negative.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> duration(std::string_view name,
                                                                 std::chrono::nanoseconds shortest);

  /// Adds a workflow.missing_key for this map.
  void missing(std::string_view name, std::string_view advice);
  void wrong_kind(std::string_view name, const document::Value& value, std::string_view expected);

  [[nodiscard]] const std::string& what() const noexcept { return what_; }
  [[nodiscard]] document::Mark mark() const noexcept { return mark_; }
  [[nodiscard]] bool is_map() const noexcept { return map_ != nullptr; }

 private:
  [[nodiscard]] std::string named(std::string_view name) const;

  const document::Map* map_ = nullptr;
  std::string what_;
  document::Mark mark_;
  Problems& problems_;
};

}  // namespace caisson::workflow
