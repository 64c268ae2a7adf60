#include "observe/internal/audit_line.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace caisson::observe {

namespace {

constexpr std::string_view kNoHash = "0000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kPrev = R"(,"prev":")";
constexpr std::string_view kHash = R"(","hash":")";
constexpr std::string_view kEnd = R"("})";
constexpr std::size_t kTimeSize = std::string_view("2026-11-21T14:28:27.123456Z").size();

bool is_hash(std::string_view text) noexcept {
  return text.size() == kNoHash.size() &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool take(std::string_view& text, std::string_view expected) noexcept {
  if (!text.starts_with(expected)) {
    return false;
  }
  text.remove_prefix(expected.size());
  return true;
}

/// A whole number without leading zeros, as it was printed.
std::optional<std::uint64_t> take_number(std::string_view& text) noexcept {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (error != std::errc{} || (digits > 1 && text.front() == '0')) {
    return std::nullopt;
  }
  text.remove_prefix(digits);
  return number;
}

/// Up to the quote that ends it; no escapes.
std::optional<std::string_view> take_word(std::string_view& text) noexcept {
  const std::size_t size = text.find('"');
  if (size == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view word = text.substr(0, size);
  text.remove_prefix(size + 1);
  return word;
}

constexpr bool is_plain(char c) noexcept { return c >= 0x20 && c < 0x7F && c != '"' && c != '\\'; }

void append_escape(std::string& out, std::uint32_t unit) {
  static constexpr char kDigits[] = "0123456789abcdef";
  const std::array escape = {
      '\\', 'u', kDigits[(unit >> 12) & 15], kDigits[(unit >> 8) & 15], kDigits[(unit >> 4) & 15], kDigits[unit & 15]};
  out.append(escape.data(), escape.size());
}

/// One code point at the beginning of valid UTF-8, and the bytes it takes.
std::pair<std::uint32_t, std::size_t> first_code_point(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) {
    return {first, 1};
  }
  if (first < 0xE0) {
    return {(first & 0x1F) << 6 | (byte(1) & 0x3F), 2};
  }
  if (first < 0xF0) {
    return {(first & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F), 3};
  }
  return {(first & 0x07) << 18 | (byte(1) & 0x3F) << 12 | (byte(2) & 0x3F) << 6 | (byte(3) & 0x3F), 4};
}

void append_valid(std::string& out, std::string_view text) {
  while (!text.empty()) {
    const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
    out.append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) {
      return;
    }
    const auto [code, size] = first_code_point(text);
    if (code == '"' || code == '\\') {
      out += '\\';
      out += static_cast<char>(code);
    } else if (code < 0x10000) {
      append_escape(out, code);
    } else {
      append_escape(out, 0xD800 + ((code - 0x10000) >> 10));
      append_escape(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
    }
    text.remove_prefix(size);
  }
}

}  // namespace

std::string_view first_audit_hash() noexcept { return kNoHash; }

std::string audit_hash(std::string_view key, std::string_view bytes) {
  return (key.empty() ? base::sha256(bytes) : base::hmac_sha256(key, {bytes})).hex();
}

std::optional<AuditFrame> parse_audit_frame(std::string_view line) noexcept {
  const std::size_t tail = kPrev.size() + kNoHash.size() + kHash.size() + kNoHash.size() + kEnd.size();
  if (line.size() < tail || line.size() > kMaxAuditLine || !line.ends_with(kEnd) ||
      !std::ranges::all_of(line, [](char c) { return c >= 0x20 && c < 0x7F; })) {
    return std::nullopt;
  }
  AuditFrame frame;
  std::string_view end = line.substr(line.size() - tail);
  std::string_view rest = line.substr(0, line.size() - tail);
  if (!take(end, kPrev)) {
    return std::nullopt;
  }
  frame.prev = end.substr(0, kNoHash.size());
  end.remove_prefix(kNoHash.size());
  if (!take(end, kHash)) {
    return std::nullopt;
  }
  frame.hash = end.substr(0, kNoHash.size());
  frame.sealed = line.substr(0, line.size() - kHash.size() - kNoHash.size() - kEnd.size() + 1);
  if (!is_hash(frame.prev) || !is_hash(frame.hash) || !take(rest, R"({"seq":)")) {
    return std::nullopt;
  }
  const auto sequence = take_number(rest);
  if (!sequence || *sequence == 0 || !take(rest, R"(,"time":")")) {
    return std::nullopt;
  }
  frame.sequence = *sequence;
  const auto time = take_word(rest);
  if (!time || time->size() != kTimeSize || !take(rest, R"(,"type":")")) {
    return std::nullopt;
  }
  const auto type = take_word(rest);
  if (!type || type->empty() || !(rest.empty() || rest.front() == ',')) {
    return std::nullopt;
  }
  frame.type = *type;
  frame.fields = rest;
  return frame;
}

std::optional<std::uint64_t> first_audit_number(std::string_view fields, std::string_view name) noexcept {
  if (!take(fields, ",\"") || !take(fields, name) || !take(fields, "\":")) {
    return std::nullopt;
  }
  return take_number(fields);
}

void append_audit_string(std::string& out, std::string_view text) {
  out += '"';
  const auto plain = static_cast<std::size_t>(std::ranges::find_if_not(text, is_plain) - text.begin());
  out.append(text.substr(0, plain));  // nearly always all of it
  text.remove_prefix(plain);
  while (!text.empty()) {
    const std::size_t valid = base::find_invalid_utf8(text).value_or(text.size());
    append_valid(out, text.substr(0, valid));
    text.remove_prefix(valid);
    if (!text.empty()) {
      append_escape(out, static_cast<unsigned char>(text.front()));
      text.remove_prefix(1);
    }
  }
  out += '"';
}

void append_audit_number(std::string& out, std::uint64_t number) {
  std::array<char, 20> digits{};
  const auto result = std::to_chars(digits.data(), digits.data() + digits.size(), number);
  out.append(digits.data(), static_cast<std::size_t>(result.ptr - digits.data()));
}

void AuditTime::append(std::string& out, std::chrono::system_clock::time_point time) {
  using std::chrono::floor;
  const auto second = floor<std::chrono::seconds>(time);
  if (second != second_ || text_.empty()) {
    const auto day = floor<std::chrono::days>(second);
    const std::chrono::year_month_day date(day);
    const std::chrono::hh_mm_ss clock(second - day);
    text_ = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.", static_cast<int>(date.year()),
                        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                        clock.minutes().count(), clock.seconds().count());
    second_ = second;
  }
  out += text_;
  std::array<char, 7> digits{};
  auto micros = static_cast<unsigned>(floor<std::chrono::microseconds>(time - second).count());
  for (std::size_t i = 6; i-- > 0; micros /= 10) {
    digits[i] = static_cast<char>('0' + micros % 10);
  }
  digits[6] = 'Z';
  out.append(digits.data(), digits.size());
}

}  // namespace caisson::observe
