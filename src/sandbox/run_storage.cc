#include "sandbox/run_storage.h"

namespace caisson::sandbox {

namespace {

constexpr std::uint64_t kEntryBytes = 64;  // of the map, however short the key

std::uint64_t bytes_of(std::string_view key, std::string_view value) { return key.size() + value.size() + kEntryBytes; }

}  // namespace

std::optional<std::string> RunStorage::get(std::string_view key) const {
  return values_.with_shared([&](const Values& values) -> std::optional<std::string> {
    const auto found = values.by_key.find(key);
    return found == values.by_key.end() ? std::nullopt : std::optional(found->second);
  });
}

bool RunStorage::set(std::string_view key, std::string_view value, std::uint64_t most_bytes) {
  return values_.with([&](Values& values) {
    const auto found = values.by_key.find(key);
    const std::uint64_t before = found == values.by_key.end() ? 0 : bytes_of(key, found->second);
    const std::uint64_t after = values.bytes - before + bytes_of(key, value);
    if (after > most_bytes) {
      return false;
    }
    values.by_key.insert_or_assign(std::string(key), std::string(value));
    values.bytes = after;
    return true;
  });
}

bool RunStorage::remove(std::string_view key) {
  return values_.with([&](Values& values) {
    const auto found = values.by_key.find(key);
    if (found == values.by_key.end()) {
      return false;
    }
    values.bytes -= bytes_of(key, found->second);
    values.by_key.erase(found);
    return true;
  });
}

void RunStorage::assign(const RunStorage& other) {
  Values copy = other.values_.with_shared([](const Values& values) { return values; });
  values_.with([&](Values& values) { values = std::move(copy); });
}

std::map<std::string, std::string, std::less<>> RunStorage::entries() const {
  return values_.with_shared([](const Values& values) { return values.by_key; });
}

std::uint64_t RunStorage::bytes() const {
  return values_.with_shared([](const Values& values) { return values.bytes; });
}

}  // namespace caisson::sandbox
