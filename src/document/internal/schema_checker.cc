// A value against a schema that schema_reader.cc found good: its shapes are taken for granted here, and nothing is of
// the value. Every visit is counted, so that whatever both are, it ends.

#include "document/internal/schema_checker.h"

#include "base/unicode.h"
#include "document/internal/schema_path.h"
#include "document/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <cfloat>
#include <chrono>
#include <cmath>
#include <optional>
#include <utility>

namespace caisson::document::internal {

namespace {

/// Of checks in each other: what the stack of any thread holds. Values of 256 levels and plain schemas stay below.
constexpr std::size_t kMostNested = 512;
constexpr std::size_t kMostTold = 3;       // of the forms of an anyOf
constexpr std::size_t kLongestForm = 120;  // in such a message: they would double with every anyOf in another
constexpr std::size_t kBytesPerStep = 16;
constexpr std::size_t kProblemSteps = 10;
/// Of one look at a pattern: it costs more than other steps, and ICU counts its own by the ten thousand only.
constexpr std::size_t kPatternSteps = 20;
constexpr std::size_t kMostPatternSteps = 10'000'000;
constexpr std::chrono::seconds kPatternTime{2};

long double number_of(const Value& value) {
  // Wide enough for all integers of 64 bits.
  return value.as_integer() != nullptr ? static_cast<long double>(*value.as_integer())
                                       : static_cast<long double>(*value.as_number());
}

bool is_number(const Value& value) { return value.as_integer() != nullptr || value.as_number() != nullptr; }

bool is_multiple(const Value& value, const Value& of) {
  const long double a = number_of(value);
  const long double b = number_of(of);
  if (std::fmod(a, b) == 0) {
    return true;
  }
  // 0.3 is a multiple of 0.1, though neither is what it says: a quotient may be off by what doubles are.
  const long double quotient = a / b;
  const bool fractions = value.as_number() != nullptr || of.as_number() != nullptr;
  return fractions && std::isfinite(quotient) && std::fabs(quotient) < 1e12L &&
         std::fabs(quotient - std::round(quotient)) <= std::fabs(quotient) * 4 * DBL_EPSILON;
}

/// A value in a message: short, and harmless on a terminal.
std::string shown(const Value& value) {
  if (const std::string* text = value.as_string()) {
    return base::quote(base::shorten(*text, 40));
  }
  return value.as_list() != nullptr || value.as_map() != nullptr ? std::string(type_of(value).with_article)
                                                                 : to_json(value);
}

std::string counted(std::size_t number, std::string_view what) {
  return fmt::format("{} {}{}", number, what, number == 1 ? "" : "s");
}

class Checker {
 public:
  Checker(const SchemaRules& rules, std::size_t steps) : rules_(rules), left_(steps) {}

  std::vector<SchemaProblem> run(const Value& value) && {
    check(rules_.root, value);
    if (gave_up_) {
      problems_.resize(std::min(problems_.size(), Schema::kMostProblems - 1));
      problems_.push_back(*std::move(gave_up_));
    }
    return std::move(problems_);
  }

 private:
  [[nodiscard]] bool done() const noexcept { return gave_up_ || problems_.size() >= most_; }

  void problem(std::string message) {
    if (!done() && spend(kProblemSteps)) {
      problems_.push_back({path_.print(), std::move(message)});
    }
  }

  /// Nothing that was found so far, and nothing that a `not` makes of it, counts for more than this.
  void give_up(std::string message) {
    if (!gave_up_) {
      gave_up_ = SchemaProblem{path_.print(), std::move(message)};
    }
  }

  bool spend(std::size_t steps) {
    if (!gave_up_ && steps > left_) {
      give_up("takes too many steps to be checked; make the schema simpler, or the value smaller");
    }
    left_ -= std::min(steps, left_);
    return !gave_up_;
  }

  /// The first problem of the value with another schema, if there is one.
  std::optional<SchemaProblem> probe(const Value& schema, const Value& value) {
    std::vector<SchemaProblem> outer = std::exchange(problems_, {});
    const std::size_t most = std::exchange(most_, 1);
    check(schema, value);
    most_ = most;
    outer.swap(problems_);
    return outer.empty() ? std::nullopt : std::optional(std::move(outer.front()));
  }
  bool fits(const Value& schema, const Value& value) { return !probe(schema, value); }

  void check(const Value& schema, const Value& value) {
    if (done() || !spend(1)) {
      return;
    }
    if (const bool* any = schema.as_bool()) {
      if (!*any) {
        problem("is not allowed here");
      }
      return;
    }
    if (nested_ >= kMostNested) {
      give_up("nests too deeply to be checked");
      return;
    }
    ++nested_;
    for (const Entry& entry : *schema.as_map()) {
      if (done()) {
        break;
      }
      if (const KeywordRow* row = find_keyword(entry.name)) {
        apply(row->keyword, entry.value, schema, value);
      }
    }
    --nested_;
  }

