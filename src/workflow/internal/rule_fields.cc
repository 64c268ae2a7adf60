#include "workflow/internal/rule_fields.h"

#include "base/suggest.h"
#include "workflow/error_names.h"
#include "workflow/internal/control_fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace caisson::workflow {

namespace {

using document::Value;
using std::chrono::nanoseconds;

constexpr std::array<std::string_view, 6> kRetryNames{"attempts", "backoff", "delay", "max_delay", "jitter", "on"};
constexpr std::array<std::string_view, 3> kBackoffs{"fixed", "linear", "exponential"};
constexpr std::array<std::string_view, 6> kExecutorNames{"max_concurrency", "timeout_seconds", "retry_attempts",
                                                         "batch_size",      "hints",           "key_limits"};
constexpr std::array<std::string_view, 3> kHintNames{"prefer_deterministic_ordering", "optimize_for_memory",
                                                     "enable_critical_path_optimization"};
constexpr int kMostPriority = 100;
constexpr std::size_t kMostPatterns = 100;
constexpr std::size_t kMostKeys = 1'000;

/// What `retry: {on: [...]}` can name.
std::vector<std::string_view> retry_patterns() {
  std::vector<std::string_view> out;
  for (int i = 0; i <= static_cast<int>(Category::kInternal); ++i) {
    out.push_back(to_string(static_cast<Category>(i)));
  }
  std::ranges::transform(known_reasons(), std::back_inserter(out), &ReasonRow::reason);
  return out;
}

bool is_known_pattern(std::string_view text) {
  if (text.ends_with(".*")) {
    const std::string_view library = text.substr(0, text.size() - 1);
    return std::ranges::any_of(known_reasons(), [&](const ReasonRow& row) { return row.reason.starts_with(library); });
  }
  const auto patterns = retry_patterns();
  return std::ranges::find(patterns, text) != patterns.end();
}

void read_patterns(Fields& fields, RetryRule& rule, Problems& problems) {
  const Value* list = fields.list("on");
  if (list == nullptr) {
    return;
  }
  if (list->as_list()->size() > kMostPatterns) {
    problems.error("workflow.bad_value", fmt::format("{}: on has more than {} entries", fields.what(), kMostPatterns),
                   list->mark());
    return;
  }
  for (const Value& item : *list->as_list()) {
    const std::string* text = item.as_string();
    if (text == nullptr) {
      fields.wrong_kind("on", item, "a list of reasons (strings)");
    } else if (!is_known_pattern(*text)) {
      problems.error("workflow.bad_value",
                     fmt::format("{}: on: there is no reason '{}'{}; write a reason of an error, `sandbox.*` for all "
                                 "of its kind, or a category such as unavailable",
                                 fields.what(), shown(*text), base::did_you_mean(*text, retry_patterns())),
                     item.mark());
    } else {
      rule.on.push_back(*text);
    }
  }
}

std::optional<RetryRule> read_retry(Fields& node, Problems& problems) {
  if (const Value* number = node.find("retry"); number != nullptr && number->as_integer() != nullptr) {
    node.wrong_kind("retry", *number,
                    fmt::format("a map (write {{attempts: {}}}; the first try counts)", *number->as_integer()));
    return std::nullopt;
  }
  const Value* value = node.map("retry");
  if (value == nullptr) {
    return std::nullopt;
  }
  Fields fields(*value, node.what() + ": retry", problems);
  fields.allow_only(kRetryNames);
  RetryRule rule;
  if (fields.find("attempts") == nullptr) {
    fields.missing("attempts", "say how often the node is tried in all: `retry: {attempts: 3}`");
  }
  rule.attempts = static_cast<std::uint32_t>(fields.whole("attempts", 1, RetryRule::kMostAttempts).value_or(1));
  if (const std::string* name = fields.string("backoff")) {
    const auto known = backoff_from(*name);
    rule.backoff = known.value_or(rule.backoff);
    if (!known) {
      problems.error("workflow.bad_value",
                     fmt::format("{}: unknown backoff '{}'; it must be one of {}{}", fields.what(), shown(*name),
                                 fmt::join(kBackoffs, ", "), base::did_you_mean(*name, kBackoffs)),
                     fields.find("backoff")->mark());
    }
  }
  rule.delay = fields.duration("delay", nanoseconds(0)).value_or(rule.delay);
  rule.longest = fields.duration("max_delay", nanoseconds(0)).value_or(std::max(rule.longest, rule.delay));
  if (rule.longest < rule.delay) {
    problems.error("workflow.bad_value", fmt::format("{}: max_delay is below delay", fields.what()),
                   fields.find("max_delay")->mark());
  }
  if (const Value* jitter = fields.find("jitter")) {
    const double* number = jitter->as_number();
    const auto whole = whole_number(*jitter);
    rule.jitter = number != nullptr ? *number : whole ? static_cast<double>(*whole) : -1.0;
    if (!(rule.jitter >= 0.0 && rule.jitter <= 1.0)) {
      problems.error("workflow.bad_value",
                     fmt::format("{}: jitter must be a number from 0 to 1: the part of a wait that is left to chance",
                                 fields.what()),
                     jitter->mark());
      rule.jitter = 0;
    }
  }
  read_patterns(fields, rule, problems);
  return rule;
}

void read_hints(const Value& value, StrategyHints& hints, Problems& problems) {
  Fields fields(value, "executor_options: hints", problems);
  fields.allow_only(kHintNames);
  hints.prefer_deterministic_ordering = fields.flag(kHintNames[0]).value_or(false);
  hints.optimize_for_memory = fields.flag(kHintNames[1]).value_or(false);
  hints.enable_critical_path_optimization = fields.flag(kHintNames[2]).value_or(false);
}

void read_key_limits(const Value& value, Definition& definition, Problems& problems) {
  Fields fields(value, "executor_options: key_limits", problems);
  if (value.as_map()->size() > kMostKeys) {
    problems.error("workflow.bad_value",
                   fmt::format("executor_options: key_limits has more than {} entries", kMostKeys), value.mark());
    return;
  }
  for (const document::Entry& entry : *value.as_map()) {
    if (const auto limit = fields.whole(entry.name, 1, kMaxConcurrency)) {
      definition.key_limits[entry.name] = static_cast<std::size_t>(*limit);
    }
  }
}

}  // namespace

