// The vocabulary of JSON Schema: keywords, types, and when two values are equal.

#include "document/internal/schema_rules.h"
#include "document/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace caisson::document::internal {

namespace {

using K = Keyword;
using S = Shape;

constexpr std::array kKeywords = {
    KeywordRow{"$defs", K::kDefinitions, S::kSchemaMap},
    KeywordRow{"$ref", K::kRef, S::kReference, true},
    KeywordRow{"additionalItems", K::kAdditionalItems, S::kSchema},
    KeywordRow{"additionalProperties", K::kAdditionalProperties, S::kSchema},
    KeywordRow{"allOf", K::kAllOf, S::kSchemaList, true},
    KeywordRow{"anyOf", K::kAnyOf, S::kSchemaList, true},
    KeywordRow{"const", K::kConst, S::kAny},
    KeywordRow{"contains", K::kContains, S::kSchema},
    KeywordRow{"definitions", K::kDefinitions, S::kSchemaMap},
    KeywordRow{"dependencies", K::kDependencies, S::kDependencies, true},
    KeywordRow{"else", K::kElse, S::kSchema, true},
    KeywordRow{"enum", K::kEnum, S::kAnyList},
    KeywordRow{"exclusiveMaximum", K::kExclusiveMaximum, S::kNumber},
    KeywordRow{"exclusiveMinimum", K::kExclusiveMinimum, S::kNumber},
    KeywordRow{"if", K::kIf, S::kSchema, true},
    KeywordRow{"items", K::kItems, S::kItems},
    KeywordRow{"maxItems", K::kMaxItems, S::kCount},
    KeywordRow{"maxLength", K::kMaxLength, S::kCount},
    KeywordRow{"maxProperties", K::kMaxProperties, S::kCount},
    KeywordRow{"maximum", K::kMaximum, S::kNumber},
    KeywordRow{"minItems", K::kMinItems, S::kCount},
    KeywordRow{"minLength", K::kMinLength, S::kCount},
    KeywordRow{"minProperties", K::kMinProperties, S::kCount},
    KeywordRow{"minimum", K::kMinimum, S::kNumber},
    KeywordRow{"multipleOf", K::kMultipleOf, S::kPositive},
    KeywordRow{"not", K::kNot, S::kSchema, true},
    KeywordRow{"oneOf", K::kOneOf, S::kSchemaList, true},
    KeywordRow{"pattern", K::kPattern, S::kPattern},
    KeywordRow{"patternProperties", K::kPatternProperties, S::kPatternMap},
    KeywordRow{"properties", K::kProperties, S::kSchemaMap},
    KeywordRow{"propertyNames", K::kPropertyNames, S::kSchema},
    KeywordRow{"required", K::kRequired, S::kNames},
    KeywordRow{"then", K::kThen, S::kSchema, true},
    KeywordRow{"type", K::kType, S::kType},
    KeywordRow{"uniqueItems", K::kUniqueItems, S::kFlag},
};
static_assert(std::ranges::is_sorted(kKeywords, {}, &KeywordRow::name));

constexpr std::array kTypes = {TypeRow{"null", "null"},          TypeRow{"boolean", "a boolean"},
                               TypeRow{"integer", "an integer"}, TypeRow{"number", "a number"},
                               TypeRow{"string", "a string"},    TypeRow{"array", "an array"},
                               TypeRow{"object", "an object"}};

bool is_whole(double number) noexcept { return std::isfinite(number) && std::trunc(number) == number; }

void write_canonical(const Value& value, std::string& out) {
  if (const double* number = value.as_number(); number != nullptr && is_whole(*number)) {
    out += fmt::format("{:.0f}", *number == 0 ? 0.0 : *number);
  } else if (const List* list = value.as_list()) {
    out += '[';
    for (const Value& item : *list) {
      write_canonical(item, out);
      out += ',';
    }
    out += ']';
  } else if (const Map* map = value.as_map()) {
    std::vector<const Entry*> entries;
    entries.reserve(map->size());
    for (const Entry& entry : *map) {
      entries.push_back(&entry);
    }
    std::ranges::sort(entries, {}, &Entry::name);
    out += '{';
    for (const Entry* entry : entries) {
      out += to_json(Value(entry->name)) + ':';
      write_canonical(entry->value, out);
      out += ',';
    }
    out += '}';
  } else {
    out += to_json(value);
  }
}

}  // namespace

const KeywordRow* find_keyword(std::string_view name) noexcept {
  const auto* row = std::ranges::lower_bound(kKeywords, name, {}, &KeywordRow::name);
  return row != kKeywords.end() && row->name == name ? row : nullptr;
}

const TypeRow* find_type(std::string_view name) noexcept {
  const auto* row = std::ranges::find(kTypes, name, &TypeRow::name);
  return row != kTypes.end() ? row : nullptr;
}

const TypeRow& type_of(const Value& value) noexcept {
  return kTypes[static_cast<std::size_t>(value.kind())];  // in the order of Kind
}

bool is_of_type(const Value& value, std::string_view name) noexcept {
  if (type_of(value).name == name) {
    return true;
  }
  if (name == "number") {
    return value.as_integer() != nullptr;
  }
  return name == "integer" && value.as_number() != nullptr && is_whole(*value.as_number());
}

std::string canonical(const Value& value) {
  std::string out;
  write_canonical(value, out);
  return out;
}

}  // namespace caisson::document::internal