  void apply(Keyword keyword, const Value& rule, const Value& schema, const Value& value) {
    switch (keyword) {
      case Keyword::kRef:
        check(*rules_.targets.at(&rule), value);
        break;
      case Keyword::kType:
        check_type(rule, value);
        break;
      case Keyword::kEnum:
      case Keyword::kConst:
        check_choice(keyword, rule, value);
        break;
      case Keyword::kMultipleOf:
      case Keyword::kMaximum:
      case Keyword::kExclusiveMaximum:
      case Keyword::kMinimum:
      case Keyword::kExclusiveMinimum:
        if (is_number(value)) {
          check_number(keyword, rule, value);
        }
        break;
      case Keyword::kMaxLength:
      case Keyword::kMinLength:
      case Keyword::kPattern:
        if (const std::string* text = value.as_string()) {
          check_text(keyword, rule, *text);
        }
        break;
      case Keyword::kItems:
      case Keyword::kMaxItems:
      case Keyword::kMinItems:
      case Keyword::kUniqueItems:
      case Keyword::kContains:
        if (const List* list = value.as_list()) {
          check_list(keyword, rule, schema, *list);
        }
        break;
      case Keyword::kMaxProperties:
      case Keyword::kMinProperties:
      case Keyword::kRequired:
      case Keyword::kProperties:
      case Keyword::kPatternProperties:
      case Keyword::kAdditionalProperties:
      case Keyword::kDependencies:
      case Keyword::kPropertyNames:
        if (const Map* map = value.as_map()) {
          check_map(keyword, rule, schema, value, *map);
        }
        break;
      case Keyword::kIf:
        if (const Value* branch = schema.find(fits(rule, value) ? "then" : "else"); branch != nullptr) {
          check(*branch, value);
        }
        break;
      case Keyword::kAllOf:
        for (const Value& part : *rule.as_list()) {
          check(part, value);
        }
        break;
      case Keyword::kAnyOf:
        check_any_of(rule, value);
        break;
      case Keyword::kOneOf:
        check_one_of(rule, value);
        break;
      case Keyword::kNot:
        if (fits(rule, value)) {
          problem("must not fit the schema in 'not'");
        }
        break;
      case Keyword::kThen:
      case Keyword::kElse:
      case Keyword::kAdditionalItems:
      case Keyword::kDefinitions:
        break;  // with the keyword they belong to
    }
  }

  void check_type(const Value& rule, const Value& value) {
    std::string expected;
    const auto fits_type = [&](const Value& name) {
      const TypeRow& row = *find_type(*name.as_string());
      expected += (expected.empty() ? "" : " or ") + std::string(row.with_article);
      return is_of_type(value, row.name);
    };
    const List* list = rule.as_list();
    if (list != nullptr ? std::ranges::any_of(*list, fits_type) : fits_type(rule)) {
      return;
    }
    const bool whole_matters = is_number(value);
    problem(fmt::format("must be {}, got {}", expected, whole_matters ? shown(value) : type_of(value).with_article));
  }

  void check_choice(Keyword keyword, const Value& rule, const Value& value) {
    const std::string form = canonical(value);
    if (!spend(form.size() / kBytesPerStep)) {
      return;
    }
    if (keyword == Keyword::kConst) {
      const std::string wanted = canonical(rule);
      if (spend(wanted.size() / kBytesPerStep) && form != wanted) {
        problem(fmt::format("must be {}, got {}", choice(rule), shown(value)));
      }
      return;
    }
    if (!rules_.choices.at(&rule).contains(form)) {
      std::string wanted;
      for (const Value& item : *rule.as_list()) {
        if (wanted.size() > 80) {
          wanted += ", …";
          break;
        }
        wanted += (wanted.empty() ? "" : ", ") + choice(item);
      }
      problem(fmt::format("must be one of {}; got {}", wanted.empty() ? "nothing" : wanted, shown(value)));
    }
  }
  static std::string choice(const Value& value) { return base::printable(base::shorten(to_json(value), 40)); }

