#pragma once

#include "base/unicode.h"
#include "document/parse.h"
#include "document/places.h"
#include "document/print.h"
#include "fuzz.h"

#include <algorithm>
#include <string_view>

namespace caisson::fuzz {

/// Small caps, so that short inputs reach them.
inline constexpr document::ParseLimits kTightLimits = {
    .bytes = 1024, .depth = 4, .values = 16, .scalar_bytes = 32, .flow_bytes = 64};

/// Every string of an accepted value is UTF-8, every value has a place, no cap is passed.
inline void check_value(const document::Value& value, const document::ParseLimits& limits, std::size_t depth = 0) {
  require(value.mark().line > 0 && value.mark().column > 0, "a value has a place");
  const auto check_text = [&](const std::string& text) {
    require(base::is_utf8(text), "strings and names are UTF-8");
    require(text.size() <= limits.scalar_bytes, "strings and names keep their cap");
  };
  if (const std::string* text = value.as_string()) {
    check_text(*text);
  }
  if (value.as_list() != nullptr || value.as_map() != nullptr) {
    require(depth < limits.depth, "the depth keeps its cap");
  }
  if (const document::List* list = value.as_list()) {
    for (const document::Value& item : *list) {
      check_value(item, limits, depth + 1);
    }
  }
  if (const document::Map* map = value.as_map()) {
    for (const document::Entry& entry : *map) {
      require(entry.name_mark.line > 0 && entry.name_mark.column > 0, "a name has a place");
      require(value.find(entry.name) == &entry.value, "names are unique");
      check_text(entry.name);
      check_value(entry.value, limits, depth + 1);
    }
  }
}

/// The bytes behind a place of a text.
inline std::string_view text_at(std::string_view text, document::Mark mark) {
  text.remove_prefix(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  for (int line = 1; line < mark.line; ++line) {
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  }
  for (int column = 1; column < mark.column && !text.empty(); ++column) {
    do {
      text.remove_prefix(1);
    } while (!text.empty() && (static_cast<unsigned char>(text.front()) & 0xC0U) == 0x80U);
  }
  return text;
}

/// Where the last character of a string stands, that is what is written there, or an escape.
inline void check_places(const document::Value& value, std::string_view text, const document::Places& places) {
  if (const std::string* string = value.as_string()) {
    std::size_t last = string->find_last_not_of(" \t\r\n");
    while (last != std::string::npos && last > 0 && (static_cast<unsigned char>((*string)[last]) & 0xC0U) == 0x80U) {
      --last;
    }
    if (last != std::string::npos) {
      const std::string_view found = text_at(text, places.inside(value, last));
      require(found.starts_with((*string)[last]) || found.starts_with('\\'), "a character has its place");
    }
  }
  if (const document::List* list = value.as_list()) {
    for (const document::Value& item : *list) {
      check_places(item, text, places);
    }
  }
  if (const document::Map* map = value.as_map()) {
    for (const document::Entry& entry : *map) {
      check_places(entry.value, text, places);
    }
  }
}

/// A refusal says something about each problem, in the order of the text, in words a terminal can be given.
inline void check_refusal(const Error& error, std::string_view text) {
  const auto lines = static_cast<int>(std::ranges::count(text, '\n')) + 1;
  require(error.category == Category::kInvalidArgument && error.reason.starts_with("document."), "refusals are typed");
  require(!error.diagnostics.empty() && error.diagnostics.size() <= 101, "1 to 100 problems, and one that counts");
  const Diagnostic* before = nullptr;
  for (const Diagnostic& d : error.diagnostics) {
    require(!d.message.empty() && base::is_utf8(d.message), "messages are UTF-8");
    require(std::ranges::none_of(d.message, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }),
            "messages have no control characters");
    require(d.where.line >= 0 && d.where.line <= lines, "problems are inside the text");
    const bool placed = d.where.line > 0;
    require(!placed || before == nullptr || before->where.line < d.where.line ||
                (before->where.line == d.where.line && before->where.column <= d.where.column),
            "problems are in order");
    before = placed ? &d : before;
  }
}

/// What is printed of a value is JSON that means the same.
inline void check_round_trip(const document::Value& value, const document::ParseLimits& limits) {
  document::ParseLimits wide = limits;
  wide.bytes = std::size_t{64} << 20;
  for (const auto style : {document::JsonStyle::kCompact, document::JsonStyle::kIndented}) {
    const std::string text = document::to_json(value, style);
    const auto again = document::parse_json(text, "", wide);
    require(again.has_value(), "what is printed can be read");
    // Compared as text: YAML has numbers without a JSON form, and no NaN is equal to itself.
    require(document::to_json(*again, style) == text, "what is printed reads back as the same value");
  }
}

/// Any bytes, by a parser that accepts more than JSON: read or refused with good manners, and what is read can be
/// printed as JSON.
template <typename Parse>
void check_parser(const std::uint8_t* data, std::size_t size, Parse&& parse) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const document::ParseLimits& limits : {document::ParseLimits{}, kTightLimits}) {
    const auto result = parse(text, "input", limits);
    if (result) {
      check_value(*result, limits);
      check_round_trip(*result, limits);
    } else {
      check_refusal(result.error(), text);
    }
  }
}

}  // namespace caisson::fuzz
