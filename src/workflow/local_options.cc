#include "workflow/local_options.h"

#include "base/suggest.h"
#include "base/unicode.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Mark;
using document::Value;

/// Belongs to every node; whoever reads the node checks it.
constexpr std::string_view kIntent = "intent";

std::string shown(std::string_view text) { return base::printable(base::shorten(text, 64)); }

}  // namespace

OptionReader::OptionReader(std::string_view processor, const Value& options)
    : processor_(processor), options_(options) {
  if (!options.is_null() && options.as_map() == nullptr) {
    problem_at(options.mark(), fmt::format("options must be a map, got {}", document::to_string(options.kind())));
  }
}

const Value* OptionReader::take(std::string_view name) {
  known_.push_back(name);
  return options_.find(name);
}

const std::string* OptionReader::text_of(std::string_view name, const Value& value) {
  const std::string* text = value.as_string();
  if (text == nullptr) {
    problem_at(value.mark(), value.is_null()
                                 ? fmt::format("option '{}' has no value; write \"\" for an empty text", name)
                                 : fmt::format("option '{}' must be a string (write it in quotes), got {}", name,
                                               document::to_string(value.kind())));
  }
  return text;
}

std::string OptionReader::text(std::string_view name, std::string_view otherwise) {
  const Value* value = take(name);
  if (value == nullptr) {
    return std::string(otherwise);
  }
  const std::string* text = text_of(name, *value);
  return text == nullptr ? std::string() : *text;
}

std::optional<std::string> OptionReader::required_text(std::string_view name) {
  const Value* value = take(name);
  if (value == nullptr) {
    if (options_.is_null() || options_.as_map() != nullptr) {
      problem_at(options_.mark(), fmt::format("{} needs the option '{}'", processor_, name));
    }
    return std::nullopt;
  }
  const std::string* text = text_of(name, *value);
  return text == nullptr ? std::nullopt : std::optional(*text);
}

std::size_t OptionReader::index_of(std::string_view name, const Value& value,
                                   std::span<const std::string_view> allowed) {
  const std::string* text = text_of(name, value);
  if (text == nullptr) {
    return allowed.size();
  }
  const auto found = std::ranges::find(allowed, *text);
  if (found == allowed.end()) {
    problem_at(value.mark(), fmt::format("option '{}' cannot be '{}'; allowed are {}{}", name, shown(*text),
                                         fmt::join(allowed, ", "), base::did_you_mean(*text, allowed)));
  }
  return static_cast<std::size_t>(found - allowed.begin());
}

std::size_t OptionReader::choice(std::string_view name, std::span<const std::string_view> allowed,
                                 std::size_t otherwise) {
  const Value* value = take(name);
  const std::size_t index = value == nullptr ? otherwise : index_of(name, *value, allowed);
  return index < allowed.size() ? index : otherwise;
}

std::vector<std::size_t> OptionReader::choices(std::string_view name, std::span<const std::string_view> allowed) {
  const Value* value = take(name);
  if (value == nullptr) {
    return {};
  }
  const document::List* list = value->as_list();
  std::vector<std::size_t> out;
  const auto add = [&](const Value& item) {
    if (const std::size_t index = index_of(name, item, allowed); index < allowed.size()) {
      out.push_back(index);
    }
  };
  if (list == nullptr) {
    add(*value);
  } else {
    std::ranges::for_each(*list, add);
  }
  return out;
}

void OptionReader::problem(std::string_view name, std::string message, std::string_view reason) {
  const Value* value = options_.find(name);
  problem_at(value == nullptr ? options_.mark() : value->mark(), std::move(message), reason);
}

void OptionReader::problem_at(Mark mark, std::string message, std::string_view reason) {
  problems_.push_back({Severity::kError, std::string(reason), std::move(message), {{}, mark.line, mark.column}});
}

Status OptionReader::finish() {
  if (const document::Map* map = options_.as_map()) {
    for (const document::Entry& entry : *map) {
      if (entry.name == kIntent || std::ranges::find(known_, entry.name) != known_.end()) {
        continue;
      }
      const std::string hint = known_.empty()
                                   ? fmt::format("; {} has none", processor_)
                                   : base::did_you_mean(entry.name, std::span<const std::string_view>(known_));
      problem_at(entry.name_mark, fmt::format("unknown option '{}' of {}{}", shown(entry.name), processor_, hint));
    }
  }
  if (problems_.empty()) {
    return {};
  }
  const std::string reason = problems_.front().reason;
  const bool same = std::ranges::all_of(problems_, [&](const Diagnostic& d) { return d.reason == reason; });
  Error error{same && reason != kBadOption ? Category::kUnimplemented : Category::kInvalidArgument,
              same ? reason : std::string(kBadOption), problems_.front().message, problems_};
  if (error.diagnostics.size() > 1) {
    error.message += fmt::format(" (and {} more)", error.diagnostics.size() - 1);
  }
  return error;
}

}  // namespace caisson::workflow
