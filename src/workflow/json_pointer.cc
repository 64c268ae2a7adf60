#include "workflow/json_pointer.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <charconv>
#include <cstddef>
#include <optional>
#include <system_error>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Kind;
using document::Value;

Error bad_pointer(std::string what) { return {Category::kInvalidArgument, "workflow.bad_option", std::move(what)}; }

/// `~1` is a slash, `~0` a tilde, and no other tilde is allowed.
Result<std::string> unescape(std::string_view token) {
  std::string out;
  for (std::size_t at = 0; at < token.size(); ++at) {
    if (token[at] != '~') {
      out += token[at];
    } else if (at + 1 < token.size() && (token[at + 1] == '0' || token[at + 1] == '1')) {
      out += token[++at] == '0' ? '~' : '/';
    } else {
      return bad_pointer(
          fmt::format("in a JSON Pointer '~' is written '~0' and '/' in a name '~1'; '{}' has another '~'",
                      base::printable(base::shorten(token, 64))));
    }
  }
  return out;
}

/// `0` or digits that do not begin with 0.
std::optional<std::size_t> to_index(std::string_view token) {
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  const bool all = error == std::errc() && end == token.data() + token.size();
  return all && (token == "0" || token.front() != '0') ? std::optional(index) : std::nullopt;
}

std::string quoted(std::string_view text) { return base::quote(base::shorten(text, 64)); }

/// One step from `at`, or why there is none.
Result<const Value*> step(const Value& at, const std::string& token) {
  const auto missing = [](std::string what) {
    return Error{Category::kNotFound, "workflow.json_path_missing", std::move(what)};
  };
  if (const document::List* list = at.as_list()) {
    const auto index = to_index(token);
    if (!index) {
      return missing(fmt::format("a list is indexed by numbers, not by {}", quoted(token)));
    }
    if (*index >= list->size()) {
      return missing(fmt::format("there is no item {} in a list of {}", *index, list->size()));
    }
    return &(*list)[*index];
  }
  if (at.kind() != Kind::kMap) {
    return missing(fmt::format("{} has no {}", document::to_string(at.kind()), quoted(token)));
  }
  if (const Value* value = at.find(token)) {
    return value;
  }
  return missing(fmt::format("there is no {} in the map", quoted(token)));
}

}  // namespace

Result<JsonPointer> JsonPointer::parse(std::string_view text) {
  JsonPointer pointer;
  if (text.starts_with('#')) {
    return bad_pointer("a JSON Pointer is written here as plain text, without '#' and percent signs: '/a/b'");
  }
  if (text.starts_with('$')) {
    return bad_pointer("this is a JSONPath; a JSON Pointer is wanted: '/a/b' instead of '$.a.b'");
  }
  if (!text.empty() && text.front() != '/') {
    return bad_pointer(fmt::format("a JSON Pointer begins with '/', or is empty for the whole document; write '/{}'",
                                   base::printable(base::shorten(text, 64))));
  }
  while (!text.empty()) {
    text.remove_prefix(1);
    const std::string_view token = text.substr(0, text.find('/'));
    text.remove_prefix(token.size());
    CAISSON_TRY(std::string name, unescape(token));
    pointer.tokens_.push_back(std::move(name));
  }
  return pointer;
}

Result<const Value*> JsonPointer::find(const Value& document) const {
  const Value* at = &document;
  for (std::size_t i = 0; i < tokens_.size(); ++i) {
    auto next = step(*at, tokens_[i]);
    if (!next) {
      return std::move(next).error().with_context(fmt::format("part {} of the pointer leads nowhere", i + 1));
    }
    at = *next;
  }
  return at;
}

}  // namespace caisson::workflow
