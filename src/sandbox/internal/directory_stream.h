#pragma once

#include "base/descriptor.h"
#include "sandbox/internal/file_status.h"
#include "sandbox/internal/wasi_types.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace caisson::sandbox {

/// The entries of one directory, in the file system's order, from any place that a cookie names. Holds one descriptor
/// and a few KiB however large the directory is.
///
/// Cookies are the file system's own positions, which stay valid while entries come and go. An entry that is there all
/// the while is returned exactly once by a listing from the beginning. Names that are not UTF-8, which no path could
/// name, are left out. `..` has the directory's own number: what lies above is nobody's business.
class DirectoryStream {
 public:
  /// `listing` is open for reading, and used by nobody else.
  explicit DirectoryStream(base::Descriptor listing) : listing_(std::move(listing)) {}

  /// Fills `out` with encoded entries from `cookie` on (0 is the beginning), cutting the last one short when it does
  /// not fit. Less than all of `out` is filled only at the end of the directory.
  [[nodiscard]] wasi::OrErrno<std::size_t> read(std::span<std::byte> out, std::uint64_t cookie,
                                                const FileIdentity& identity);

 private:
  [[nodiscard]] wasi::Errno seek(std::uint64_t cookie);
  /// Gets the next entries from the kernel when all are used. kNoent at the end.
  [[nodiscard]] wasi::Errno refill();

  base::Descriptor listing_;
  alignas(std::uint64_t) std::array<char, 4096> entries_;
  std::size_t size_ = 0;
  std::size_t at_ = 0;
  std::uint64_t cookie_ = 0;  ///< of the entry at `at_`
};

}  // namespace caisson::sandbox
