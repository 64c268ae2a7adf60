#pragma once

#include "observe/audit.h"

#include <chrono>
#include <cstddef>
#include <span>
#include <string>

namespace caisson::observe {

/// An AuditRecord as bytes in a queue: everything that is borrowed is copied, cut to its cap; the names of numbers are
/// not, they outlive the log.

using PackedTime = std::chrono::system_clock::time_point;

/// How many bytes `pack_audit_record` writes.
[[nodiscard]] std::size_t packed_audit_size(const AuditRecord& record) noexcept;

void pack_audit_record(const AuditRecord& record, PackedTime time, std::span<std::byte> out) noexcept;

/// Appends the fields of a packed record to `fields`, as AuditLog::add takes them; gives its time, and how many bytes
/// it took.
struct UnpackedAudit {
  PackedTime time;
  std::size_t size;
};
[[nodiscard]] UnpackedAudit unpack_audit_record(std::span<const std::byte> packed, std::string& fields);

}  // namespace caisson::observe
