#include "attack/judge.h"

#include "attack/internal/values.h"
#include "document/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <system_error>

namespace caisson::attack {

namespace {

using document::Value;

std::optional<bool> any_text(const Value& wanted, const std::function<bool(const std::string&)>& test) {
  if (const std::string* text = wanted.as_string()) {
    return test(*text);
  }
  if (const document::List* list = wanted.as_list()) {
    return std::ranges::any_of(*list, [&](const Value& item) { return item.as_string() && test(*item.as_string()); });
  }
  return std::nullopt;
}

/// For each entry of a map; all of them have to hold.
template <typename F>
std::optional<bool> each(const Value& wanted, F&& test) {
  const document::Map* map = wanted.as_map();
  if (map == nullptr) {
    return std::nullopt;
  }
  return std::ranges::all_of(*map, [&](const document::Entry& entry) { return test(entry.name, entry.value); });
}

std::optional<bool> number(const Value& wanted, const std::function<bool(std::uint64_t)>& test) {
  const std::int64_t* value = wanted.as_integer();
  return value == nullptr || *value < 0 ? std::nullopt : std::optional(test(static_cast<std::uint64_t>(*value)));
}

bool has(const std::vector<std::string>& all, const std::string& one) {
  return std::ranges::find(all, one) != all.end();
}

struct Row {
  std::string_view fact;
  std::optional<bool> (*test)(const Value& wanted, const Facts& facts);
};

constexpr auto kRows = std::to_array<Row>({
    {"child_resident_over",
     [](const Value& wanted, const Facts& facts) {
       return number(wanted, [&](std::uint64_t n) { return facts.child_resident_bytes > n; });
     }},
    {"connected",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& where) { return has(facts.connected, where); });
     }},
    {"connected_over",
     [](const Value& wanted, const Facts& facts) {
       return number(wanted, [&](std::uint64_t n) { return facts.connected.size() > n; });
     }},
    {"file_exists",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& path) {
         std::error_code ignored;
         return std::filesystem::exists(std::filesystem::symlink_status(facts.folder / path, ignored));
       });
     }},
    {"file_has",
     [](const Value& wanted, const Facts& facts) {
       return each(wanted, [&](const std::string& path, const Value& text) {
         return text.as_string() != nullptr &&
                read_bytes(facts.folder / path).find(*text.as_string()) != std::string::npos;
       });
     }},
    {"file_is",
     [](const Value& wanted, const Facts& facts) {
       return each(wanted, [&](const std::string& path, const Value& text) {
         return text.as_string() != nullptr && read_bytes(facts.folder / path) == *text.as_string();
       });
     }},
    {"file_larger",
     [](const Value& wanted, const Facts& facts) {
       return each(wanted, [&](const std::string& path, const Value& bytes) {
         std::error_code ignored;
         const auto size = std::filesystem::file_size(facts.folder / path, ignored);
         return !ignored && bytes.as_integer() != nullptr && size > static_cast<std::uint64_t>(*bytes.as_integer());
       });
     }},
    {"files_over",
     [](const Value& wanted, const Facts& facts) {
       return each(wanted, [&](const std::string& path, const Value& most) {
         std::error_code ignored;
         const auto all = std::filesystem::directory_iterator(facts.folder / path, ignored);
         return most.as_integer() != nullptr &&
                std::distance(begin(all), end(all)) > static_cast<std::ptrdiff_t>(*most.as_integer());
       });
     }},
    {"notice",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& name) { return has(facts.notices, name); });
     }},
    {"output_has",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& text) { return facts.output.find(text) != std::string::npos; });
     }},
    {"output_is",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& text) { return facts.output == text; });
     }},
    {"output_lacks",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& text) { return facts.output.find(text) == std::string::npos; });
     }},
    {"output_over",
     [](const Value& wanted, const Facts& facts) {
       return number(wanted, [&](std::uint64_t n) { return facts.output.size() > n; });
     }},
    {"reason",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& text) { return facts.reason == text; });
     }},
    {"resident_over",
     [](const Value& wanted, const Facts& facts) {
       return number(wanted, [&](std::uint64_t n) { return facts.peak_resident_bytes > n; });
     }},
    {"said",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& text) { return facts.said.find(text) != std::string::npos; });
     }},
    {"said_not",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& text) { return facts.said.find(text) == std::string::npos; });
     }},
    {"served",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& text) {
         return std::ranges::any_of(facts.served, [&](const std::string& one) { return one.starts_with(text); });
       });
     }},
    {"served_has",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& text) {
         return std::ranges::any_of(facts.served,
                                    [&](const std::string& one) { return one.find(text) != std::string::npos; });
       });
     }},
    {"served_over",
     [](const Value& wanted, const Facts& facts) {
       return number(wanted, [&](std::uint64_t n) { return facts.served.size() > n; });
     }},
    {"usage_over",
     [](const Value& wanted, const Facts& facts) {
       return each(wanted, [&](const std::string& name, const Value& most) {
         const auto used = facts.usage.find(name);
         return used != facts.usage.end() && most.as_integer() != nullptr &&
                used->second > static_cast<std::uint64_t>(*most.as_integer());
       });
     }},
    {"verdict",
     [](const Value& wanted, const Facts& facts) {
       return any_text(wanted, [&](const std::string& text) { return facts.verdict == text; });
     }},
    {"violation",
     [](const Value& wanted,
        const Facts&
            facts) { return any_text(wanted, [&](const std::string& kind) { return has(facts.violations, kind); }); }},
    {"wall_over_ms",
     [](const Value& wanted,
        const Facts&
            facts) { return number(wanted, [&](std::uint64_t n) { return facts.wall > std::chrono::milliseconds(n); }); }},
    {"wall_under_ms",
     [](const Value& wanted,
        const Facts&
            facts) { return number(wanted, [&](std::uint64_t n) { return facts.wall < std::chrono::milliseconds(n); }); }},
});

static_assert(std::ranges::is_sorted(kRows, {}, &Row::fact));

}  // namespace

std::optional<bool> holds(const Condition& condition, const Facts& facts) {
  const auto* const row = std::ranges::find(kRows, condition.fact, &Row::fact);
  return row == kRows.end() ? std::nullopt : row->test(condition.wanted, facts);
}

std::string to_string(const Condition& condition) {
  return fmt::format("{}: {}", condition.fact, document::to_json(condition.wanted));
}

}  // namespace caisson::attack
