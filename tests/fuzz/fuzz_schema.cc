// A line with a schema, and behind it a value: both are refused or checked in bounded time, and what is said can be
// shown.

#include "base/unicode.h"
#include "document/schema.h"
#include "fuzz.h"

#include <algorithm>
#include <string_view>

namespace document = caisson::document;
using caisson::fuzz::require;

namespace {

constexpr std::size_t kSteps = 200'000;

bool can_be_shown(std::string_view text) {
  return caisson::base::is_utf8(text) &&
         std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(text.find('\n'), text.size());
  const auto schema = document::Schema::parse(text.substr(0, line), "schema");
  if (!schema) {
    require(!schema.error().diagnostics.empty() && can_be_shown(schema.error().message), "a refusal can be shown");
    return 0;
  }
  const auto value = document::parse_json(text.substr(std::min(line + 1, text.size())), "");
  if (!value) {
    return 0;
  }
  const auto problems = schema->check(*value, kSteps);
  require(problems.size() <= document::Schema::kMostProblems, "there is an end to problems");
  for (const document::SchemaProblem& problem : problems) {
    require(!problem.message.empty() && can_be_shown(problem.message) && can_be_shown(problem.path),
            "problems can be shown");
    require(problem.path.size() < 8'192 && problem.message.size() < 8'192, "problems are short");
  }
  const auto again = document::Schema::make(schema->value());
  require(again && again->check(*value, kSteps) == problems, "the same schema and value have the same problems");
  return 0;
}
