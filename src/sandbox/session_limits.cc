#include "sandbox/session_limits.h"

#include "base/control.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace caisson::sandbox {

namespace {

constexpr std::string_view kMemory = "memory";

constexpr auto kTable = std::to_array<SessionLimit>({
    {kMemory, "", [](const Usage& usage) noexcept { return usage.memory_over_baseline_bytes; }},
    {"fuel", "sandbox.out_of_fuel", [](const Usage& usage) noexcept { return usage.fuel; }},
    {"cpu", "sandbox.cpu_limit",
     [](const Usage& usage) noexcept { return static_cast<std::uint64_t>(usage.cpu.count()); }},
    {"log", "", [](const Usage& usage) noexcept { return usage.log_bytes; }},
    {"emit", "", [](const Usage& usage) noexcept { return usage.emit_bytes; }},
    {"host_calls", "sandbox.host_call_limit", [](const Usage& usage) noexcept { return usage.host_calls; }},
    {"random", "sandbox.random_limit", [](const Usage& usage) noexcept { return usage.random_bytes; }},
    {"http_requests", "", [](const Usage& usage) noexcept { return usage.http_requests; }},
    {"http_bytes", "",
     [](const Usage& usage) noexcept {
       return usage.http_sent_bytes + std::min(usage.http_received_bytes, UINT64_MAX - usage.http_sent_bytes);
     }},
});

}  // namespace

std::span<const SessionLimit> session_limits() noexcept { return kTable; }

Limits limits_left(const Limits& limits, const Usage& used) {
  Limits left = limits;
  if (!base::holds(base::Control::kSessionTotals)) {
    return left;
  }
  static const auto rows = [] {  // found once, not in every call
    std::array<const LimitRow*, kTable.size()> out{};
    std::ranges::transform(kTable, out.begin(), &find_limit, &SessionLimit::key);
    return out;
  }();
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (const Amount most = rows[i]->get(limits); most && kTable[i].key != kMemory) {
      rows[i]->set(left, *most - std::min(*most, kTable[i].used(used)));
    }
  }
  return left;
}

std::string session_limit_message(std::string_view reason, const Limits& limits) {
  const auto* const total = std::ranges::find(kTable, reason, &SessionLimit::reason);
  if (reason.empty() || total == kTable.end()) {
    return {};
  }
  const LimitRow& row = *find_limit(total->key);
  return fmt::format("the calls of this session used up its limit: {} {}", row.key, print_limit(row, row.get(limits)));
}

}  // namespace caisson::sandbox
