#include "workflow/source.h"

#include "document/parse.h"
#include "workflow/internal/blueprint.h"
#include "workflow/internal/lua_steps.h"
#include "workflow/internal/lua_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

bool is_blueprint(const Value& root) {
  return root.find("nodes") != nullptr && root.find("schema_version") != nullptr && root.find("processors") == nullptr;
}

/// Of a file that was taken for a definition by mistake; empty: it may be one.
std::string_view what_else_it_is(std::string_view text) {
  using namespace std::string_view_literals;
  return text.starts_with("\0asm"sv)
             ? "a WebAssembly module, not a workflow; a node runs it: `type: wasm`, `module: FILE`"
         : text.starts_with(
               "\x7F"
               "ELF")
             ? "a program, not a workflow"
         : text.starts_with("PK\x03\x04") || text.starts_with("\x1F\x8B")
             ? "an archive, not a workflow: unpack it first"
             : "";
}

/// One at the beginning of the text.
Error problem(std::string_view reason, std::string message, std::string_view file) {
  Error out{Category::kInvalidArgument, std::string(reason), std::move(message)};
  out.diagnostics = {{Severity::kError, out.reason, out.message, {std::string(file), 1, 1}}};
  return out;
}

Result<Source> read_table(std::string_view text, std::string_view file, const SourceOptions& options) {
  CAISSON_TRY(Value table, lua_table(text, file, options.run_program));
  CAISSON_TRY(Value root, from_lua_table(std::move(table), file));
  return Source{std::move(root), SourceFormat::kLua, {}};
}

}  // namespace

std::string_view to_string(SourceFormat format) noexcept { return kSourceFormats[static_cast<std::size_t>(format)]; }

std::optional<SourceFormat> source_format_from(std::string_view name) noexcept {
  const auto* const found = std::ranges::find(kSourceFormats, name);
  return found == kSourceFormats.end() ? std::nullopt
                                       : std::optional(static_cast<SourceFormat>(found - kSourceFormats.begin()));
}

std::optional<SourceFormat> source_format_of_file(std::string_view file) noexcept {
  if (file.ends_with(".yaml") || file.ends_with(".yml")) {
    return SourceFormat::kYaml;
  }
  if (file.ends_with(".json")) {
    return SourceFormat::kJson;
  }
  return file.ends_with(".lua") ? std::optional(SourceFormat::kLua) : std::nullopt;
}

SourceFormat source_format_of_text(std::string_view text) noexcept {
  constexpr std::string_view kBlanks = " \t\r\n";
  text.remove_prefix(text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  if (text.starts_with('{')) {
    return SourceFormat::kJson;
  }
  if (text.starts_with("---") && (text.size() == 3 || kBlanks.find(text[3]) != std::string_view::npos)) {
    return SourceFormat::kYaml;  // the beginning of a document
  }
  const auto follows = [&](std::string_view word, char sign) {
    return text.starts_with(word) &&
           text.substr(std::min(text.find_first_not_of(kBlanks, word.size()), text.size())).starts_with(sign);
  };
  const bool is_lua =
      text.starts_with("--") || text.starts_with("local ") || follows("workflow", '=') || follows("return", '{');
  return is_lua ? SourceFormat::kLua : SourceFormat::kYaml;
}

Result<Source> read_source(std::string_view text, std::string_view file, const SourceOptions& options) {
  const SourceFormat format =
      options.format ? *options.format : source_format_of_file(file).value_or(source_format_of_text(text));
  if (format == SourceFormat::kLua) {
    return read_table(text, file, options);
  }
  if (const std::string_view what = what_else_it_is(text); !what.empty()) {
    return problem("document.encoding", fmt::format("this is {}", what), file);
  }
  Result<Value> parsed =
      format == SourceFormat::kYaml ? document::parse_yaml(text, file) : document::parse_json(text, file);
  if (!parsed && parsed.error().reason == "document.empty") {
    return problem("document.empty",
                   "there is no workflow in it: a workflow begins with 'processors:' and a list of nodes; "
                   "`caisson examples` has some to begin with",
                   file);
  }
  CAISSON_TRY(Value root, std::move(parsed));
  if (format == SourceFormat::kBlueprint || is_blueprint(root)) {
    return from_blueprint(std::move(root), file);
  }
  return Source{std::move(root), format, {}};
}

}  // namespace caisson::workflow
