#include "sandbox/internal/snapshot.h"

#include "base/control.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstring>

namespace caisson::sandbox {

namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view kMagic = "caisson session\n";
constexpr std::uint32_t kVersion = 2;
constexpr std::size_t kSealBytes = sizeof(base::Digest::bytes);
constexpr std::uint64_t kMostTime = 1ULL << 62;  // nanoseconds; two of them can be added
constexpr std::uint64_t kMostMemory = 1ULL << 32;
constexpr std::uint64_t kWasmPage = 64U << 10;

constexpr std::array kTimes = {&Usage::wall, &Usage::cpu, &Usage::throttled};
constexpr std::array kCounts = {&Usage::fuel,          &Usage::memory_bytes,       &Usage::memory_over_baseline_bytes,
                                &Usage::input_bytes,   &Usage::output_bytes,       &Usage::stdout_bytes,
                                &Usage::stderr_bytes,  &Usage::log_bytes,          &Usage::emit_bytes,
                                &Usage::random_bytes,  &Usage::file_read_bytes,    &Usage::file_write_bytes,
                                &Usage::http_requests, &Usage::http_connections,   &Usage::http_sent_bytes,
                                &Usage::host_calls,    &Usage::http_received_bytes};
constexpr std::size_t kHeadBytes = kMagic.size() + 3 * sizeof(std::uint32_t) + 2 * kSealBytes +
                                   (2 + kTimes.size() + kCounts.size()) * sizeof(std::uint64_t);
constexpr std::size_t kPageRecord = sizeof(std::uint32_t) + kPageBytes;

template <typename T>
void put(std::string& out, T number) {
  out.append(reinterpret_cast<const char*>(&number), sizeof number);
}

/// The caller has checked that it is there.
template <typename T>
T take(std::string_view& bytes) {
  T number{};
  bytes.copy(reinterpret_cast<char*>(&number), sizeof number);
  bytes.remove_prefix(sizeof number);
  return number;
}

Error bad(std::string_view why) {
  return {Category::kDataLoss, "sandbox.bad_snapshot",
          fmt::format("these bytes are no snapshot of a session: {}", why)};
}

bool is_page_of(std::span<const std::byte> image, std::size_t at, std::span<const std::byte> page) {
  if (at < image.size()) {
    return std::memcmp(image.data() + at, page.data(), kPageBytes) == 0;
  }
  return std::ranges::all_of(page, [](std::byte byte) { return byte == std::byte{0}; });
}

/// So many sizes, keys and values from the front.
Result<std::vector<std::pair<std::string_view, std::string_view>>> take_values(std::string_view& bytes,
                                                                               std::uint32_t count) {
  constexpr std::size_t kSizes = 2 * sizeof(std::uint32_t);
  std::vector<std::pair<std::string_view, std::string_view>> out;
  for (std::uint32_t i = 0; i < count; ++i) {
    if (bytes.size() < kSizes) {
      return bad("they do not have the values that they say");
    }
    const std::size_t key_size = take<std::uint32_t>(bytes);
    const std::size_t value_size = take<std::uint32_t>(bytes);
    if (key_size > bytes.size() || value_size > bytes.size() - key_size) {
      return bad("they do not have the values that they say");
    }
    out.emplace_back(bytes.substr(0, key_size), bytes.substr(key_size, value_size));
    bytes.remove_prefix(key_size + value_size);
  }
  return out;
}

std::string_view seal_of(const base::Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()};
}

}  // namespace

