#include "document/value.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace caisson::document {

namespace {

constexpr std::array<std::string_view, 7> kKindNames = {"null",     "a boolean", "an integer", "a number",
                                                        "a string", "a list",    "a map"};
static_assert(kKindNames.size() == static_cast<std::size_t>(Kind::kMap) + 1);

}  // namespace

std::string_view to_string(Kind kind) noexcept {
  const auto index = static_cast<std::size_t>(kind);
  return index < kKindNames.size() ? kKindNames[index] : kKindNames.front();
}

Value Value::list(std::initializer_list<Value> items) { return List(items); }
Value Value::map(std::initializer_list<Entry> entries) { return Map(entries); }

const Value* Value::find(std::string_view name) const noexcept {
  const Map* entries = as_map();
  if (entries == nullptr) {
    return nullptr;
  }
  const auto found = std::ranges::find(*entries, name, &Entry::name);
  return found == entries->end() ? nullptr : &found->value;
}

Value& Value::set(std::string name, Value value) {
  if (is_null()) {
    data_.emplace<Map>();
  }
  return std::get<Map>(data_).emplace_back(Entry{std::move(name), std::move(value)}).value;
}

Value& Value::push(Value value) {
  if (is_null()) {
    data_.emplace<List>();
  }
  return std::get<List>(data_).emplace_back(std::move(value));
}

bool operator==(const Value& a, const Value& b) { return a.data_ == b.data_; }

}  // namespace caisson::document
