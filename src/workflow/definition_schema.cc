#include "workflow/definition_schema.h"

#include "workflow/internal/embedded.h"
#include "workflow/internal/problems.h"
#include "workflow/json_pointer.h"

#include <fmt/format.h>

#include <algorithm>

namespace caisson::workflow {

namespace {

using document::Entry;
using document::Value;

bool has_empty_names(const Value& value) {
  if (const document::Map* map = value.as_map()) {
    return std::ranges::any_of(
        *map, [](const Entry& entry) { return entry.value.is_null() || has_empty_names(entry.value); });
  }
  const document::List* list = value.as_list();
  return list != nullptr && std::ranges::any_of(*list, has_empty_names);
}

Value without_empty_names(const Value& value) {
  Value out = value;
  if (document::Map* map = out.as_map()) {
    std::erase_if(*map, [](const Entry& entry) { return entry.value.is_null(); });
    for (Entry& entry : *map) {
      entry.value = without_empty_names(entry.value);
    }
  } else if (document::List* list = out.as_list()) {
    std::ranges::transform(*list, list->begin(), without_empty_names);
  }
  return out;
}

/// Where the value at `path` was written; of one that is not found, where the definition begins.
document::Mark mark_of(const Value& root, std::string_view path) {
  const Result<JsonPointer> pointer = JsonPointer::parse(path);
  const Result<const Value*> found = pointer ? pointer->find(root) : pointer.error();
  return found ? (*found)->mark() : root.mark();
}

}  // namespace

std::string_view definition_schema_text() noexcept { return internal::files().front().bytes; }

const document::Schema& definition_schema() {
  static const document::Schema schema =
      document::Schema::own(definition_schema_text(), "workflow.schema.json").value();
  return schema;
}

void check_with_schema(const Value& root, Problems& problems) {
  const auto check = [&](const Value& value) {
    for (const document::SchemaProblem& problem : definition_schema().check(value)) {
      problems.error("workflow.bad_value", fmt::format("{} (`caisson schema`)", to_string(problem)),
                     mark_of(root, problem.path));
    }
  };
  has_empty_names(root) ? check(without_empty_names(root)) : check(root);
}

}  // namespace caisson::workflow
