#include "document/print.h"
#include "workflow/internal/blueprint.h"
#include "workflow/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Entry;
using document::Value;

constexpr std::array<std::string_view, 22> kLuaWords = {
    "and", "break", "do",  "else", "elseif", "end",    "false",  "for",  "function", "goto",  "if",
    "in",  "local", "nil", "not",  "or",     "repeat", "return", "then", "true",     "until", "while"};

bool is_finite(const Value& value) {
  if (const double* number = value.as_number()) {
    return std::isfinite(*number);
  }
  if (const document::List* list = value.as_list()) {
    return std::ranges::all_of(*list, is_finite);
  }
  return value.as_map() == nullptr ||
         std::ranges::all_of(*value.as_map(), [](const Entry& entry) { return is_finite(entry.value); });
}

class LuaPrinter {
 public:
  std::string print(const Value& root) && {
    out_ = "workflow = ";
    value(root, 0);
    out_ += '\n';
    return std::move(out_);
  }

 private:
  void value(const Value& value, std::size_t indent) {
    if (value.is_null()) {
      out_ += "null";
    } else if (const std::string* string = value.as_string()) {
      text(*string);
    } else if (const std::int64_t* integer = value.as_integer();
               integer != nullptr && *integer == std::numeric_limits<std::int64_t>::min()) {
      out_ += "math.mininteger";  // written out it would be a float
    } else if (const document::List* list = value.as_list()) {
      items(list->empty() ? "list {" : "{", *list, indent, [&](const Value& item) { this->value(item, indent + 2); });
    } else if (const document::Map* map = value.as_map()) {
      items("{", *map, indent, [&](const Entry& entry) {
        name(entry.name);
        out_ += " = ";
        this->value(entry.value, indent + 2);
      });
    } else {
      out_ += to_json(value);
    }
  }

  template <typename Items, typename PrintItem>
  void items(std::string_view open, const Items& all, std::size_t indent, PrintItem&& print_item) {
    out_ += open;
    for (const auto& item : all) {
      out_ += '\n';
      out_.append(indent + 2, ' ');
      print_item(item);
      out_ += ',';
    }
    if (!all.empty()) {
      out_ += '\n';
      out_.append(indent, ' ');
    }
    out_ += '}';
  }

  void name(std::string_view name) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
    const bool bare = !name.empty() && is_letter(name.front()) &&
                      std::ranges::all_of(name, [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); }) &&
                      std::ranges::find(kLuaWords, name) == kLuaWords.end();
    if (bare) {
      out_ += name;
      return;
    }
    out_ += '[';
    quoted(name);
    out_ += ']';
  }

  /// Several lines stand in long brackets, whose first line break does not count.
  void text(std::string_view text) {
    const bool readable = std::ranges::none_of(
        text, [](char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == '\x7F'; });
    if (!readable || text.find('\n') == std::string_view::npos || text.find("]]") != std::string_view::npos ||
        text.ends_with(']')) {
      quoted(text);
      return;
    }
    fmt::format_to(std::back_inserter(out_), "[[\n{}]]", text);
  }

  void quoted(std::string_view text) {
    out_ += '"';
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out_ += '\\';
        out_ += c;
      } else if (c == '\n') {
        out_ += "\\n";
      } else if (byte < 0x20 || byte == 0x7F) {
        fmt::format_to(std::back_inserter(out_), "\\{:03}", byte);
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  std::string out_;
};

}  // namespace

Result<std::string> print_source(const Value& root, SourceFormat format) {
  if (format != SourceFormat::kYaml && !is_finite(root)) {
    return Error{Category::kInvalidArgument, "workflow.bad_value",
                 fmt::format("the definition has a number that is not finite, which {} cannot say",
                             format == SourceFormat::kLua ? "a definition in Lua" : "JSON")};
  }
  switch (format) {
    case SourceFormat::kYaml:
      return document::to_yaml(root);
    case SourceFormat::kLua:
      return LuaPrinter().print(root);
    case SourceFormat::kJson:
      return document::to_json(root, document::JsonStyle::kIndented) + '\n';
    case SourceFormat::kBlueprint:
      break;
  }
  return document::to_json(to_blueprint(root), document::JsonStyle::kIndented) + '\n';
}

}  // namespace caisson::workflow
