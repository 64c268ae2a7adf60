#pragma once

#include "document/value.h"
#include "language/program.h"
#include "sandbox/outcome.h"
#include "sandbox/policy.h"

#include <caisson/result.h>

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// What a workflow can be written in.
enum class SourceFormat : std::uint8_t {
  kYaml,
  kJson,
  kLua,        ///< a program whose table is the workflow
  kBlueprint,  ///< JSON with `schema_version` and `nodes`
};
inline constexpr std::array<std::string_view, 4> kSourceFormats{"yaml", "json", "lua", "blueprint"};

/// One of kSourceFormats.
[[nodiscard]] std::string_view to_string(SourceFormat format) noexcept;
[[nodiscard]] std::optional<SourceFormat> source_format_from(std::string_view name) noexcept;

/// The format that a file's name tells: `.yaml`, `.yml`, `.json`, `.lua`.
[[nodiscard]] std::optional<SourceFormat> source_format_of_file(std::string_view file) noexcept;

/// What a text looks like: JSON begins with a brace, Lua with a comment of its own, `return`, `local` or
/// `workflow =`; anything else is YAML.
[[nodiscard]] SourceFormat source_format_of_text(std::string_view text) noexcept;

/// Runs a program of ours in its language's image, in a sandbox with this policy.
/// Errors: those of language::Images::bind; what the sandbox says is in the outcome.
using ProgramRunner = std::function<Result<sandbox::Outcome>(
    const language::Program& program, const language::Arguments& arguments, const sandbox::Policy& policy)>;

struct SourceOptions {
  std::optional<SourceFormat> format{};  ///< nothing: the file's name tells it, otherwise the text
  ProgramRunner run_program{};           ///< evaluates Lua; empty: a definition in Lua is refused
};

/// A workflow as a value in the one form that definition_of reads: that of a definition in YAML.
struct Source {
  document::Value root{};  ///< values of Lua have no marks, of the others those of their text
  SourceFormat format = SourceFormat::kYaml;
  std::vector<Diagnostic> warnings{};
};

/// Reads a workflow in any format, and translates what other systems call differently. Names and values in it are not
/// checked yet, but for what the translation needs.
///
/// A definition in Lua is evaluated in a sandbox without any grant, with lua_definition_policy(); only its table comes
/// out: what it returns, otherwise the global `workflow`.
///
/// Errors: what document::parse_yaml and parse_json report; of Lua workflow.lua_failed, workflow.lua_value (what has no
/// place in a definition, each with its path in the table), sandbox.* of the limits; of both forms that are translated
/// workflow.missing_key, workflow.wrong_type, workflow.bad_value, workflow.unknown_dependency, workflow.unimplemented.
[[nodiscard]] Result<Source> read_source(std::string_view text, std::string_view file,
                                         const SourceOptions& options = {});

/// The text of a definition in a format; what read_source makes of it is `root` again, maps of Lua in the order of
/// their names. Ends with a line break. Errors: invalid_argument / workflow.bad_value: a number that is not finite,
/// which only YAML can say.
[[nodiscard]] Result<std::string> print_source(const document::Value& root, SourceFormat format);

/// What evaluating a definition in Lua may use.
[[nodiscard]] const sandbox::Policy& lua_definition_policy();

}  // namespace caisson::workflow
