#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::cli {

/// A file that is part of the program: an example, or a module of one (`examples/wasm_components/hello.wasm`).
struct File {
  std::string_view path;
  std::string_view bytes;
};

/// All of them, in the order of their paths.
[[nodiscard]] std::span<const File> files() noexcept;
/// nullptr when there is none of that path.
[[nodiscard]] const File* find_file(std::string_view path) noexcept;

/// The workflows among them, in order.
[[nodiscard]] std::vector<const File*> examples();
/// The example of that name: `04-wasm-integration.yaml`, with or without its ending, or its number alone.
[[nodiscard]] const File* find_example(std::string_view name);
/// `04-wasm-integration.yaml`
[[nodiscard]] std::string_view name_of(const File& example) noexcept;
/// The comment that an example begins with, as lines without their signs.
[[nodiscard]] std::vector<std::string_view> comment_of(const File& example);
/// What it is, in a sentence: the first of its comment, or its description.
[[nodiscard]] std::string summary_of(const File& example);

}  // namespace caisson::cli