  void check_number(Keyword keyword, const Value& rule, const Value& value) {
    const auto require = [&](bool holds, std::string_view what) {
      if (!holds) {
        problem(fmt::format("must be {} {}, got {}", what, to_json(rule), shown(value)));
      }
    };
    const long double number = number_of(value);
    const long double bound = number_of(rule);
    if (keyword == Keyword::kMaximum) {
      require(number <= bound, "at most");
    } else if (keyword == Keyword::kExclusiveMaximum) {
      require(number < bound, "less than");
    } else if (keyword == Keyword::kMinimum) {
      require(number >= bound, "at least");
    } else if (keyword == Keyword::kExclusiveMinimum) {
      require(number > bound, "greater than");
    } else {
      require(is_multiple(value, rule), "a multiple of");
    }
  }

  void check_text(Keyword keyword, const Value& rule, const std::string& text) {
    if (keyword == Keyword::kPattern) {
      if (const auto found = search(*rule.as_string(), text); found && !*found) {
        problem(fmt::format("must match the pattern {}, got {}", base::quote(base::shorten(*rule.as_string(), 80)),
                            base::quote(base::shorten(text, 40))));
      }
    } else if (spend(text.size() / kBytesPerStep)) {
      check_count(keyword, rule, base::count_code_points(text), "character");
    }
  }

  /// Whether the pattern is in the text; nothing when that could not be found out.
  std::optional<bool> search(const std::string& pattern, std::string_view text) {
    if (!spend(kPatternSteps + text.size() / kBytesPerStep)) {
      return std::nullopt;
    }
    const Result<base::Regex>& regex = rules_.patterns.at(pattern).regex();
    if (!regex) {
      give_up(regex.error().message);
      return std::nullopt;
    }
    const auto found = regex->search(
        text, {.steps = std::min(left_, kMostPatternSteps), .steps_per_byte = 0, .cpu_time = kPatternTime});
    if (!found) {
      give_up(fmt::format("could not be matched with {} in time: {}", base::quote(base::shorten(pattern, 80)),
                          found.error().message));
      return std::nullopt;
    }
    return spend(found->steps) ? std::optional(found->found) : std::nullopt;
  }

  void check_count(Keyword keyword, const Value& rule, std::size_t count, std::string_view what) {
    const bool is_most =
        keyword == Keyword::kMaxLength || keyword == Keyword::kMaxItems || keyword == Keyword::kMaxProperties;
    const auto bound = static_cast<std::size_t>(number_of(rule));
    if (is_most ? count > bound : count < bound) {
      problem(fmt::format("must have at {} {}, has {}", is_most ? "most" : "least", counted(bound, what), count));
    }
  }

  void check_list(Keyword keyword, const Value& rule, const Value& schema, const List& list) {
    if (keyword == Keyword::kMaxItems || keyword == Keyword::kMinItems) {
      check_count(keyword, rule, list.size(), "item");
    } else if (keyword == Keyword::kUniqueItems) {
      if (*rule.as_bool()) {
        check_unique(list);
      }
    } else if (keyword == Keyword::kContains) {
      if (std::ranges::none_of(list, [&](const Value& item) { return !gave_up_ && fits(rule, item); })) {
        problem("must contain an item that fits the schema in 'contains'");
      }
    } else {
      const List* each = rule.as_list();
      const Value* rest = each != nullptr ? schema.find("additionalItems") : &rule;
      for (std::size_t i = 0; i < list.size() && !done(); ++i) {
        const Value* item_schema = each != nullptr && i < each->size() ? &(*each)[i] : rest;
        if (item_schema == nullptr) {
          break;
        }
        const SchemaPath::Step step(path_, i);
        check(*item_schema, list[i]);
      }
    }
  }

  void check_unique(const List& list) {
    std::vector<std::pair<std::string, std::size_t>> forms;
    forms.reserve(list.size());
    for (std::size_t i = 0; i < list.size(); ++i) {
      forms.emplace_back(canonical(list[i]), i);
      if (!spend(1 + forms.back().first.size() / kBytesPerStep)) {
        return;
      }
    }
    std::ranges::sort(forms);
    using Form = std::pair<std::string, std::size_t>;
    const auto twice = std::ranges::adjacent_find(forms, {}, &Form::first);
    if (twice != forms.end()) {
      problem(fmt::format("must have no item twice; items {} and {} are equal", twice->second, (twice + 1)->second));
    }
  }

  void check_map(Keyword keyword, const Value& rule, const Value& schema, const Value& value, const Map& map) {
    if (keyword == Keyword::kMaxProperties || keyword == Keyword::kMinProperties) {
      check_count(keyword, rule, map.size(), "member");
    } else if (keyword == Keyword::kRequired) {
      require_names(rule, value, map, {});
    } else if (keyword == Keyword::kDependencies) {
      check_dependencies(rule, value, map);
    } else if (keyword == Keyword::kPropertyNames) {
      for (const Entry& entry : map) {
        if (const auto wrong = probe(rule, Value(entry.name))) {
          const SchemaPath::Step step(path_, entry.name);
          problem(fmt::format("has a name that does not fit: it {}", wrong->message));
        }
        if (done()) {
          break;
        }
      }
    } else if (is_first_of_members(keyword, schema)) {
      check_members(schema, map);
    }
  }

