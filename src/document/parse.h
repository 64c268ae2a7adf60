#pragma once

#include "document/value.h"

#include <caisson/result.h>

#include <cstddef>
#include <string_view>

namespace caisson::document {

/// Caps on a text from outside. A text over one of them is refused; none is ever cut.
struct ParseLimits {
  /// What is built from a text is walked by recursion: a larger `depth` counts as this one.
  static constexpr std::size_t kMaxDepth = 256;

  std::size_t bytes = 1 << 20;
  std::size_t depth = 64;                ///< of lists and maps in each other
  std::size_t values = 100'000;          ///< scalars, lists and maps together
  std::size_t scalar_bytes = 256 << 10;  ///< of one string, name or number
  /// YAML only: of text that is held as a whole, at some 250 bytes of memory for each of its own, before anything can
  /// be said about it: a `[...]` or `{...}`, which may turn out to be a name. `scalar_bytes` if that is more.
  std::size_t flow_bytes = 256 << 10;
};

/// One YAML 1.2 document (core schema) as a Value with marks.
///
/// Refused, because a definition has no use for them and a parser suffers from them: aliases, anchors, tags, merge keys
/// (`<<`), more than one document, duplicate names in a map, names that are not scalars, invalid UTF-8, other
/// encodings, control characters, carriage returns outside a line break.
///
/// `yes`, `no`, `on`, `off` are strings;
/// `true`/`false` and `null`/`~`/nothing are what they look like; so are integers (also 0x, 0o) and numbers (also .inf,
/// .nan). A name is its text: `1:`, `true:` and `null:` are the names "1", "true" and "null". A byte order mark at the
/// start is skipped.
///
/// Errors: invalid_argument / document.invalid (document.too_large when over a cap), with one diagnostic per problem,
/// in the order of the text, at most 100 and one that says there are more. A problem of encoding, of syntax or of size
/// ends the parse: what lies behind it is not looked at. `file` is only used in the diagnostics' locations. A text
/// without a value is an error: document.empty. README.md lists the diagnostics' reasons. Source:
/// https://yaml.org/spec/1.2.2/
[[nodiscard]] Result<Value> parse_yaml(std::string_view text, std::string_view file, const ParseLimits& limits = {});

/// One JSON text (RFC 8259) as a Value with marks. Duplicate names, invalid UTF-8 and trailing bytes are errors, and so
/// is a number too large for a double. A byte order mark at the start is skipped.
///
/// Errors: as parse_yaml.
[[nodiscard]] Result<Value> parse_json(std::string_view text, std::string_view file, const ParseLimits& limits = {});

/// Whether `text` is one well-formed JSON value in UTF-8, however large or deep; nothing is built.
[[nodiscard]] bool is_json(std::string_view text) noexcept;

/// One TOML 1.0 text as a Value with marks; names in the order in which they first appear. A date or a time is refused:
/// nothing here has a use for one. A text without anything in it is an empty map.
///
/// Errors: as parse_yaml; the first problem of syntax ends the parse, and a name that is there twice is one.
/// Source: https://toml.io/en/v1.0.0
[[nodiscard]] Result<Value> parse_toml(std::string_view text, std::string_view file, const ParseLimits& limits = {});

}  // namespace caisson::document
