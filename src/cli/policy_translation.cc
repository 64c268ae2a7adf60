#include "cli/policy_translation.h"

#include "cli/input.h"
#include "document/parse.h"

#include <fmt/format.h>

#include <cstdint>
#include <utility>

namespace caisson::cli {

namespace {

constexpr std::uint64_t kMaxPolicyBytes = 1ULL << 20;

Result<document::Value> read_policy(const base::Environment& environment, const std::string& file) {
  if (file == "-") {
    CAISSON_TRY(const std::string text, read_input(file, "policy"));
    return document::parse_yaml(text, "standard input");
  }
  CAISSON_TRY(const std::string text, environment.read_file(file, kMaxPolicyBytes));
  return file.ends_with(".toml")   ? document::parse_toml(text, file)
         : file.ends_with(".json") ? document::parse_json(text, file)
                                   : document::parse_yaml(text, file);
}

}  // namespace

Result<PolicyTranslation> translate_policy(const base::Environment& environment, const std::string& file,
                                           const sandbox::PolicyForm& from, const sandbox::PolicyForm& to) {
  CAISSON_TRY(const document::Value value, read_policy(environment, file));
  CAISSON_TRY(sandbox::ForeignPolicy policy, from.read(value, file == "-" ? "standard input" : file));
  sandbox::PrintedPolicy printed = to.print(policy.request);
  PolicyTranslation out{std::move(printed.value), std::move(policy.warnings)};
  for (const std::string& name : printed.left_out) {
    out.warnings.push_back({Severity::kWarning, "policy.left_out",
                            fmt::format("{} cannot be said, or not as narrowly, in the words of {}", name, to.name),
                            Location{file, 0, 0}});
  }
  return out;
}

}  // namespace caisson::cli
