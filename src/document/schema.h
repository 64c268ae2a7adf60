#pragma once

#include "document/parse.h"
#include "document/value.h"

#include <caisson/result.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::document {

namespace internal {
struct SchemaRules;
}

/// What does not fit a schema.
struct SchemaProblem {
  std::string path;     ///< JSON pointer to the value, safe to print, shortened; empty: the value as a whole
  std::string message;  ///< `must be a number, got a string`

  friend bool operator==(const SchemaProblem&, const SchemaProblem&) = default;
};

/// `/items/3/price: must be a number, got a string`
[[nodiscard]] std::string to_string(const SchemaProblem& problem);

/// A JSON Schema, draft 7, that values are checked against.
///
/// What is not checked does not look checked: keywords of later drafts that say more than draft 7 can
/// (`prefixItems`, `unevaluatedProperties`, `dependentRequired` ...) are refused by name, as are `$ref` to other
/// documents. Differences to draft 7: what stands beside a `$ref` counts too; `format` and `content...` are notes;
/// names that are no keyword are ignored; `$id` may only be at the top; `pattern` means what it does in JavaScript, as
/// far as docs/reference/schema.md says.
///
/// Copyable: copies share what was made of the schema, which never changes.
/// Threads: safe to share.
/// Source: https://json-schema.org/draft-07
class Schema {
 public:
  /// The most problems that a check tells.
  static constexpr std::size_t kMostProblems = 20;
  /// What a check may take, in visits of a value by a schema: some seconds. The same for the same schema and value.
  static constexpr std::size_t kMostSteps = 20'000'000;
  /// What a schema may have.
  static constexpr std::size_t kMostSchemas = 10'000;
  static constexpr std::size_t kMostDepth = 64;
  static constexpr std::size_t kMostPatternBytes = 64 << 10;
  /// How many schemas may apply to one value by way of each other (`allOf` in `$ref` in `anyOf` ...).
  static constexpr std::size_t kMostLinks = 32;

  /// Of a value that says where it was written. `file`: for the places of diagnostics.
  /// Errors: invalid_argument / document.bad_schema, with one diagnostic for each problem that names the path of the
  /// keyword; document.too_large.
  [[nodiscard]] static Result<Schema> make(const Value& schema, std::string_view file = {});
  /// Of JSON text. Errors: those of parse_json as well.
  [[nodiscard]] static Result<Schema> parse(std::string_view json, std::string_view file);

  /// Of a schema that is a part of the program: its patterns are compiled when they are first needed, since that takes
  /// longer than all the rest. One that is wrong lets nothing through. Errors: as parse, but for patterns.
  [[nodiscard]] static Result<Schema> own(std::string_view json, std::string_view file);

  /// What does not fit, as it is found, at most kMostProblems; nothing when all does.
  ///
  /// Fails closed: a check that takes too many steps, or a pattern too long, is a problem. Values nest as deep as
  /// ParseLimits::kMaxDepth allows.
  [[nodiscard]] std::vector<SchemaProblem> check(const Value& value, std::size_t steps = kMostSteps) const;
  /// Of JSON text, which is a problem itself when it is none, or too large to be read.
  [[nodiscard]] std::vector<SchemaProblem> check_json(std::string_view json) const;

  /// The schema as it was given.
  [[nodiscard]] const Value& value() const noexcept;

  friend bool operator==(const Schema& a, const Schema& b) { return a.value() == b.value(); }

 private:
  explicit Schema(std::shared_ptr<const internal::SchemaRules> rules) noexcept;

  // shared_ptr: definitions are copied into plans and runners, and a schema holds compiled patterns (ADR 0014).
  std::shared_ptr<const internal::SchemaRules> rules_;
};

}  // namespace caisson::document
