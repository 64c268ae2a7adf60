#include "workflow/template.h"

#include "base/unicode.h"
#include "document/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kMostSteps = 32;
constexpr std::size_t kShownNames = 8;

std::string shown(std::string_view text) { return base::printable(base::shorten(text, 64)); }

bool is_name_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

Error bad(std::string message) { return {Category::kInvalidArgument, "workflow.bad_template", std::move(message)}; }

/// The name that `text` begins with, which is taken off.
std::string_view take_name(std::string_view& text) {
  const auto* const end = std::ranges::find_if_not(text, is_name_character);
  const std::string_view name(text.begin(), end);
  text.remove_prefix(name.size());
  return name;
}

/// The rest of a path: `.name` or `[0]`, again and again.
Result<ValuePath> take_steps(std::string_view text) {
  ValuePath out;
  while (!text.empty()) {
    if (out.size() == kMostSteps) {
      return bad(fmt::format("a path has more than {} parts", kMostSteps));
    }
    const char sign = text.front();
    text.remove_prefix(1);
    if (sign == '.') {
      const std::string_view name = take_name(text);
      if (name.empty()) {
        return bad("a name of letters, digits, `_` and `-` is missing behind a dot");
      }
      out.emplace_back(std::string(name));
      continue;
    }
    const std::size_t close = text.find(']');
    const std::string_view digits = text.substr(0, close == std::string_view::npos ? 0 : close);
    std::size_t index = 0;
    const auto [stopped, error] = std::from_chars(digits.begin(), digits.end(), index);
    if (sign != '[' || close == std::string_view::npos || error != std::errc{} || stopped != digits.end()) {
      return bad(sign == '[' ? "a place in a list is a whole number in brackets: [0]"
                             : fmt::format("'{}' is not allowed; write node.field or node.list[0]",
                                           shown(std::string_view(&sign, 1))));
    }
    out.emplace_back(index);
    text.remove_prefix(close + 1);
  }
  return out;
}

Result<Template::Reference> parse_reference(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(kBlanks), text.size());
  text.remove_prefix(begin);
  text = text.substr(0, text.find_last_not_of(kBlanks) + 1);
  const std::string_view node = take_name(text);
  if (node.empty()) {
    return bad("the id of a node is missing; write {{node.field}}");
  }
  CAISSON_TRY(ValuePath path, take_steps(text));
  return Template::Reference{std::string(node), std::move(path)};
}

std::string names_of(const Value& value) {
  std::string out;
  std::size_t count = 0;
  for (const document::Entry& entry : *value.as_map()) {
    if (++count > kShownNames) {
      return out + ", ...";
    }
    out += fmt::format("{}'{}'", count > 1 ? ", " : "", shown(entry.name));
  }
  return out;
}

}  // namespace

Result<ValuePath> parse_value_path(std::string_view text) {
  const std::string_view name = take_name(text);
  if (name.empty()) {
    return bad("a path begins with a name: user.names[0]");
  }
  CAISSON_TRY(ValuePath out, take_steps(text));
  out.insert(out.begin(), std::string(name));
  return out;
}

Result<const Value*> follow(const Value& value, const ValuePath& path, std::string_view what) {
  const Value* at = &value;
  std::string way(what);
  const auto missing = [&](std::string why) {
    return Error{Category::kInvalidArgument, "workflow.template_missing", std::move(why)};
  };
  for (const auto& step : path) {
    if (const auto* name = std::get_if<std::string>(&step)) {
      if (at->as_map() == nullptr) {
        return missing(fmt::format("{} is {}; it has no '{}'", way, to_string(at->kind()), shown(*name)));
      }
      const Value* next = at->find(*name);
      if (next == nullptr) {
        return missing(at->as_map()->empty()
                           ? fmt::format("{} has no '{}'; it is empty", way, shown(*name))
                           : fmt::format("{} has no '{}'; it has {}", way, shown(*name), names_of(*at)));
      }
      at = next;
      way += fmt::format(".{}", shown(*name));
      continue;
    }
    const std::size_t index = std::get<std::size_t>(step);
    if (at->as_list() == nullptr) {
      return missing(fmt::format("{} is {}, not a list; there is no [{}]", way, to_string(at->kind()), index));
    }
    if (index >= at->as_list()->size()) {
      return missing(fmt::format("{} has {} items; there is no [{}]", way, at->as_list()->size(), index));
    }
    at = &(*at->as_list())[index];
    way += fmt::format("[{}]", index);
  }
  return at;
}

Result<Template> Template::parse(std::string_view text) {
  const auto fail_at = [](std::size_t offset, Error error) {
    error.diagnostics = {{Severity::kError, error.reason, error.message, {{}, 0, static_cast<int>(offset) + 1}}};
    return error;
  };
  Template out;
  std::size_t references = 0;
  std::size_t at = 0;
  while (true) {
    const std::size_t open = text.find("{{", at);
    const std::string_view between = text.substr(at, open == std::string_view::npos ? open : open - at);
    if (const std::size_t stray = between.find("}}"); stray != std::string_view::npos) {
      return fail_at(at + stray, bad("'}}' without '{{' before it"));
    }
    if (!between.empty()) {
      out.parts_.emplace_back(std::string(between));
    }
    if (open == std::string_view::npos) {
      return out;
    }
    const std::size_t close = text.find("}}", open + 2);
    if (close == std::string_view::npos) {
      return fail_at(open, bad("'{{' is not closed with '}}'"));
    }
    if (++references > kMostReferences) {
      return fail_at(open, bad(fmt::format("a text has more than {} references", kMostReferences)));
    }
    const std::string_view inside = text.substr(open + 2, close - open - 2);
    if (inside.find('{') != std::string_view::npos) {
      return fail_at(open, bad("braces inside of braces: references are not nested"));
    }
    Result<Reference> reference = parse_reference(inside);
    if (!reference) {
      return fail_at(open, std::move(reference).error().with_context(fmt::format("'{{{{{}}}}}'", shown(inside))));
    }
    reference->offset = open;
    out.parts_.emplace_back(*std::move(reference));
    at = close + 2;
  }
}

std::vector<Template::Reference> Template::references() const {
  std::vector<Reference> out;
  for (const auto& part : parts_) {
    if (const auto* reference = std::get_if<Reference>(&part)) {
      out.push_back(*reference);
    }
  }
  return out;
}

bool Template::is_text() const noexcept {
  return std::ranges::none_of(parts_, [](const auto& part) { return std::holds_alternative<Reference>(part); });
}

Result<Value> Template::fill(const Outputs& output_of, std::size_t most) const {
  std::string text;
  for (const auto& part : parts_) {
    if (const auto* own = std::get_if<std::string>(&part)) {
      text += *own;
    } else {
      const Reference& reference = std::get<Reference>(part);
      CAISSON_TRY(const Value* output, output_of(reference.node));
      CAISSON_TRY(const Value* value,
                  follow(*output, reference.path, fmt::format("the output of node '{}'", shown(reference.node))));
      if (parts_.size() == 1) {
        return *value;
      }
      text += value->as_string() != nullptr ? *value->as_string() : document::to_json(*value);
    }
    if (text.size() > most) {
      return Error{Category::kResourceExhausted, "workflow.template_too_large",
                   fmt::format("a text with what it refers to has more than {} bytes", most)};
    }
  }
  return Value(std::move(text));
}

}  // namespace caisson::workflow
