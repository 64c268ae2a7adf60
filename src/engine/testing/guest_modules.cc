#include "engine/testing/guest_modules.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace caisson::engine {

namespace {
std::filesystem::path folder() { return std::filesystem::path(CAISSON_SOURCE_DIR) / "guests/samples/built"; }
}  // namespace

std::string guest_module(std::string_view name) {
  const std::filesystem::path path = folder() / (std::string(name) + ".wasm");
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    throw std::runtime_error("no such guest module: " + path.native());
  }
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> guest_module_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder())) {
    if (entry.path().extension() == ".wasm") {
      names.push_back(entry.path().lexically_relative(folder()).replace_extension().native());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace caisson::engine
