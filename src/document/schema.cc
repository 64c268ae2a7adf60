#include "document/schema.h"

#include "document/internal/schema_checker.h"
#include "document/internal/schema_rules.h"

#include <utility>

namespace caisson::document {

namespace {

/// Of a value that is checked: more than a definition may have, for what comes out of a sandbox has limits of its own.
constexpr ParseLimits kValueLimits = {
    .bytes = 64 << 20, .depth = ParseLimits::kMaxDepth, .values = 1'000'000, .scalar_bytes = 64 << 20};

}  // namespace

std::string to_string(const SchemaProblem& problem) {
  return problem.path.empty() ? problem.message : problem.path + ": " + problem.message;
}

Schema::Schema(std::shared_ptr<const internal::SchemaRules> rules) noexcept : rules_(std::move(rules)) {}

Result<Schema> Schema::make(const Value& schema, std::string_view file) {
  auto rules = std::make_shared<internal::SchemaRules>(schema);
  CAISSON_CHECK(internal::read_schema(*rules, file));
  return Schema(std::move(rules));
}

Result<Schema> Schema::own(std::string_view json, std::string_view file) {
  CAISSON_TRY(Value value, parse_json(json, file));
  auto rules = std::make_shared<internal::SchemaRules>(std::move(value));
  rules->own = true;
  CAISSON_CHECK(internal::read_schema(*rules, file));
  return Schema(std::move(rules));
}

Result<Schema> Schema::parse(std::string_view json, std::string_view file) {
  CAISSON_TRY(const Value value, parse_json(json, file));
  return make(value, file);
}

std::vector<SchemaProblem> Schema::check(const Value& value, std::size_t steps) const {
  return internal::check_schema(*rules_, value, steps);
}

std::vector<SchemaProblem> Schema::check_json(std::string_view json) const {
  const Result<Value> value = parse_json(json, {}, kValueLimits);
  if (value) {
    return check(*value);
  }
  const bool too_large = value.error().reason == "document.too_large";
  return {{"", (too_large ? "is too large to be checked: " : "must be JSON: ") + value.error().message}};
}

const Value& Schema::value() const noexcept { return rules_->root; }

}  // namespace caisson::document
