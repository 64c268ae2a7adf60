#include "observe/internal/audit_packing.h"

#include "observe/internal/audit_line.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace caisson::observe {

namespace {

constexpr std::size_t kText = AuditRecord::kMaxTextBytes;
constexpr std::size_t kDescription = AuditRecord::kMaxDescriptionBytes;
constexpr std::size_t kRequest = AuditRecord::kMaxRequestBytes;

/// A byte becomes six characters at most, and a cut six more; with quotes, commas and digits of a number.
constexpr std::size_t longest(std::size_t bytes) { return 6 * (bytes + 1) + 32; }
static_assert(1024 + 4 * longest(kText) + 2 * AuditRecord::kMaxNumbers * longest(64) +
                      AuditRecord::kMaxRequests * longest(kRequest) +
                      AuditRecord::kMaxViolations * (longest(kDescription) + 2 * longest(64)) <
                  kMaxAuditLine,
              "every record fits into a line");
constexpr std::size_t kWord = 64;  ///< of names of numbers, kinds and severities

struct Head {
  std::uint64_t call;
  PackedTime time;
  base::Digest module;
  base::Digest policy;
  std::uint32_t usage;
  std::uint32_t host_calls;
  std::uint32_t http;
  std::uint32_t more_http;
  std::uint32_t violations;
  std::uint32_t more_violations;
  bool has_module;
  bool has_policy;
};

std::size_t kept(std::string_view text, std::size_t cap) noexcept { return std::min(text.size(), cap); }

template <typename T>
std::size_t kept(std::span<const T> items, std::size_t cap) noexcept {
  return std::min(items.size(), cap);
}

/// Sizes of texts are kept whole, so that a reader sees what was cut.
class Packer {
 public:
  explicit Packer(std::byte* at) noexcept : at_(at) {}

  template <typename T>
  void value(const T& value) noexcept {
    std::memcpy(at_, static_cast<const void*>(&value), sizeof value);
    at_ += sizeof value;
  }
  void text(std::string_view text, std::size_t cap) noexcept {
    const std::size_t size = kept(text, cap);
    value(static_cast<std::uint16_t>(size));
    value(static_cast<std::uint16_t>(text.size() > cap ? 1 : 0));
    if (size > 0) {
      std::memcpy(at_, text.data(), size);
      at_ += size;
    }
  }
  void numbers(std::span<const AuditNumber> numbers) noexcept {
    for (const auto& [name, number] : numbers) {
      value(name.data());
      value(name.size());
      value(number);
    }
  }

 private:
  std::byte* at_;
};

constexpr std::size_t kTextHead = 2 * sizeof(std::uint16_t);
constexpr std::size_t kNumberSize = sizeof(const char*) + sizeof(std::size_t) + sizeof(std::uint64_t);

class Unpacker {
 public:
  explicit Unpacker(std::span<const std::byte> bytes) noexcept : begin_(bytes.data()), at_(bytes.data()) {}

