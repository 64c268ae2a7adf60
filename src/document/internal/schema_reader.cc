// Whether a schema is one, and what is made of it before anything is checked.

#include "base/unicode.h"
#include "document/internal/problems.h"
#include "document/internal/schema_path.h"
#include "document/internal/schema_rules.h"
#include "document/print.h"
#include "document/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <unordered_set>
#include <utility>
#include <vector>

namespace caisson::document::internal {

namespace {

constexpr std::string_view kReason = "document.bad_schema";

/// Keywords of other drafts that would not be checked.
constexpr std::array<std::string_view, 18> kOtherKeywords = {
    "$anchor",          "$dynamicAnchor",        "$dynamicRef",      "$recursiveAnchor", "$recursiveRef",
    "$vocabulary",      "dependentRequired",     "dependentSchemas", "disallow",         "divisibleBy",
    "extends",          "maxContains",           "minContains",      "prefixItems",      "propertyDependencies",
    "unevaluatedItems", "unevaluatedProperties", "contentSchema"};

/// What `$schema` may say: drafts of which everything that is accepted means the same as in draft 7.
constexpr std::array<std::string_view, 4> kDrafts = {
    "json-schema.org/draft-06/schema", "json-schema.org/draft-07/schema", "json-schema.org/draft/2019-09/schema",
    "json-schema.org/draft/2020-12/schema"};

std::string shown(std::string_view text) { return base::quote(base::shorten(text, 64)); }

bool is_known_draft(std::string_view uri) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (uri.starts_with(scheme)) {
      uri.remove_prefix(scheme.size());
      break;
    }
  }
  if (uri.ends_with('#')) {
    uri.remove_suffix(1);
  }
  return std::ranges::find(kDrafts, uri) != kDrafts.end();
}

int hex(char c) noexcept {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

/// The text with `%41` as `A`.
std::string without_percent(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '%' && at + 2 < text.size() && hex(text[at + 1]) >= 0 && hex(text[at + 2]) >= 0) {
      out += static_cast<char>(hex(text[at + 1]) * 16 + hex(text[at + 2]));
      at += 2;
    } else {
      out += text[at];
    }
  }
  return out;
}

/// A name in a JSON pointer as it is.
std::string without_tilde(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escaped = text[at] == '~' && at + 1 < text.size() && (text[at + 1] == '0' || text[at + 1] == '1');
    out += escaped ? (text[++at] == '0' ? '~' : '/') : text[at];
  }
  return out;
}

const Value* item_of(const List& list, std::string_view index) {
  std::size_t number = 0;
  const auto read = std::from_chars(index.data(), index.data() + index.size(), number);
  const bool whole = read.ec == std::errc() && read.ptr == index.data() + index.size();
  return whole && number < list.size() ? &list[number] : nullptr;
}

/// What `#/a/0/b` means in a document; nothing when there is no such value.
const Value* find_fragment(const Value& root, std::string_view fragment) {
  const std::string pointer = without_percent(fragment.substr(1));
  const Value* at = &root;
  std::string_view left = pointer;
  while (at != nullptr && !left.empty()) {
    if (left.front() != '/') {
      return nullptr;  // the name of an anchor
    }
    left.remove_prefix(1);
    const std::size_t end = std::min(left.find('/'), left.size());
    const std::string name = without_tilde(left.substr(0, end));
    left.remove_prefix(end);
    at = at->as_list() != nullptr ? item_of(*at->as_list(), name) : at->find(name);
  }
  return at;
}

class Reader {
 public:
  Reader(SchemaRules& rules, std::string_view file) : rules_(rules), problems_(file) {}

  Status read() && {
    read_schema(rules_.root);
    // What a reference names may stand where no keyword leads.
    for (std::size_t i = 0; i < references_.size() && !problems_.full(); ++i) {
      const auto [schema, target, path] = references_[i];
      path_ = path;
      read_schema(*target);
      rules_.targets.emplace(schema, target);
    }
    if (problems_.empty()) {
      for (const Value* schema : schemas_) {
        links(*schema, 0);
      }
    }
    if (problems_.empty()) {
      return {};
    }
    Error error = std::move(problems_).error();
    if (error.reason == "document.invalid") {
      error.reason = kReason;
    }
    return error;
  }

 private:
  struct Reference {
    const Value* from;  ///< the value of `$ref`
    const Value* target;
    SchemaPath path;
  };

  void problem(const Value& where, std::string_view message) {
    const std::string at = path_.print();
    problems_.add(kReason, where.mark(), at.empty() ? std::string(message) : fmt::format("{}: {}", at, message));
  }
  void wrong(const Value& where, std::string_view expected) {
    problem(where, fmt::format("must be {}, got {}", expected, type_of(where).with_article));
  }
  void too_large(const Value& where, std::string message) {
    if (!std::exchange(too_large_, true)) {
      problems_.add("document.too_large", where.mark(), std::move(message));
    }
  }

