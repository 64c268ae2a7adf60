#pragma once

#include "base/digest.h"
#include "sandbox/session.h"

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::sandbox {

/// Memory is compared, copied and kept in pieces of this size.
inline constexpr std::size_t kPageBytes = 4096;

/// A session as bytes:
///
///     "caisson session\n"  version  pages  values  image  rights  memory size  calls, usage
///     values: sizes, key, value ...  pages: number, bytes ...  seal
///
/// Numbers are little-endian; the seal is HMAC-SHA-256 over everything before it.
struct Snapshot {
  struct Page {
    std::uint32_t number = 0;
    std::string_view bytes;  ///< kPageBytes
  };
  base::Digest image;
  base::Digest rights;  ///< SessionSetup::rights
  std::uint64_t memory_bytes = 0;
  SessionTotals totals{};
  std::vector<std::pair<std::string_view, std::string_view>> values{};  ///< what `kv` keeps: keys and values
  std::vector<Page> pages{};                                            ///< by their numbers, each inside of the memory
};

/// The bytes of a snapshot whose pages are those of `memory` that differ from `image_memory`, or are beyond it and not
/// zero. `snapshot.pages` is not looked at.
[[nodiscard]] std::string write_snapshot(const Snapshot& snapshot, std::span<const std::byte> memory,
                                         std::span<const std::byte> image_memory, std::string_view key);

/// Reads bytes that may hold anything. Lifetime: values and pages are views of `bytes`.
/// Errors: data_loss / sandbox.bad_snapshot.
[[nodiscard]] Result<Snapshot> read_snapshot(std::string_view bytes, std::string_view key);

/// Makes `to` what `from` is, and writes only the pages that differ. The sizes are equal, and whole pages.
void copy_changed(std::span<const std::byte> from, std::span<std::byte> to);

}  // namespace caisson::sandbox