  template <typename T>
  [[nodiscard]] T value() noexcept {
    T value;
    std::memcpy(static_cast<void*>(&value), at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  void text(std::string& out) {
    const auto size = value<std::uint16_t>();
    const bool cut = value<std::uint16_t>() != 0;
    append_cut({reinterpret_cast<const char*>(at_), size}, cut, out);
    at_ += size;
  }
  /// `{"name":1,...}`
  void numbers(std::size_t count, std::string& out) {
    out += '{';
    for (std::size_t i = 0; i < count; ++i) {
      const auto* const data = value<const char*>();
      const std::string_view name(data, value<std::size_t>());
      out += i == 0 ? "" : ",";
      append_cut(name.substr(0, kWord), name.size() > kWord, out);
      out += ':';
      append_audit_number(out, value<std::uint64_t>());
    }
    out += '}';
  }
  [[nodiscard]] std::size_t used() const noexcept { return static_cast<std::size_t>(at_ - begin_); }

 private:
  static void append_cut(std::string_view text, bool cut, std::string& out) {
    const auto is_middle = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; };
    if (cut) {  // not within a character
      std::size_t size = text.size();
      while (size > 0 && text.size() - size < 3 && is_middle(text[size - 1])) {
        --size;
      }
      if (size > 0 && (static_cast<unsigned char>(text[size - 1]) & 0xC0) == 0xC0) {
        --size;
      }
      text = text.substr(0, size);
    }
    append_audit_string(out, text);
    if (cut) {
      out.pop_back();
      out += "\\u2026\"";
    }
  }

  const std::byte* begin_;
  const std::byte* at_;
};

}  // namespace

std::size_t packed_audit_size(const AuditRecord& record) noexcept {
  std::size_t size =
      sizeof(Head) + 4 * kTextHead + kept(record.run, kText) + kept(record.node, kText) + kept(record.status, kText) +
      kept(record.reason, kText) +
      (kept(record.usage, AuditRecord::kMaxNumbers) + kept(record.host_calls, AuditRecord::kMaxNumbers)) * kNumberSize;
  for (const AuditNumber& request : record.http.first(kept(record.http, AuditRecord::kMaxRequests))) {
    size += kTextHead + kept(request.first, kRequest) + sizeof request.second;
  }
  for (const AuditViolation& violation :
       record.violations.first(kept(record.violations, AuditRecord::kMaxViolations))) {
    size += 3 * kTextHead + kept(violation.kind, kWord) + kept(violation.severity, kWord) +
            kept(violation.description, kDescription);
  }
  return size;
}

void pack_audit_record(const AuditRecord& record, PackedTime time, std::span<std::byte> out) noexcept {
  const std::size_t usage = kept(record.usage, AuditRecord::kMaxNumbers);
  const std::size_t host_calls = kept(record.host_calls, AuditRecord::kMaxNumbers);
  const std::size_t http = kept(record.http, AuditRecord::kMaxRequests);
  const std::size_t violations = kept(record.violations, AuditRecord::kMaxViolations);
  Packer packer(out.data());
  packer.value(Head{.call = record.call,
                    .time = time,
                    .module = record.module.value_or(base::Digest{}),
                    .policy = record.policy.value_or(base::Digest{}),
                    .usage = static_cast<std::uint32_t>(usage),
                    .host_calls = static_cast<std::uint32_t>(host_calls),
                    .http = static_cast<std::uint32_t>(http),
                    .more_http = static_cast<std::uint32_t>(record.http.size() - http),
                    .violations = static_cast<std::uint32_t>(violations),
                    .more_violations = static_cast<std::uint32_t>(record.violations.size() - violations),
                    .has_module = record.module.has_value(),
                    .has_policy = record.policy.has_value()});
  for (const std::string_view text : {record.run, record.node, record.status, record.reason}) {
    packer.text(text, kText);
  }
  packer.numbers(record.usage.first(usage));
  packer.numbers(record.host_calls.first(host_calls));
  for (const auto& [name, count] : record.http.first(http)) {
    packer.text(name, kRequest);
    packer.value(count);
  }
  for (const AuditViolation& violation : record.violations.first(violations)) {
    packer.text(violation.kind, kWord);
    packer.text(violation.severity, kWord);
    packer.text(violation.description, kDescription);
  }
}

UnpackedAudit unpack_audit_record(std::span<const std::byte> packed, std::string& fields) {
  Unpacker unpacker(packed);
  const Head head = unpacker.value<Head>();
  fields += R"(,"call":)";
  append_audit_number(fields, head.call);
  fields += R"(,"run":)";
  unpacker.text(fields);
  fields += R"(,"node":)";
  unpacker.text(fields);
  const auto digest = [&](std::string_view name, bool there, const base::Digest& value) {
    fields += name;
    fields += there ? "\"" + value.hex() + "\"" : std::string("null");
  };
  digest(R"(,"module":)", head.has_module, head.module);
  digest(R"(,"policy":)", head.has_policy, head.policy);
  fields += R"(,"status":)";
  unpacker.text(fields);
  fields += R"(,"reason":)";
  unpacker.text(fields);
  fields += R"(,"usage":)";
  unpacker.numbers(head.usage, fields);
  fields += R"(,"host_calls":)";
  unpacker.numbers(head.host_calls, fields);
  if (head.http > 0) {
    fields += R"(,"http":)";
    for (std::uint32_t i = 0; i < head.http; ++i) {
      fields += i == 0 ? '{' : ',';
      unpacker.text(fields);
      fields += ':';
      append_audit_number(fields, unpacker.value<std::uint64_t>());
    }
    fields += '}';
  }
  if (head.more_http > 0) {
    fields += R"(,"more_http":)";
    append_audit_number(fields, head.more_http);
  }
  fields += R"(,"violations":[)";
  for (std::uint32_t i = 0; i < head.violations; ++i) {
    fields += i == 0 ? R"({"kind":)" : R"(,{"kind":)";
    unpacker.text(fields);
    fields += R"(,"severity":)";
    unpacker.text(fields);
    fields += R"(,"description":)";
    unpacker.text(fields);
    fields += '}';
  }
  fields += ']';
  if (head.more_violations > 0) {
    fields += R"(,"more_violations":)";
    append_audit_number(fields, head.more_violations);
  }
  return {head.time, unpacker.used()};
}

}  // namespace caisson::observe
