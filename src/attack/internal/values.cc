#include "attack/internal/values.h"

#include <fstream>
#include <iterator>
#include <system_error>

namespace caisson::attack {

using document::Value;

const std::string* find_text(const Value& value, std::string_view name) {
  const Value* found = value.find(name);
  return found == nullptr ? nullptr : found->as_string();
}

const std::int64_t* find_number(const Value& value, std::string_view name) {
  const Value* found = value.find(name);
  return found == nullptr ? nullptr : found->as_integer();
}

std::string text_of(const Value& value, std::string_view name) {
  const std::string* found = find_text(value, name);
  return found == nullptr ? std::string() : *found;
}

std::int64_t number_of(const Value& value, std::string_view name, std::int64_t otherwise) {
  const std::int64_t* found = find_number(value, name);
  return found == nullptr ? otherwise : *found;
}

std::string read_bytes(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

bool write_bytes(const std::filesystem::path& path, std::string_view bytes) {
  std::error_code ignored;
  std::filesystem::create_directories(path.parent_path(), ignored);
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  return file.flush().good();
}

}  // namespace caisson::attack