  void read_schema(const Value& schema) {
    if (too_large_ || !seen_.insert(&schema).second) {
      return;
    }
    schemas_.push_back(&schema);
    if (seen_.size() > Schema::kMostSchemas || path_.size() > Schema::kMostDepth) {
      too_large(schema, seen_.size() > Schema::kMostSchemas
                            ? fmt::format("there are more than {} schemas in this one", Schema::kMostSchemas)
                            : fmt::format("the schema nests deeper than {} levels", Schema::kMostDepth));
      return;
    }
    const Map* map = schema.as_map();
    if (map == nullptr) {
      if (schema.as_bool() == nullptr) {
        wrong(schema, "a schema: an object, true or false");
      }
      return;
    }
    for (const Entry& entry : *map) {
      const SchemaPath::Step step(path_, entry.name);
      if (const KeywordRow* row = find_keyword(entry.name)) {
        read_keyword(*row, entry.value);
      } else {
        read_other(entry, schema);
      }
    }
    if (schema.find("if") == nullptr && (schema.find("then") != nullptr || schema.find("else") != nullptr)) {
      problem(schema, "has 'then' or 'else' without 'if', which checks nothing; add 'if', or leave them out");
    }
  }

  /// A name that is no keyword of draft 7.
  void read_other(const Entry& entry, const Value& schema) {
    if (entry.name == "$schema") {
      const std::string* uri = entry.value.as_string();
      if (uri == nullptr || !is_known_draft(*uri)) {
        problem(entry.value,
                fmt::format("{} is not supported; schemas are checked as draft 7 "
                            "(http://json-schema.org/draft-07/schema#)",
                            uri == nullptr ? std::string(type_of(entry.value).with_article) : shown(*uri)));
      }
    } else if (entry.name == "$id") {
      if (&schema != &rules_.root) {
        problem(entry.value,
                "a schema with an '$id' of its own inside another one is not supported; leave '$id' out, "
                "and refer to it as #/definitions/NAME");
      }
    } else if (std::ranges::find(kOtherKeywords, entry.name) != kOtherKeywords.end()) {
      problem(entry.value, fmt::format("'{}' is a keyword of another draft and would not be checked; schemas are "
                                       "checked as draft 7",
                                       entry.name));
    }
  }

  void read_keyword(const KeywordRow& row, const Value& value) {
    switch (row.shape) {
      case Shape::kSchema:
        read_schema(value);
        break;
      case Shape::kSchemaList:
        read_schemas(value, "a list of schemas, at least one");
        break;
      case Shape::kItems:
        value.as_list() != nullptr ? read_schemas(value, "a schema or a list of schemas") : read_schema(value);
        break;
      case Shape::kSchemaMap:
      case Shape::kPatternMap:
      case Shape::kDependencies:
        read_members(row, value);
        break;
      case Shape::kReference:
        read_reference(value);
        break;
      case Shape::kType:
        read_type(value);
        break;
      case Shape::kAnyList:
        read_choices(value);
        break;
      case Shape::kAny:
        break;
      case Shape::kNumber:
      case Shape::kPositive:
        read_number(value, row.shape == Shape::kPositive);
        break;
      case Shape::kCount:
        if (!is_of_type(value, "integer") || as_number(value) < 0 || as_number(value) > kLargestCount) {
          problem(value, fmt::format("must be a whole number that is not negative, got {}", got(value)));
        }
        break;
      case Shape::kFlag:
        if (value.as_bool() == nullptr) {
          wrong(value, "true or false");
        }
        break;
      case Shape::kNames:
        read_names(value);
        break;
      case Shape::kPattern:
        read_pattern(value.as_string(), value);
        break;
    }
  }

  static constexpr double kLargestCount = 9e15;

  static double as_number(const Value& value) {
    return value.as_integer() != nullptr ? static_cast<double>(*value.as_integer()) : *value.as_number();
  }
  static std::string got(const Value& value) {
    return value.as_list() != nullptr || value.as_map() != nullptr || value.as_string() != nullptr
               ? std::string(type_of(value).with_article)
               : to_json(value);
  }

  void read_schemas(const Value& value, std::string_view expected) {
    const List* list = value.as_list();
    if (list == nullptr || list->empty()) {
      list == nullptr ? wrong(value, expected) : problem(value, fmt::format("must be {}; it is empty", expected));
      return;
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
      const SchemaPath::Step step(path_, i);
      read_schema((*list)[i]);
    }
  }

  void read_members(const KeywordRow& row, const Value& value) {
    const Map* map = value.as_map();
    if (map == nullptr) {
      wrong(value, "an object");
      return;
    }
    for (const Entry& entry : *map) {
      const SchemaPath::Step step(path_, entry.name);
      if (row.shape == Shape::kPatternMap) {
        read_pattern(&entry.name, entry.value);
      }
      if (row.shape == Shape::kDependencies && entry.value.as_list() != nullptr) {
        read_names(entry.value);
      } else {
        read_schema(entry.value);
      }
      if (row.keyword == Keyword::kProperties) {
        rules_.properties[&value].emplace(entry.name, &entry.value);
      }
    }
  }

