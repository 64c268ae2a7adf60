#include "workflow/internal/head_fields.h"

#include "base/unicode.h"
#include "document/print.h"

#include <fmt/format.h>

#include <string>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::int64_t kVersion = 1;

void read_version(const Fields& fields, Problems& problems) {
  const Value* version = fields.find("configVersion");
  if (version == nullptr || whole_number(*version) == kVersion) {
    return;
  }
  const std::string got = version->as_list() != nullptr || version->as_map() != nullptr
                              ? std::string(to_string(version->kind()))
                              : base::printable(base::shorten(document::to_json(*version), 64));
  problems.error("workflow.bad_value",
                 fmt::format("configVersion {} is not known; this version of Caisson reads {}", got, kVersion),
                 version->mark());
}

}  // namespace

void read_head(Fields& fields, Definition& definition, Problems& problems) {
  read_version(fields, problems);
  if (const std::string* name = fields.string("name")) {
    definition.name = *name;
  }
  if (const std::string* description = fields.string("description")) {
    definition.description = *description;
  }
  definition.input_schema = read_schema(fields, "input_schema", problems);
  definition.output_schema = read_schema(fields, "output_schema", problems);
}

std::optional<document::Schema> read_schema(const Fields& fields, std::string_view name, Problems& problems) {
  const Value* value = fields.find(name);
  if (value == nullptr) {
    return std::nullopt;
  }
  Result<document::Schema> made = document::Schema::make(*value);
  if (made) {
    return *std::move(made);
  }
  for (Diagnostic problem : made.error().diagnostics) {
    problem.message =
        fmt::format("{}{}{}: {}", fields.what(), fields.what().empty() ? "" : ": ", name, problem.message);
    problems.add(problem);
  }
  return std::nullopt;
}

}  // namespace caisson::workflow