std::string write_snapshot(const Snapshot& snapshot, std::span<const std::byte> memory,
                           std::span<const std::byte> image_memory, std::string_view key) {
  std::string out(kMagic);
  put(out, kVersion);
  const std::size_t count_at = out.size();
  put(out, std::uint32_t{0});
  put(out, static_cast<std::uint32_t>(snapshot.values.size()));
  out += seal_of(snapshot.image);
  out += seal_of(snapshot.rights);
  put(out, snapshot.memory_bytes);
  put(out, snapshot.totals.calls);
  for (const auto time : kTimes) {
    put(out, static_cast<std::uint64_t>(std::max<std::int64_t>(0, (snapshot.totals.usage.*time).count())));
  }
  for (const auto count : kCounts) {
    put(out, snapshot.totals.usage.*count);
  }
  for (const auto& [key_of_value, value] : snapshot.values) {
    put(out, static_cast<std::uint32_t>(key_of_value.size()));
    put(out, static_cast<std::uint32_t>(value.size()));
    out += key_of_value;
    out += value;
  }
  std::uint32_t count = 0;
  for (std::size_t at = 0; at < memory.size(); at += kPageBytes) {
    const auto page = memory.subspan(at, kPageBytes);
    if (!is_page_of(image_memory, at, page)) {
      put(out, static_cast<std::uint32_t>(at / kPageBytes));
      out.append(reinterpret_cast<const char*>(page.data()), kPageBytes);
      ++count;
    }
  }
  std::memcpy(out.data() + count_at, &count, sizeof count);
  out += seal_of(base::hmac_sha256(key, {out}));
  return out;
}

Result<Snapshot> read_snapshot(std::string_view bytes, std::string_view key) {
  if (bytes.size() < kHeadBytes + kSealBytes || !bytes.starts_with(kMagic)) {
    return bad("they do not begin like one");
  }
  base::Digest seal;
  std::memcpy(seal.bytes.data(), bytes.data() + bytes.size() - kSealBytes, kSealBytes);
  bytes.remove_suffix(kSealBytes);
  if (!(base::hmac_sha256(key, {bytes}) == seal) && base::holds(base::Control::kSnapshotSeal)) {
    return bad("they were changed, or sealed with another key");
  }
  bytes.remove_prefix(kMagic.size());
  if (const auto version = take<std::uint32_t>(bytes); version != kVersion) {
    return bad(fmt::format("their version is {}, this program reads {}", version, kVersion));
  }
  const auto count = take<std::uint32_t>(bytes);
  const auto value_count = take<std::uint32_t>(bytes);
  Snapshot out;
  out.image = take<base::Digest>(bytes);
  out.rights = take<base::Digest>(bytes);
  out.memory_bytes = take<std::uint64_t>(bytes);
  out.totals.calls = take<std::uint64_t>(bytes);
  for (const auto time : kTimes) {
    const auto nanoseconds = take<std::uint64_t>(bytes);
    if (nanoseconds > kMostTime) {
      return bad("a time in them is too long");
    }
    out.totals.usage.*time = std::chrono::nanoseconds(nanoseconds);
  }
  for (const auto number : kCounts) {
    out.totals.usage.*number = take<std::uint64_t>(bytes);
  }
  if (out.memory_bytes > kMostMemory || out.memory_bytes % kWasmPage != 0) {
    return bad("no memory has that size");
  }
  CAISSON_TRY(out.values, take_values(bytes, value_count));
  if (bytes.size() != count * kPageRecord) {
    return bad("they do not have the pages that they say");
  }
  out.pages.reserve(count);
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto number = take<std::uint32_t>(bytes);
    if (number >= out.memory_bytes / kPageBytes || (i > 0 && number <= out.pages.back().number)) {
      return bad("a page is not where one can be");
    }
    out.pages.push_back({number, bytes.substr(0, kPageBytes)});
    bytes.remove_prefix(kPageBytes);
  }
  return out;
}

void copy_changed(std::span<const std::byte> from, std::span<std::byte> to) {
  for (std::size_t at = 0; at < from.size(); at += kPageBytes) {
    if (std::memcmp(from.data() + at, to.data() + at, kPageBytes) != 0) {
      std::memcpy(to.data() + at, from.data() + at, kPageBytes);
    }
  }
}

}  // namespace caisson::sandbox