  void read_reference(const Value& value) {
    const std::string* text = value.as_string();
    if (text == nullptr) {
      wrong(value, "a string");
    } else if (!text->starts_with('#')) {
      problem(value, fmt::format("{} is in another document, and nothing is fetched; put the schema into "
                                 "'definitions', and refer to it as #/definitions/NAME",
                                 shown(*text)));
    } else if (const Value* target = find_fragment(rules_.root, *text)) {
      references_.push_back({&value, target, path_});
    } else {
      problem(value, fmt::format("{} leads to nothing in this schema", shown(*text)));
    }
  }

  void read_type(const Value& value) {
    const auto check = [&](const Value& name) {
      const std::string* text = name.as_string();
      if (text == nullptr || find_type(*text) == nullptr) {
        problem(name, fmt::format("there is no type {}; it must be null, boolean, integer, number, string, array or "
                                  "object",
                                  text == nullptr ? got(name) : shown(*text)));
      }
    };
    if (const List* list = value.as_list()) {
      std::ranges::for_each(*list, check);
      if (list->empty()) {
        problem(value, "must name at least one type");
      }
    } else {
      check(value);
    }
  }

  void read_choices(const Value& value) {
    const List* list = value.as_list();
    if (list == nullptr) {
      wrong(value, "a list of values");
    } else if (list->size() > Schema::kMostSchemas) {
      problem(value, fmt::format("has {} values; at most {} are allowed", list->size(), Schema::kMostSchemas));
    } else {
      auto& choices = rules_.choices[&value];
      for (const Value& item : *list) {
        choices.insert(canonical(item));
      }
    }
  }

  void read_number(const Value& value, bool positive) {
    if (!is_of_type(value, "number") || !std::isfinite(as_number(value))) {
      wrong(value, "a number");
    } else if (positive && as_number(value) <= 0) {
      problem(value, fmt::format("must be greater than 0, got {}", got(value)));
    }
  }

  void read_names(const Value& value) {
    const List* list = value.as_list();
    if (list == nullptr || !std::ranges::all_of(*list, [](const Value& v) { return v.as_string() != nullptr; })) {
      list == nullptr ? wrong(value, "a list of names")
                      : problem(value, "must be a list of names, all of them strings");
    }
  }

  void read_pattern(const std::string* text, const Value& where) {
    if (text == nullptr) {
      wrong(where, "a string");
      return;
    }
    pattern_bytes_ += text->size();
    if (pattern_bytes_ > Schema::kMostPatternBytes) {
      too_large(where, fmt::format("the patterns of the schema have more than {} bytes", Schema::kMostPatternBytes));
      return;
    }
    const auto [pattern, is_new] = rules_.patterns.try_emplace(*text, *text);
    if (is_new && !rules_.own && !pattern->second.regex()) {
      problem(where, pattern->second.regex().error().message);
    }
  }

  /// How many schemas apply to one value by way of each other, this one included. Says so when there are too many, or
  /// no end.
  std::size_t links(const Value& schema, std::size_t outer) {
    const auto [known, is_new] = links_.emplace(&schema, kOpen);
    if (!is_new && known->second != kOpen) {
      return known->second;
    }
    std::size_t most = 0;
    if (!is_new) {
      report_links(schema, "the schema refers to itself without looking at a part of the value, which never ends");
      return 0;
    }
    if (outer < Schema::kMostLinks && schema.as_map() != nullptr) {
      for (const Entry& entry : *schema.as_map()) {
        if (const KeywordRow* row = find_keyword(entry.name); row != nullptr && row->in_place) {
          each_schema(*row, entry.value, [&](const Value& child) { most = std::max(most, links(child, outer + 1)); });
        }
      }
    }
    if (outer >= Schema::kMostLinks || most >= Schema::kMostLinks) {
      report_links(schema,
                   fmt::format("more than {} schemas apply to one value by way of each other", Schema::kMostLinks));
    }
    links_[&schema] = most + 1;
    return most + 1;
  }

  void report_links(const Value& schema, std::string_view message) {
    if (problems_.empty()) {
      problems_.add(kReason, schema.mark(), std::string(message));
    }
  }

  template <typename Visit>
  void each_schema(const KeywordRow& row, const Value& value, const Visit& visit) {
    if (row.shape == Shape::kReference) {
      visit(*rules_.targets.at(&value));
    } else if (row.shape == Shape::kSchemaList) {
      std::ranges::for_each(*value.as_list(), visit);
    } else if (row.shape == Shape::kDependencies) {
      for (const Entry& entry : *value.as_map()) {
        if (entry.value.as_list() == nullptr) {
          visit(entry.value);
        }
      }
    } else {
      visit(value);
    }
  }

  static constexpr std::size_t kOpen = 0;

  SchemaRules& rules_;
  Problems problems_;
  SchemaPath path_;
  std::unordered_set<const Value*> seen_;
  std::vector<const Value*> schemas_;  // the same, in order
  std::vector<Reference> references_;
  std::size_t pattern_bytes_ = 0;
  bool too_large_ = false;
  std::unordered_map<const Value*, std::size_t> links_;
};

}  // namespace

Status read_schema(SchemaRules& rules, std::string_view file) { return Reader(rules, file).read(); }

}  // namespace caisson::document::internal
