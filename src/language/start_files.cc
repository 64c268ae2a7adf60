#include "language/internal/start_files.h"

#include <array>

// The files of guests/images, put into the program by images.S.
#define CAISSON_START_FILE(name)                \
  extern "C" const char caisson_start_##name[]; \
  extern "C" const char caisson_start_##name##_end[];
#include "language/internal/start_files.inc"
#undef CAISSON_START_FILE

namespace caisson::language {

namespace {

std::string_view between(const char* begin, const char* end) {
  // NOLINTNEXTLINE(clang-analyzer-security.PointerSub): the assembler put both around one file
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

std::span<const StartFile> start_files() noexcept {
#define CAISSON_START_FILE(name) StartFile{#name, between(caisson_start_##name, caisson_start_##name##_end)},
  static const std::array files = {
#include "language/internal/start_files.inc"
  };
#undef CAISSON_START_FILE
  return files;
}

}  // namespace caisson::language
