#pragma once

#include "base/environment.h"
#include "sandbox/policy_forms.h"

#include <caisson/result.h>

#include <string>
#include <vector>

namespace caisson::cli {

/// A policy in the words of another system.
struct PolicyTranslation {
  document::Value value{};
  std::vector<Diagnostic> warnings{};  ///< what had no meaning, and what those words cannot say
};

/// Reads a file (TOML and JSON by its ending, otherwise YAML, of which JSON is a part; `-`: standard input, in YAML) in
/// the words of `from` and writes it in those of `to`. Whether it is allowed is not asked.
/// Errors: file.*, document.*; policy.* with a diagnostic for each problem.
[[nodiscard]] Result<PolicyTranslation> translate_policy(const base::Environment& environment, const std::string& file,
                                                         const sandbox::PolicyForm& from,
                                                         const sandbox::PolicyForm& to);

}  // namespace caisson::cli
