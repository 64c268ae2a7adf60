#include "sandbox/limit_table.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <type_traits>

namespace caisson::sandbox {

namespace {

constexpr std::uint64_t kKibi = 1ULL << 10;
constexpr std::uint64_t kMebi = 1ULL << 20;
constexpr std::uint64_t kGibi = 1ULL << 30;
constexpr std::uint64_t kMost = INT64_MAX;
constexpr std::uint64_t kMost32 = UINT32_MAX;
constexpr std::uint64_t kMillisecond = 1'000'000;
constexpr std::uint64_t kSecond = 1'000 * kMillisecond;
constexpr std::uint64_t kDay = 86'400 * kSecond;
constexpr double kPercentParts = 1'000;

template <typename T>
std::uint64_t to_amount(const T& value) noexcept {
  if constexpr (std::is_same_v<T, std::chrono::nanoseconds>) {
    return static_cast<std::uint64_t>(value.count());
  } else if constexpr (std::is_same_v<T, double>) {
    return static_cast<std::uint64_t>(std::llround(value * kPercentParts));
  } else {
    return value;
  }
}

template <typename T>
T from_amount(std::uint64_t amount) noexcept {
  if constexpr (std::is_same_v<T, std::chrono::nanoseconds>) {
    return std::chrono::nanoseconds(amount);
  } else if constexpr (std::is_same_v<T, double>) {
    return static_cast<double>(amount) / kPercentParts;
  } else {
    return static_cast<T>(amount);
  }
}

template <typename T>
struct Member {
  static constexpr bool kOptional = false;
  using Type = T;
};
template <typename T>
struct Member<std::optional<T>> {
  static constexpr bool kOptional = true;
  using Type = T;
};

/// A row whose value is a member of Limits.
template <auto kMember>
constexpr LimitRow row(std::string_view key, Unit unit, std::uint64_t lowest, std::uint64_t highest, Amount ceiling,
                       std::string_view text) {
  using M = Member<std::remove_cvref_t<decltype(std::declval<Limits>().*kMember)>>;
  LimitRow out{key, unit, lowest, highest, ceiling, M::kOptional, text, nullptr, nullptr};
  if constexpr (M::kOptional) {
    out.get = [](const Limits& limits) noexcept -> Amount {
      const auto& value = limits.*kMember;
      return value ? Amount(to_amount(*value)) : std::nullopt;
    };
    out.set = [](Limits& limits, Amount amount) noexcept {
      using T = typename M::Type;
      limits.*kMember = amount ? std::optional(from_amount<T>(*amount)) : std::nullopt;
    };
  } else {
    out.get = [](const Limits& limits) noexcept -> Amount { return to_amount(limits.*kMember); };
    out.set = [](Limits& limits, Amount amount) noexcept {
      limits.*kMember = from_amount<typename M::Type>(amount.value_or(0));
    };
  }
  return out;
}

constexpr std::array kTable = {
    row<&Limits::memory_bytes>("memory", Unit::kBytes, 64 * kKibi, 2 * kGibi, 2 * kGibi,
                               "of all linear memories together"),
    row<&Limits::memory_growth_bytes_per_second>("memory_growth", Unit::kBytes, 64 * kKibi, kMost, {},
                                                 "of memory that a call may add each second"),
    row<&Limits::table_elements>("tables", Unit::kCount, 0, 100'000, 100'000, "elements of all tables together"),
    row<&Limits::instances>("instances", Unit::kCount, 1, 1'000, 100,
                            "module instances that one call of a component makes"),
    row<&Limits::stack_bytes>("stack", Unit::kBytes, 64 * kKibi, 4 * kMebi, 4 * kMebi,
                              "of the call stack, rounded up to the class of the engine: 1 or 4 MiB"),
    row<&Limits::fuel>("fuel", Unit::kCount, 1, kMost, {}, "about one for each instruction"),
    row<&Limits::timeout>("timeout", Unit::kDuration, kMillisecond, 7 * kDay, 300 * kSecond,
                          "wall time, the host's share included"),
    row<&Limits::cpu>("cpu", Unit::kDuration, kMillisecond, 7 * kDay, {}, "time on a processor"),
    row<&Limits::cpu_percent>("cpu_percent", Unit::kPercent, 1'000, 100'000, {},
                              "share of one processor, over windows of 100 ms"),
    row<&Limits::idle>("idle", Unit::kDuration, kMillisecond, 7 * kDay, {}, "the longest single wait in the host"),
    row<&Limits::input_bytes>("input", Unit::kBytes, 0, kGibi, 100 * kMebi, "of the input"),
    row<&Limits::output_bytes>("result", Unit::kBytes, 0, kGibi, 64 * kMebi, "of what the call returns"),
    row<&Limits::stdout_bytes>("stdout", Unit::kBytes, 0, kGibi, 64 * kMebi, "written to standard output"),
    row<&Limits::stderr_bytes>("stderr", Unit::kBytes, 0, kGibi, 64 * kMebi, "written to standard error"),
    row<&Limits::log_bytes>("log", Unit::kBytes, 0, kGibi, 64 * kMebi, "given to the log"),
    row<&Limits::emit_bytes>("emit", Unit::kBytes, 0, kGibi, 64 * kMebi, "of records that are emitted"),
    row<&Limits::kv_bytes>("kv", Unit::kBytes, 0, kGibi, 64 * kMebi, "of keys and values that one run keeps"),
    row<&Limits::host_calls>("host_calls", Unit::kCount, 0, kMost, {}, "calls of functions of the host"),
    row<&Limits::random_bytes>("random", Unit::kBytes, 0, kMost, kGibi, "of randomness"),
    row<&Limits::open_files>("files", Unit::kCount, 0, 65'536, 1'024, "descriptors that are open at once"),
    row<&Limits::created_files>("created_files", Unit::kCount, 0, kMost32, 100'000,
                                "files, directories and links that are made"),
    row<&Limits::file_size_bytes>("file_size", Unit::kBytes, 0, kMost, 2 * kGibi, "of one file after a write"),
    row<&Limits::file_read_bytes>("file_read", Unit::kBytes, 0, kMost, {}, "read from files"),
    row<&Limits::file_write_bytes>("file_write", Unit::kBytes, 0, kMost, 10 * kGibi, "written to files"),
    row<&Limits::file_read_bytes_per_second>("file_read_rate", Unit::kBytes, 1, kMost, {},
                                             "read from files each second"),
    row<&Limits::file_write_bytes_per_second>("file_write_rate", Unit::kBytes, 1, kMost, {},
                                              "written to files each second"),
    row<&Limits::http_requests>("http_requests", Unit::kCount, 0, kMost32, 10'000, "HTTP requests"),
    row<&Limits::http_connections>("http_connections", Unit::kCount, 0, 1'000, 100, "HTTP requests at one time"),
    row<&Limits::http_bytes>("http_bytes", Unit::kBytes, 0, kMost, kGibi, "of HTTP, both ways"),
};

constexpr std::array kRunTable = {
    LimitRow{"max_concurrency", Unit::kCount, 1, 1'024, 64, false, "nodes of a run at one time", nullptr, nullptr},
    LimitRow{"run_memory", Unit::kBytes, kMebi, kMost, 4 * kGibi, false,
             "memory that the sandboxes of a run hold together", nullptr, nullptr},
};

constexpr std::string_view kUnlimited = "unlimited";

std::string print(const LimitRow& row, std::uint64_t amount) { return print_amount(amount, row.unit); }

}  // namespace

std::span<const LimitRow> limit_table() noexcept { return kTable; }

const LimitRow* find_limit(std::string_view key) noexcept {
  const auto* const found = std::ranges::find(kTable, key, &LimitRow::key);
  return found == kTable.end() ? nullptr : found;
}

std::span<const LimitRow> run_limit_table() noexcept { return kRunTable; }

const LimitRow* find_run_limit(std::string_view key) noexcept {
  const auto* const found = std::ranges::find(kRunTable, key, &LimitRow::key);
  return found == kRunTable.end() ? nullptr : found;
}

Result<Amount> parse_limit(const LimitRow& row, std::string_view text) {
  if (text == kUnlimited) {
    if (row.can_be_absent) {
      return Amount();
    }
    return Error{Category::kInvalidArgument, "policy.bad_value",
                 fmt::format("{} cannot be unlimited: write {}", row.key, describe(row.unit))};
  }
  CAISSON_TRY(const std::uint64_t amount, parse_amount(text, row.unit));
  if (amount < row.lowest || amount > row.highest) {
    return Error{Category::kInvalidArgument, "policy.bad_value",
                 fmt::format("{} must be from {} to {}, got {}", row.key, print(row, row.lowest),
                             print(row, row.highest), print(row, amount))};
  }
  return Amount(amount);
}

std::string print_limit(const LimitRow& row, Amount amount) {
  return amount ? print(row, *amount) : std::string(kUnlimited);
}

std::string limit_documentation() {
  std::string out =
      "| name | default | without configuration at most | range | what |\n| --- | --- | --- | --- | --- |\n";
  for (const LimitRow& row : kTable) {
    out += fmt::format("| `{}` | {} | {} | {} to {}{} | {} |\n", row.key, print_limit(row, row.get(Limits{})),
                       print_limit(row, row.ceiling), print(row, row.lowest),
                       row.highest == kMost ? "any" : print(row, row.highest), row.can_be_absent ? ", `unlimited`" : "",
                       row.text);
  }
  return out;
}

}  // namespace caisson::sandbox
