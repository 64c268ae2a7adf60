#pragma once

#include "runtime/configuration.h"
#include "runtime/machinery.h"
#include "workflow/definition.h"
#include "workflow/source.h"

#include <caisson/result.h>

#include <optional>
#include <string>

namespace caisson::runtime {

/// A text that is a definition.
struct DefinitionText {
  std::string text;
  std::string file;                     ///< its name, for messages
  std::optional<std::string> folder{};  ///< where it is; nothing when it is no file
  std::optional<std::string> format{};  ///< one of workflow::kSourceFormats; nothing: found out
};

/// Reads a text in any format, up to the one form. A definition in Lua is evaluated in a sandbox without any grant.
/// Errors: those of workflow::read_source; invalid_argument / workflow.bad_value: there is no such format;
/// permission_denied / policy.refused: sandboxes are disabled.
[[nodiscard]] Result<workflow::Source> read_source(const DefinitionText& text, const Configurations& configurations,
                                                   Machinery& machinery);

/// Reads and checks a definition. `configurations`: with its project's.
/// Errors: those of read_source and workflow::definition_of.
[[nodiscard]] Result<workflow::Definition> read_definition(const DefinitionText& text,
                                                           const Configurations& configurations, Machinery& machinery,
                                                           const workflow::DefinitionOptions& options = {});

}  // namespace caisson::runtime
