#include "workflow/variables.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "workflow/internal/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::size_t kMostVariables = 100;

/// Of a workflow and of a node: what is no text of a setting.
constexpr std::array<std::string_view, 3> kNotOfWorkflow{"env", "input_schema", "output_schema"};
constexpr std::array<std::string_view, 9> kNotOfNode{
    "id", "type", "backend", "depends_on", "code", "expression", "input_schema", "output_schema", "item_var"};

/// Of a node: the texts in it are templates, and a value must not become part of one.
constexpr std::string_view kTemplates = "input_mappings";

bool begins_name(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) noexcept { return begins_name(c) || (c >= '0' && c <= '9'); }

bool is_name(std::string_view text) {
  return !text.empty() && begins_name(text.front()) && std::ranges::all_of(text, continues_name);
}

bool is_node(const Value& map) {
  return map.find("id") != nullptr && (map.find("type") != nullptr || map.find("backend") != nullptr);
}

/// Whether a value has the braces of a template, or one that others beside it would complete.
bool makes_template(std::string_view value) {
  constexpr std::string_view kBraces = "{}";
  return !value.empty() && (value.find("{{") != std::string_view::npos || value.find("}}") != std::string_view::npos ||
                            kBraces.find(value.front()) != std::string_view::npos ||
                            kBraces.find(value.back()) != std::string_view::npos);
}

class Filler {
 public:
  Filler(const std::vector<DeclaredVariable>& declared, const std::map<std::string, std::string, std::less<>>& values,
         Problems& problems)
      : declared_(declared), values_(values), problems_(problems) {}

  void fill(Value& value, std::span<const std::string_view> left_alone) {
    if (const std::string* text = value.as_string()) {
      if (text->find("${") != std::string::npos) {
        replace(value);
      }
    } else if (document::List* list = value.as_list()) {
      for (Value& item : *list) {
        fill(item, {});
      }
    } else if (document::Map* map = value.as_map()) {
      const std::span<const std::string_view> none = is_node(value) ? std::span(kNotOfNode) : left_alone;
      for (document::Entry& entry : *map) {
        if (std::ranges::find(none, entry.name) == none.end()) {
          const bool outside = !in_templates_ && entry.name == kTemplates && is_node(value);
          in_templates_ = in_templates_ || outside;
          fill(entry.value, {});
          in_templates_ = in_templates_ && !outside;
        }
      }
    }
  }

 private:
  void replace(Value& value) {
    const std::string text = *value.as_string();
    std::string out;
    std::size_t at = 0;
    for (std::size_t open = text.find("${"); open != std::string::npos; open = text.find("${", at)) {
      out.append(text, at, open - at);
      if (open > at && text[open - 1] == '$') {
        out += '{';  // `$${`: one sign less
        at = open + 2;
        continue;
      }
      const std::size_t close = text.find('}', open);
      const std::string name = close == std::string::npos ? std::string() : text.substr(open + 2, close - open - 2);
      if (is_name(name)) {
        out += value_of(name, value, open);
        at = close + 1;
        continue;
      }
      if (open + 2 < text.size() && begins_name(text[open + 2])) {
        problems_.error_inside("workflow.bad_variable",
                               fmt::format("'{}' is no variable; write ${{NAME}}, or $${{ for the sign itself",
                                           base::printable(base::shorten(text.substr(open), 32))),
                               value, open);
      }
      out += "${";
      at = open + 2;
    }
    out.append(text, at);
    const document::Mark mark = value.mark();
    value = Value(std::move(out));
    value.set_mark(mark);
  }

  /// `offset`: of the variable in `text`.
  std::string value_of(const std::string& name, const Value& text, std::size_t offset) {
    if (std::ranges::find(declared_, name, &DeclaredVariable::name) == declared_.end()) {
      std::vector<std::string_view> known;
      std::ranges::transform(declared_, std::back_inserter(known), &DeclaredVariable::name);
      problems_.error_inside(
          "workflow.bad_variable",
          fmt::format("variable '{0}' is not declared{1}; add it at the top: env: [{0}]; $${{ stands for the "
                      "sign itself",
                      base::shorten(name, 64), base::did_you_mean(name, known)),
          text, offset);
      return {};
    }
    const auto found = values_.find(name);
    if (found == values_.end()) {
      problems_.error_inside("workflow.unset_variable",
                             fmt::format("variable '{}' is not set in the environment", base::shorten(name, 64)), text,
                             offset);
      return {};
    }
    if (!base::is_utf8(found->second)) {
      problems_.error_inside("workflow.bad_variable",
                             fmt::format("the value of variable '{}' is not UTF-8", base::shorten(name, 64)), text,
                             offset);
      return {};
    }
    if (in_templates_ && makes_template(found->second)) {
      problems_.error_inside("workflow.bad_variable",
                             fmt::format("the value of variable '{}' has braces, which a template would read: two "
                                         "together, or one at its beginning or end",
                                         base::shorten(name, 64)),
                             text, offset);
      return {};
    }
    return found->second;
  }

  const std::vector<DeclaredVariable>& declared_;
  const std::map<std::string, std::string, std::less<>>& values_;
  Problems& problems_;
  bool in_templates_ = false;
};

}  // namespace

Result<std::vector<DeclaredVariable>> declared_variables(const Value& root, std::string_view file) {
  std::vector<DeclaredVariable> out;
  const Value* list = root.find("env");
  if (list == nullptr || list->is_null()) {
    return out;
  }
  Problems problems(file);
  if (list->as_list() == nullptr || list->as_list()->size() > kMostVariables) {
    problems.error("workflow.wrong_type",
                   fmt::format("env must be a list of at most {} names of variables", kMostVariables), list->mark());
    return problems.to_error();
  }
  for (const Value& item : *list->as_list()) {
    const std::string* name = item.as_string();
    if (name == nullptr || !is_name(*name)) {
      problems.error(
          "workflow.bad_value",
          fmt::format("env must have names of variables of letters, digits and '_', got {}",
                      name == nullptr ? std::string(to_string(item.kind())) : base::quote(base::shorten(*name, 64))),
          item.mark());
    } else if (std::ranges::find(out, *name, &DeclaredVariable::name) == out.end()) {
      out.push_back({*name, item.mark()});
    }
  }
  return problems.has_errors() ? Result<std::vector<DeclaredVariable>>(problems.to_error())
                               : Result<std::vector<DeclaredVariable>>(std::move(out));
}

Status fill_variables(Value& root, const std::vector<DeclaredVariable>& declared,
                      const std::map<std::string, std::string, std::less<>>& values, std::string_view file,
                      std::string_view text) {
  Problems problems(file, text);
  Filler(declared, values, problems).fill(root, kNotOfWorkflow);
  return problems.has_errors() ? Status(problems.to_error()) : Status();
}

}  // namespace caisson::workflow
