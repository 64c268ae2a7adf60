#pragma once

#include <caisson/error.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace caisson::document {

enum class Kind : std::uint8_t { kNull, kBool, kInteger, kNumber, kString, kList, kMap };

/// `null`, `a boolean`, `an integer`, `a number`, `a string`, `a list`, `a map`: for messages.
[[nodiscard]] std::string_view to_string(Kind kind) noexcept;

/// Where a value begins in its text; both count from 1, 0 is unknown (a value that was built, not read).
struct Mark {
  int line = 0;
  int column = 0;

  friend bool operator==(const Mark&, const Mark&) = default;
};

class Value;
struct Entry;
using List = std::vector<Value>;
using Map = std::vector<Entry>;  ///< in the order of the text; names are unique after parsing

/// One value of a document, with the place it was written at. Copyable; equality ignores the marks.
///
/// Integers keep 64 bits; a number with a fraction or exponent, or outside 64 bits, is a double.
class Value {
 public:
  Value() noexcept;  ///< null
  Value(const Value& other);
  Value(Value&& other) noexcept;
  Value& operator=(const Value& other);
  Value& operator=(Value&& other) noexcept;
  ~Value();

  Value(std::nullptr_t) noexcept;
  Value(bool value) noexcept;
  Value(std::int64_t value) noexcept;
  Value(int value) noexcept;
  Value(double value) noexcept;
  Value(std::string value);
  Value(std::string_view value);
  Value(const char* value);
  Value(List value);
  Value(Map value);
  template <typename T>
  Value(const T*) = delete;  // no pointer becomes a bool

  [[nodiscard]] static Value list(std::initializer_list<Value> items = {});
  [[nodiscard]] static Value map(std::initializer_list<Entry> entries = {});

  [[nodiscard]] Kind kind() const noexcept { return static_cast<Kind>(data_.index()); }
  [[nodiscard]] bool is_null() const noexcept { return kind() == Kind::kNull; }

  /// The content when the value has that kind, otherwise nullptr.
  [[nodiscard]] const bool* as_bool() const noexcept { return std::get_if<bool>(&data_); }
  [[nodiscard]] const std::int64_t* as_integer() const noexcept { return std::get_if<std::int64_t>(&data_); }
  [[nodiscard]] const double* as_number() const noexcept { return std::get_if<double>(&data_); }
  [[nodiscard]] const std::string* as_string() const noexcept { return std::get_if<std::string>(&data_); }
  [[nodiscard]] const List* as_list() const noexcept { return std::get_if<List>(&data_); }
  [[nodiscard]] const Map* as_map() const noexcept { return std::get_if<Map>(&data_); }
  [[nodiscard]] List* as_list() noexcept { return std::get_if<List>(&data_); }
  [[nodiscard]] Map* as_map() noexcept { return std::get_if<Map>(&data_); }

  /// The value of a map's entry, or nullptr when there is none or this is no map.
  [[nodiscard]] const Value* find(std::string_view name) const noexcept;

  /// Adds an entry to a map (a null value becomes a map first). Does not look for an older entry of that name.
  Value& set(std::string name, Value value);
  /// Adds an item to a list (a null value becomes a list first).
  Value& push(Value value);

  [[nodiscard]] Mark mark() const noexcept { return mark_; }
  void set_mark(Mark mark) noexcept { mark_ = mark; }

  friend bool operator==(const Value& a, const Value& b);

 private:
  std::variant<std::monostate, bool, std::int64_t, double, std::string, List, Map> data_;
  Mark mark_;
};

/// A named value of a map.
struct Entry {
  std::string name;
  Value value;
  Mark name_mark{};

  friend bool operator==(const Entry& a, const Entry& b) { return a.name == b.name && a.value == b.value; }
};

// Down here because a Value holds entries, and an entry holds a Value.
inline Value::Value() noexcept = default;
inline Value::Value(const Value& other) = default;
inline Value::Value(Value&& other) noexcept = default;
inline Value& Value::operator=(const Value& other) = default;
inline Value& Value::operator=(Value&& other) noexcept = default;
inline Value::~Value() = default;
inline Value::Value(std::nullptr_t) noexcept {}
inline Value::Value(bool value) noexcept : data_(value) {}
inline Value::Value(std::int64_t value) noexcept : data_(value) {}
inline Value::Value(int value) noexcept : data_(std::int64_t{value}) {}
inline Value::Value(double value) noexcept : data_(value) {}
inline Value::Value(std::string value) : data_(std::move(value)) {}
inline Value::Value(std::string_view value) : data_(std::string(value)) {}
inline Value::Value(const char* value) : data_(std::string(value)) {}
inline Value::Value(List value) : data_(std::move(value)) {}
inline Value::Value(Map value) : data_(std::move(value)) {}

}  // namespace caisson::document