  /// `properties`, `patternProperties` and `additionalProperties` are checked together, with the first of them.
  static bool is_first_of_members(Keyword keyword, const Value& schema) {
    return keyword == Keyword::kProperties ||
           (schema.find("properties") == nullptr &&
            (keyword == Keyword::kPatternProperties || schema.find("patternProperties") == nullptr));
  }

  void check_members(const Value& schema, const Map& map) {
    const Value* properties = schema.find("properties");
    const auto named = properties == nullptr ? rules_.properties.end() : rules_.properties.find(properties);
    const Value* patterns = schema.find("patternProperties");
    const Value* rest = schema.find("additionalProperties");
    for (const Entry& entry : map) {
      if (done() || !spend(1)) {
        return;
      }
      const SchemaPath::Step step(path_, entry.name);
      bool known = false;
      if (named != rules_.properties.end()) {
        if (const auto own = named->second.find(entry.name); own != named->second.end()) {
          known = true;
          check(*own->second, entry.value);
        }
      }
      if (patterns != nullptr) {
        for (const Entry& pattern : *patterns->as_map()) {
          const auto found = search(pattern.name, entry.name);
          if (!found) {
            return;
          }
          if (*found) {
            known = true;
            check(pattern.value, entry.value);
          }
        }
      }
      if (!known && rest != nullptr) {
        check(*rest, entry.value);
      }
    }
  }

  /// `because`: the member that asks for them, if one does.
  void require_names(const Value& names, const Value& value, const Map& map, std::string_view because) {
    for (const Value& name : *names.as_list()) {
      if (done() || !spend(1 + map.size() / kBytesPerStep)) {
        return;
      }
      if (value.find(*name.as_string()) == nullptr) {
        problem(fmt::format("must have the member {}{}", base::quote(base::shorten(*name.as_string(), 64)),
                            because.empty() ? "" : fmt::format(", because it has {}", because)));
      }
    }
  }

  void check_dependencies(const Value& rule, const Value& value, const Map& map) {
    for (const Entry& entry : *rule.as_map()) {
      if (done() || !spend(1 + map.size() / kBytesPerStep)) {
        return;
      }
      if (value.find(entry.name) == nullptr) {
        continue;
      }
      if (entry.value.as_list() != nullptr) {
        require_names(entry.value, value, map, base::quote(base::shorten(entry.name, 64)));
      } else {
        check(entry.value, value);
      }
    }
  }

  void check_any_of(const Value& rule, const Value& value) {
    std::string why;
    std::size_t told = 0;
    for (const Value& form : *rule.as_list()) {
      const auto wrong = probe(form, value);
      if (!wrong || gave_up_) {
        return;
      }
      if (told++ < kMostTold) {
        why += (why.empty() ? "" : "; ") + base::shorten(to_string(*wrong), kLongestForm);
      }
    }
    problem(fmt::format("fits none of the {} schemas in 'anyOf': {}{}", told, why, told > kMostTold ? "; …" : ""));
  }

  void check_one_of(const Value& rule, const Value& value) {
    std::size_t fitting = 0;
    std::string why;
    std::size_t told = 0;
    for (const Value& form : *rule.as_list()) {
      const auto wrong = probe(form, value);
      fitting += wrong ? 0U : 1U;
      if (gave_up_) {
        return;
      }
      if (wrong && told++ < kMostTold) {
        why += (why.empty() ? "" : "; ") + base::shorten(to_string(*wrong), kLongestForm);
      }
    }
    if (fitting == 0) {
      problem(fmt::format("fits none of the {} schemas in 'oneOf': {}{}", told, why, told > kMostTold ? "; …" : ""));
    } else if (fitting > 1) {
      problem(fmt::format("must fit exactly one schema in 'oneOf', and fits {}", fitting));
    }
  }

  const SchemaRules& rules_;
  SchemaPath path_;
  std::vector<SchemaProblem> problems_;
  std::size_t most_ = Schema::kMostProblems;
  std::size_t left_;
  std::size_t nested_ = 0;
  std::optional<SchemaProblem> gave_up_;
};

}  // namespace

std::vector<SchemaProblem> check_schema(const SchemaRules& rules, const Value& value, std::size_t steps) {
  return Checker(rules, steps).run(value);
}

}  // namespace caisson::document::internal
