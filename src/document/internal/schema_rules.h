#pragma once

#include "document/internal/schema_pattern.h"
#include "document/value.h"

#include <caisson/result.h>

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

namespace caisson::document::internal {

enum class Keyword : std::uint8_t {
  kRef,
  kType,
  kEnum,
  kConst,
  kMultipleOf,
  kMaximum,
  kExclusiveMaximum,
  kMinimum,
  kExclusiveMinimum,
  kMaxLength,
  kMinLength,
  kPattern,
  kItems,
  kAdditionalItems,
  kMaxItems,
  kMinItems,
  kUniqueItems,
  kContains,
  kMaxProperties,
  kMinProperties,
  kRequired,
  kProperties,
  kPatternProperties,
  kAdditionalProperties,
  kDependencies,
  kPropertyNames,
  kIf,
  kThen,
  kElse,
  kAllOf,
  kAnyOf,
  kOneOf,
  kNot,
  kDefinitions,
};

/// What the value of a keyword has to be.
enum class Shape : std::uint8_t {
  kSchema,
  kSchemaList,    ///< at least one
  kItems,         ///< a schema, or a list of them
  kSchemaMap,     ///< by any name
  kPatternMap,    ///< by patterns
  kDependencies,  ///< schemas, or lists of names, by name
  kReference,
  kType,
  kAnyList,
  kAny,
  kNumber,
  kPositive,
  kCount,
  kFlag,
  kNames,
  kPattern,
};

struct KeywordRow {
  std::string_view name;
  Keyword keyword;
  Shape shape;
  /// The schemas in it apply to the value itself, not to a part of it.
  bool in_place = false;
};

/// Nothing for a name that is no keyword of draft 7.
[[nodiscard]] const KeywordRow* find_keyword(std::string_view name) noexcept;

/// The types of JSON Schema, with their article: `a number`.
struct TypeRow {
  std::string_view name;
  std::string_view with_article;
};
[[nodiscard]] const TypeRow* find_type(std::string_view name) noexcept;
/// What a value is; an integer is `integer`.
[[nodiscard]] const TypeRow& type_of(const Value& value) noexcept;
/// Whether it is of that type; 2.0 is an integer.
[[nodiscard]] bool is_of_type(const Value& value, std::string_view name) noexcept;

/// JSON text that equal values have in common: names sorted, 2.0 as 2.
[[nodiscard]] std::string canonical(const Value& value);

using SchemaMap = std::map<std::string_view, const Value*>;

/// A schema that was found good, with what was made of it. The keys point into `root`.
struct SchemaRules {
  explicit SchemaRules(Value schema) : root(std::move(schema)) {}
  SchemaRules(const SchemaRules&) = delete;
  SchemaRules& operator=(const SchemaRules&) = delete;
  ~SchemaRules() = default;

  const Value root;
  bool own = false;                                                                ///< its patterns are good
  std::unordered_map<std::string, Pattern> patterns{};                             ///< by what was written
  std::unordered_map<const Value*, const Value*> targets{};                        ///< of `$ref`
  std::unordered_map<const Value*, std::set<std::string, std::less<>>> choices{};  ///< of `enum`, canonical
  std::unordered_map<const Value*, SchemaMap> properties{};                        ///< of `properties`
};

/// Checks the schema in `rules` and fills in the rest. Errors: those of Schema::make.
[[nodiscard]] Status read_schema(SchemaRules& rules, std::string_view file);

}  // namespace caisson::document::internal
