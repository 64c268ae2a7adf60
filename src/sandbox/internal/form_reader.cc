#include "sandbox/internal/form_reader.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "sandbox/policy_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace caisson::sandbox::internal {

using document::Value;

namespace {

std::string shown(std::string_view text) { return base::printable(base::shorten(text, 64)); }

std::string joined(const std::string& what, std::string_view name) {
  return what.empty() ? std::string(name) : fmt::format("{}.{}", what, name);
}

/// Values without the places they were written at.
template <typename T>
std::vector<T> values(const WrittenList<T>& list) {
  std::vector<T> out;
  for (const Written<T>& item : list.value_or(std::vector<Written<T>>())) {
    out.push_back(item.value);
  }
  return out;
}
template <typename T>
std::optional<T> value_of(const std::optional<Written<T>>& written) {
  return written ? std::optional(written->value) : std::nullopt;
}

}  // namespace

void FormReader::read_map(const Value& value, const std::string& what, std::initializer_list<Field> fields) {
  const document::Map* map = value.as_map();
  if (map == nullptr) {
    wrong_kind(value, what.empty() ? "this" : what, "a map");
    return;
  }
  for (const document::Entry& entry : *map) {
    const auto* const field = std::ranges::find(fields, entry.name, &Field::name);
    if (field != fields.end()) {
      if (!entry.value.is_null()) {
        field->read(entry.value, joined(what, entry.name));
      }
      continue;
    }
    std::vector<std::string_view> known;
    std::ranges::transform(fields, std::back_inserter(known), &Field::name);
    problem("policy.unknown_key", entry.name_mark,
            fmt::format("there is nothing called '{}'{}", joined(what, shown(entry.name)),
                        base::did_you_mean(entry.name, known)));
  }
}

void FormReader::read_list(const Value& value, const std::string& name, const Handler& read) {
  const document::List* list = value.as_list();
  if (list == nullptr) {
    wrong_kind(value, name, "a list");
    return;
  }
  for (const Value& item : *list) {
    read(item, name);
  }
}

FormReader::Handler FormReader::limit(std::string_view key, std::string_view unit, std::int64_t lowest,
                                      std::int64_t highest) {
  return [=, this](const Value& value, const std::string& name) {
    const auto* integer = value.as_integer();
    const auto* number = value.as_number();
    if (integer == nullptr && (number == nullptr || !std::isfinite(*number))) {
      wrong_kind(value, name, "a number");
      return;
    }
    const double amount = integer != nullptr ? static_cast<double>(*integer) : *number;
    if (amount < static_cast<double>(lowest) || amount > static_cast<double>(highest)) {
      bad(value, name,
          highest == std::numeric_limits<std::int64_t>::max()
              ? fmt::format("it must be at least {}", lowest)
              : fmt::format("it must be from {} to {}", lowest, highest));
      return;
    }
    const LimitRow& row = *find_limit(key);
    const std::string text = integer != nullptr ? std::to_string(*integer) : fmt::format("{}", *number);
    const auto parsed = parse_limit(row, text + std::string(unit));
    if (!parsed) {
      bad(value, name, parsed.error().message);
      return;
    }
    request().set(row, *parsed, at(value));
  };
}

FormReader::Handler FormReader::whole(std::int64_t lowest, std::int64_t highest,
                                      std::function<void(std::int64_t, const Value& where)> then) {
  return [=, this, then = std::move(then)](const Value& value, const std::string& name) {
    const auto* number = value.as_integer();
    if (number == nullptr) {
      wrong_kind(value, name, "a whole number");
    } else if (*number < lowest || *number > highest) {
      bad(value, name, fmt::format("it must be from {} to {}, got {}", lowest, highest, *number));
    } else if (then) {
      then(*number, value);
    }
  };
}

FormReader::Handler FormReader::pages(std::string_view key, std::int64_t lowest, std::int64_t highest) {
  return [=, this](const Value& value, const std::string& name) {
    const auto read = [&](std::int64_t count, const Value& where) {
      const LimitRow& row = *find_limit(key);
      const auto parsed = parse_limit(row, std::to_string(count * (64 << 10)));
      if (parsed) {
        request().set(row, *parsed, at(where));
      } else {
        bad(where, name, parsed.error().message);
      }
    };
    whole(lowest, highest, read)(value, name);
  };
}

FormReader::Handler FormReader::amount(std::string_view key) {
  return [this, key](const Value& value, const std::string& name) {
    std::vector<Diagnostic> found;
    PolicyRequest more;
    RequestReader reader(file_, "", found, more);
    reader.set_origin(at(value));
    reader.read_limits(Value::map({{std::string(key), value}}));
    for (const Diagnostic& d : found) {
      problem(d.reason, value.mark(), fmt::format("{}: {}", name, d.message));
    }
    add_to(request(), std::move(more));
  };
}

FormReader::Handler FormReader::truth(std::function<void(bool value, const Value& where)> then) {
  return [this, then = std::move(then)](const Value& value, const std::string& name) {
    const bool* truth = value.as_bool();
    truth == nullptr ? wrong_kind(value, name, "true or false") : then(*truth, value);
  };
}

FormReader::Handler FormReader::text(std::function<void(const std::string& text, const Value& where)> then) {
  return [this, then = std::move(then)](const Value& value, const std::string& name) {
    const std::string* text = value.as_string();
    text == nullptr ? wrong_kind(value, name, "a text") : then(*text, value);
  };
}

