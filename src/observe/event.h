#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <variant>

namespace caisson::observe {

/// A fact about an event: a name from the event's documentation and a value. Both are borrowed for the call.
struct Attribute {
  std::string_view name;
  std::variant<std::int64_t, double, bool, std::string_view> value;
};

/// Something that happened, told to an Observer while it happens. Nothing is owned: an observer copies what it keeps.
///
/// Names are dotted, `<library>.<what>`, and never change once released.
struct Event {
  std::string_view name;
  std::span<const Attribute> attributes;
};

}  // namespace caisson::observe
