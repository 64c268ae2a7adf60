#include "workflow/internal/fields.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "sandbox/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace caisson::workflow {

using document::Value;

std::optional<std::int64_t> whole_number(const Value& value) noexcept {
  if (const auto* integer = value.as_integer()) {
    return *integer;
  }
  const auto* number = value.as_number();
  if (number == nullptr || !std::isfinite(*number) || std::trunc(*number) != *number) {
    return std::nullopt;
  }
  using Limits = std::numeric_limits<std::int64_t>;
  constexpr double kTooHigh = 9223372036854775808.0;  // 2^63
  if (*number >= kTooHigh) {
    return Limits::max();
  }
  return *number < -kTooHigh ? Limits::min() : static_cast<std::int64_t>(*number);
}

Fields::Fields(const Value& value, std::string what, Problems& problems)
    : map_(value.as_map()), what_(std::move(what)), mark_(value.mark()), problems_(problems) {
  if (map_ == nullptr && !value.is_null()) {
    problems_.error("workflow.wrong_type", fmt::format("{} must be a map, got {}", what_, to_string(value.kind())),
                    mark_);
  }
}

std::string Fields::named(std::string_view name) const {
  return what_.empty() ? std::string(name) : fmt::format("{}: {}", what_, name);
}

void Fields::allow_only(std::span<const std::string_view> known, const Advice& advice) {
  if (map_ == nullptr) {
    return;
  }
  for (const document::Entry& entry : *map_) {
    if (std::ranges::find(known, entry.name) == known.end()) {
      const std::string advised = advice ? advice(entry.name) : std::string();
      problems_.error("workflow.unknown_key",
                      fmt::format("{}{}unknown name '{}'{}", what_, what_.empty() ? "" : ": ",
                                  base::printable(base::shorten(entry.name, 64)),
                                  advised.empty() ? base::did_you_mean(entry.name, known) : advised),
                      entry.name_mark);
    }
  }
}

const Value* Fields::find(std::string_view name) const noexcept {
  if (map_ == nullptr) {
    return nullptr;
  }
  const auto found = std::ranges::find(*map_, name, &document::Entry::name);
  return found == map_->end() || found->value.is_null() ? nullptr : &found->value;
}

const std::string* Fields::string(std::string_view name) {
  const Value* value = find(name);
  if (value != nullptr && value->as_string() == nullptr) {
    const bool scalar = value->as_list() == nullptr && value->as_map() == nullptr;
    wrong_kind(name, *value, scalar ? "a string (write it in quotes)" : "a string");
    return nullptr;
  }
  return value == nullptr ? nullptr : value->as_string();
}

const Value* Fields::map(std::string_view name) {
  const Value* value = find(name);
  if (value != nullptr && value->as_map() == nullptr) {
    wrong_kind(name, *value, "a map");
    return nullptr;
  }
  return value;
}

const Value* Fields::list(std::string_view name) {
  const Value* value = find(name);
  if (value != nullptr && value->as_list() == nullptr) {
    const std::string* text = value->as_string();
    const bool is_word =
        text != nullptr && !text->empty() && text->find_first_of(" \t\n,[]{}:#&*!|>'\"%@`") == std::string::npos;
    wrong_kind(name, *value, is_word && text->size() <= 64 ? fmt::format("a list (write [{}])", *text) : "a list");
    return nullptr;
  }
  return value;
}

std::optional<std::int64_t> Fields::whole(std::string_view name, std::int64_t low, std::int64_t high) {
  const Value* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  const auto number = whole_number(*value);
  if (!number) {
    const std::string* text = value->as_string();
    const bool digits = text != nullptr && !text->empty() && text->find_first_not_of("0123456789") == std::string::npos;
    wrong_kind(name, *value, digits ? "a whole number (write it without quotes)" : "a whole number");
    return std::nullopt;
  }
  if (*number < low || *number > high) {
    const std::string range = high == std::numeric_limits<std::int64_t>::max()
                                  ? fmt::format("at least {}", low)
                                  : fmt::format("from {} to {}", low, high);
    problems_.error("workflow.bad_value", fmt::format("{} must be {}, got {}", named(name), range, *number),
                    value->mark());
    return std::nullopt;
  }
  return number;
}

std::optional<bool> Fields::flag(std::string_view name) {
  const Value* value = find(name);
  if (value != nullptr && value->as_bool() == nullptr) {
    const std::string* word = value->as_string();
    const bool yes = word != nullptr && (*word == "yes" || *word == "on" || *word == "Yes" || *word == "On");
    const bool no = word != nullptr && (*word == "no" || *word == "off" || *word == "No" || *word == "Off");
    wrong_kind(name, *value, yes ? "true or false (write true)" : no ? "true or false (write false)" : "true or false");
    return std::nullopt;
  }
  return value == nullptr ? std::nullopt : std::optional(*value->as_bool());
}

std::optional<std::chrono::nanoseconds> Fields::duration(std::string_view name, std::chrono::nanoseconds shortest) {
  const Value* value = find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  constexpr double kLongest = 366.0 * 24 * 3600 * 1e9;
  double time = -1;
  if (const auto* integer = value->as_integer()) {
    time = static_cast<double>(*integer) * 1e9;
  } else if (const auto* number = value->as_number()) {
    time = *number * 1e9;
  } else if (const std::string* text = value->as_string()) {
    if (const auto amount = sandbox::parse_amount(*text, sandbox::Unit::kDuration)) {
      time = static_cast<double>(*amount);
    }
  }
  if (time >= static_cast<double>(shortest.count()) && time <= kLongest) {
    return std::chrono::nanoseconds(static_cast<std::int64_t>(time));
  }
  problems_.error("workflow.bad_value",
                  fmt::format("{} must be a time such as 500ms, 30s or 5m, or a number of seconds", named(name)),
                  value->mark());
  return std::nullopt;
}

void Fields::missing(std::string_view name, std::string_view advice) {
  problems_.error("workflow.missing_key", fmt::format("{} is missing; {}", named(name), advice), mark_);
}

void Fields::wrong_kind(std::string_view name, const Value& value, std::string_view expected) {
  problems_.error("workflow.wrong_type",
                  fmt::format("{} must be {}, got {}", named(name), expected, to_string(value.kind())), value.mark());
}

}  // namespace caisson::workflow