FormReader::Handler FormReader::no_effect(std::string_view why) {
  return [this, why](const Value& value, const std::string& name) { warn(value, name, why); };
}

FormReader::Handler FormReader::own_limits() {
  return [this](const Value& map, const std::string& name) {
    RequestReader(file_, name, problems_, request()).read_limits(map);
  };
}

FormReader::Handler FormReader::own_grants() {
  return [this](const Value& map, const std::string& name) {
    RequestReader(file_, name, problems_, request()).read_grants(map);
  };
}

void FormReader::grants(const Value& map, const Value& where) {
  std::vector<Diagnostic> found;
  PolicyRequest more;
  RequestReader reader(file_, "", found, more);
  reader.set_origin(at(where));
  reader.read_grants(map);
  for (Diagnostic& d : found) {
    problem(d.reason, where.mark(), std::move(d.message));
  }
  add_to(request(), std::move(more));
}

Origin FormReader::at(const Value& value) const {
  return {Origin::Kind::kFile, file_, value.mark().line, value.mark().column};
}

void FormReader::bad(const Value& value, std::string_view name, std::string_view why) {
  problem("policy.bad_value", value.mark(), fmt::format("{}: {}", name, why));
}

void FormReader::wrong_kind(const Value& value, std::string_view name, std::string_view expected) {
  problem("policy.wrong_type", value.mark(),
          fmt::format("{} must be {}, got {}", name, expected, to_string(value.kind())));
}

void FormReader::warn(const Value& value, std::string_view name, std::string_view why) {
  out_.warnings.push_back({Severity::kWarning, "policy.no_effect", fmt::format("{} has no effect: {}", name, why),
                           Location{file_, value.mark().line, value.mark().column}});
}

void FormReader::problem(std::string_view reason, document::Mark mark, std::string message) {
  problems_.push_back(
      {Severity::kError, std::string(reason), std::move(message), Location{file_, mark.line, mark.column}});
}

Result<ForeignPolicy> FormReader::finish() && {
  if (problems_.empty()) {
    return std::move(out_);
  }
  const auto same = [&](const Diagnostic& d) { return d.reason == problems_.front().reason; };
  std::string reason = std::ranges::all_of(problems_, same) ? problems_.front().reason : "policy.invalid_form";
  std::string message = to_string(problems_.front());
  if (problems_.size() > 1) {
    message += fmt::format(" (and {} more problem{})", problems_.size() - 1, problems_.size() == 2 ? "" : "s");
  }
  return Error{Category::kInvalidArgument, std::move(reason), std::move(message), std::move(problems_)};
}

std::vector<std::string> differences(const PolicyRequest& a, const PolicyRequest& b) {
  std::vector<std::string> out;
  for (const LimitRow& row : limit_table()) {
    const LimitRequest* x = a.find(row);
    const LimitRequest* y = b.find(row);
    if ((x == nullptr) != (y == nullptr) || (x != nullptr && x->amount != y->amount)) {
      out.push_back(fmt::format("limits.{}", row.key));
    }
  }
  const auto compare = [&](std::string_view key, const auto& x, const auto& y) {
    if (x != y) {
      out.push_back(fmt::format("grants.{}", key));
    }
  };
  compare("preset", value_of(a.preset), value_of(b.preset));
  compare("wasi", value_of(a.wasi), value_of(b.wasi));
  compare("read", values(a.read), values(b.read));
  compare("write", values(a.write), values(b.write));
  compare("env", values(a.env), values(b.env));
  compare("args", value_of(a.args), value_of(b.args));
  compare("stdin", value_of(a.stdin_is_input), value_of(b.stdin_is_input));
  compare("clock", value_of(a.clock), value_of(b.clock));
  compare("random", value_of(a.random), value_of(b.random));
  compare("net", values(a.net), values(b.net));
  compare("secrets", values(a.secrets), values(b.secrets));
  compare("imports", values(a.imports), values(b.imports));
  compare("features", values(a.features), values(b.features));
  return out;
}

PrintedPolicy check_printed(Value value, const PolicyRequest& asked,
                            Result<ForeignPolicy> (*read)(const Value&, std::string_view)) {
  const auto again = read(value, "");
  PrintedPolicy out{std::move(value), {}};
  out.left_out = differences(asked, again ? again->request : PolicyRequest());
  return out;
}

void print_amount(Value& out, std::string name, const PolicyRequest& request, std::string_view key,
                  std::uint64_t parts) {
  if (const auto amount = amount_of(request, key)) {
    const auto whole = static_cast<std::int64_t>(*amount / parts);
    out.set(std::move(name),
            *amount % parts == 0 ? Value(whole) : Value(static_cast<double>(*amount) / static_cast<double>(parts)));
  }
}

void print_whole(Value& out, std::string name, const PolicyRequest& request, std::string_view key, std::uint64_t parts,
                 std::uint64_t lowest, std::uint64_t highest) {
  const auto amount = amount_of(request, key);
  if (amount && *amount % parts == 0 && *amount / parts >= lowest && *amount / parts <= highest) {
    out.set(std::move(name), static_cast<std::int64_t>(*amount / parts));
  }
}

std::optional<std::uint64_t> amount_of(const PolicyRequest& request, std::string_view key) {
  const LimitRequest* limit = request.find(*find_limit(key));
  return limit == nullptr ? std::nullopt : limit->amount;
}

}  // namespace caisson::sandbox::internal
