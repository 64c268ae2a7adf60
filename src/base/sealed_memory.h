#pragma once

#include "base/descriptor.h"

#include <caisson/result.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace caisson::base {

/// Bytes that nobody can change any more, this process included: what was verified is what is used afterwards.
///
/// They lie in a file without a name (memfd_create) that the kernel has sealed. Moves; the bytes stay where they are.
class SealedMemory {
 public:
  /// A copy of the first `size` bytes of an open file, from its beginning; fewer when the file has fewer.
  /// Errors: resource_exhausted / file.no_space; internal / file.io.
  [[nodiscard]] static Result<SealedMemory> copy_of(int fd, std::size_t size);
  [[nodiscard]] static Result<SealedMemory> copy_of(std::string_view bytes);

  SealedMemory(SealedMemory&& other) noexcept;
  SealedMemory& operator=(SealedMemory&&) = delete;
  SealedMemory(const SealedMemory&) = delete;
  SealedMemory& operator=(const SealedMemory&) = delete;
  ~SealedMemory();

  [[nodiscard]] std::string_view view() const noexcept { return {data_, size_}; }
  /// A name under which this process can open the bytes for reading, as long as this lives.
  [[nodiscard]] std::string path() const;

 private:
  explicit SealedMemory(Descriptor file) noexcept : file_(std::move(file)) {}
  [[nodiscard]] Status seal(std::size_t size);

  Descriptor file_;
  const char* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace caisson::base
