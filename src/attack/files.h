#pragma once

#include <span>
#include <string_view>

namespace caisson::attack {

/// A file that is part of the program: a case, a guest of a case (`SA-005_spin_br/attack.wasm`), or a sample guest
/// (`probe.wasm`, `wat/feature_gc.wasm`).
struct File {
  std::string_view path;
  std::string_view bytes;
};

/// All of them, in the order of their paths.
[[nodiscard]] std::span<const File> files() noexcept;
/// nullptr when there is none of that path.
[[nodiscard]] const File* find_file(std::string_view path) noexcept;

}  // namespace caisson::attack