WrittenRules read_rules(NodeReading& reading, const NodeType& type) {
  Fields& fields = reading.fields;
  WrittenRules rules;
  rules.when = read_expression(reading, "when");
  rules.retry = read_retry(fields, reading.problems);
  rules.timeout = fields.duration("timeout", nanoseconds(1)).value_or(nanoseconds(0));
  rules.continue_on_error = fields.flag("continue_on_error").value_or(false);
  rules.priority = static_cast<std::int8_t>(fields.whole("priority", -kMostPriority, kMostPriority).value_or(0));
  if (const std::string* key = fields.string("concurrency_key")) {
    rules.concurrency_key = *key;
    rules.key_mark = fields.find("concurrency_key")->mark();
    if (key->empty()) {
      reading.problems.error("workflow.bad_value", fmt::format("{}: concurrency_key must not be empty", fields.what()),
                             rules.key_mark);
    } else if (type.contains == NodeType::Contains::kNodes) {
      reading.problems.error("workflow.bad_value",
                             fmt::format("{}: concurrency_key is not for a {} node, which would keep its place while "
                                         "it waits for its nodes; give it to these",
                                         fields.what(), type.name),
                             rules.key_mark);
    }
  }
  return rules;
}

void read_executor_options(const Value& value, Definition& definition, Problems& problems) {
  Fields fields(value, "executor_options", problems);
  fields.allow_only(kExecutorNames);
  if (const auto concurrency = fields.whole("max_concurrency", 1, kMaxConcurrency)) {
    definition.max_concurrency = static_cast<std::size_t>(*concurrency);
    definition.says_concurrency = true;
    definition.concurrency_mark = fields.find("max_concurrency")->mark();
  }
  definition.timeout = fields.duration("timeout_seconds", nanoseconds(0)).value_or(nanoseconds(0));
  definition.retries =
      static_cast<std::uint32_t>(fields.whole("retry_attempts", 0, RetryRule::kMostAttempts - 1).value_or(0));
  if (const auto batch = fields.whole("batch_size", 1, INT64_MAX); batch && *batch != 1) {
    problems.error("workflow.unimplemented",
                   "executor_options: batch_size is not in this version; leave it out, or write 1",
                   fields.find("batch_size")->mark());
  }
  if (const Value* hints = fields.map("hints")) {
    read_hints(*hints, definition.hints, problems);
  }
  if (const Value* limits = fields.map("key_limits")) {
    read_key_limits(*limits, definition, problems);
  }
}

void read_type_limit(Fields& fields, const NodeType& type, Definition& definition, Problems& problems) {
  const auto limit = fields.whole("max_concurrency", 1, kMaxConcurrency);
  if (!limit) {
    return;
  }
  if (type.contains == NodeType::Contains::kNodes) {
    problems.error("workflow.bad_value",
                   fmt::format("{}: max_concurrency is not for {} nodes, which would keep their places while they wait "
                               "for their nodes; give it to the types of these",
                               fields.what(), type.name),
                   fields.find("max_concurrency")->mark());
    return;
  }
  definition.type_limits[&type] = static_cast<std::size_t>(*limit);
}

void check_keys(const Definition& definition, document::Mark where, Problems& problems) {
  std::set<std::string_view> used;
  for_each_node(definition.nodes, [&](const NodeDefinition& node) { used.insert(node.rules.concurrency_key); });
  for (const auto& [key, limit] : definition.key_limits) {
    if (!used.contains(key)) {
      problems.warning("workflow.no_effect",
                       fmt::format("executor_options: key_limits: no node has the concurrency_key '{}'", shown(key)),
                       where);
    }
  }
}

}  // namespace caisson::workflow
