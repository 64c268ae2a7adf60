#include "workflow/internal/policy_fields.h"

#include "sandbox/limit_table.h"
#include "sandbox/policy_read.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace caisson::workflow {

using document::Value;

namespace {

std::string named(const Fields& fields, std::string_view key) {
  return fields.what().empty() ? std::string(key) : fmt::format("{}: {}", fields.what(), key);
}

}  // namespace

void read_policy(const Fields& fields, sandbox::PolicyRequest& out, const std::string& file, Problems& problems) {
  std::vector<Diagnostic> found;
  if (const Value* limits = fields.find("limits")) {
    const Value* fuel = limits->find("fuel");
    if (fuel != nullptr && !fuel->is_null() && out.find(*sandbox::find_limit("fuel")) != nullptr) {
      problems.error(
          "workflow.bad_value",
          fmt::format("{}: the fuel is written here and under its older name; write it once", named(fields, "limits")),
          fuel->mark());
    }
    sandbox::RequestReader(file, named(fields, "limits"), found, out).read_limits(*limits);
  }
  if (const Value* grants = fields.find("grants")) {
    sandbox::RequestReader(file, named(fields, "grants"), found, out).read_grants(*grants);
  }
  for (const Diagnostic& problem : found) {
    problems.add(problem);
  }
}

void refuse_policy(const Fields& fields, std::string_view type, Problems& problems) {
  for (const std::string_view key : {"limits", "grants"}) {
    if (const Value* value = fields.find(key)) {
      problems.error("workflow.bad_value",
                     fmt::format("{} cannot be given to a {} node: it is part of the program and runs in no sandbox; "
                                 "remove them",
                                 named(fields, key), type),
                     value->mark());
    }
  }
}

void set_fuel(sandbox::PolicyRequest& request, std::uint64_t fuel, const Value& where, const std::string& file) {
  request.set(*sandbox::find_limit("fuel"), fuel,
              {sandbox::Origin::Kind::kFile, file, where.mark().line, where.mark().column});
}

}  // namespace caisson::workflow
