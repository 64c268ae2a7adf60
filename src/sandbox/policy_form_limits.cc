#include "sandbox/internal/form_reader.h"
#include "sandbox/policy_forms.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace caisson::sandbox {

namespace {

using document::Value;
using internal::FormReader;
using internal::print_amount;
using internal::print_whole;

constexpr std::uint64_t kMebi = 1 << 20;
constexpr std::uint64_t kPage = 64 << 10;
constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kSecond = 1'000'000'000;

struct TypeRow {
  std::string_view type;
  std::uint64_t memory_mib;
  std::uint64_t seconds;  ///< of processor time
};

/// The source's fuel beside it (1 million for each second) would end a call after milliseconds, so it is left out.
constexpr std::array kTypes = {TypeRow{"code", 32, 10},      TypeRow{"tool", 64, 5},     TypeRow{"agent", 128, 30},
                               TypeRow{"llm", 16, 2},        TypeRow{"condition", 8, 1}, TypeRow{"loop", 64, 60},
                               TypeRow{"workflow", 256, 120}};

}  // namespace

Result<ForeignPolicy> read_runtime_config(const Value& value, std::string_view file) {
  constexpr std::string_view kOperator = "one engine serves all modules; its operator decides it";
  FormReader form(file);
  const auto ranged = [&](std::int64_t lowest, std::int64_t highest) {
    return form.whole(lowest, highest, [&form, kOperator](std::int64_t, const Value& where) {
      form.warn(where, "this setting", kOperator);
    });
  };
  form.read_map(value, "",
                {{"max_memory_pages", form.pages("memory", 1, 65'536)},
                 {"max_execution_time_ms", form.limit("timeout", "ms", 1, 300'000)},
                 {"max_stack_size", form.limit("stack", "", 64 << 10, 16 << 20)},
                 {"thread_pool_size", ranged(1, 128)},
                 {"module_cache_size", ranged(1, 1'000)},
                 {"max_body_size", form.limit("input", "", 1, 100 << 20)}});
  return std::move(form).finish();
}

PrintedPolicy print_runtime_config(const PolicyRequest& request) {
  Value out = Value::map();
  print_whole(out, "max_memory_pages", request, "memory", kPage, 1, 65'536);
  print_whole(out, "max_execution_time_ms", request, "timeout", kMillisecond, 1, 300'000);
  print_whole(out, "max_stack_size", request, "stack", 1, 64 << 10, 16 << 20);
  print_whole(out, "max_body_size", request, "input", 1, 1, 100 << 20);
  return internal::check_printed(std::move(out), request, read_runtime_config);
}

std::optional<PolicyRequest> type_limits(std::string_view type) {
  const auto* const row = std::ranges::find(kTypes, type, &TypeRow::type);
  if (row == kTypes.end()) {
    return std::nullopt;
  }
  PolicyRequest out;
  out.set(*find_limit("memory"), row->memory_mib * kMebi, {});
  out.set(*find_limit("cpu"), row->seconds * kSecond, {});
  return out;
}

Result<ForeignPolicy> read_type_limits(const Value& value, std::string_view file) {
  FormReader form(file);
  form.read_map(value, "",
                {{"memory_mb", form.limit("memory", "MB")},
                 {"memory_pages", form.pages("memory", 1, 65'536)},
                 {"cpu_seconds", form.limit("cpu", "s")},
                 {"timeout_seconds", form.limit("timeout", "s")},
                 {"fuel", form.limit("fuel", "", 1)}});
  return std::move(form).finish();
}

PrintedPolicy print_type_limits(const PolicyRequest& request) {
  Value out = Value::map();
  print_amount(out, "memory_mb", request, "memory", kMebi);
  print_amount(out, "cpu_seconds", request, "cpu", kSecond);
  print_amount(out, "timeout_seconds", request, "timeout", kSecond);
  print_amount(out, "fuel", request, "fuel");
  return internal::check_printed(std::move(out), request, read_type_limits);
}

}  // namespace caisson::sandbox
