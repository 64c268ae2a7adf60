#pragma once

#include "document/value.h"

#include <caisson/result.h>

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// A variable of the environment that a definition declares under `env`.
struct DeclaredVariable {
  std::string name;
  document::Mark mark{};
};

/// What a definition declares: the list `env` at its top.
/// Errors: invalid_argument / workflow.wrong_type, workflow.bad_value.
[[nodiscard]] Result<std::vector<DeclaredVariable>> declared_variables(const document::Value& root,
                                                                       std::string_view file);

/// Replaces `${NAME}` in the texts of a definition by its value, and `$${` by `${`. A value stays a text, and is not
/// looked into again. Names of maps, ids, types, dependencies, code, schemas and the list of variables itself are left
/// alone.
///
/// Errors: all problems: invalid_argument / workflow.bad_variable (not declared, or no name), workflow.unset_variable
/// (without a value). `text`: as DefinitionOptions::text.
[[nodiscard]] Status fill_variables(document::Value& root, const std::vector<DeclaredVariable>& declared,
                                    const std::map<std::string, std::string, std::less<>>& values,
                                    std::string_view file, std::string_view text = {});

}  // namespace caisson::workflow
