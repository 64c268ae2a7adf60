#pragma once

#include "document/internal/problems.h"
#include "document/internal/text.h"
#include "document/parse.h"
#include "document/value.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace caisson::document::internal {

/// A list or map that has begun and not ended.
struct OpenCollection {
  std::size_t offset = 0;
  bool is_map = false;
  bool is_flow = false;  ///< written with brackets or braces
};

/// Builds a Value from a parser's events, keeps the caps, and finds names that are there twice.
///
/// Offsets are of bytes in the text. A function that returns bool says whether the parser may go on: false is the end,
/// and its reason is among the problems.
class Builder {
 public:
  /// All three must outlive the builder.
  Builder(const ParseLimits& limits, const TextIndex& index, Problems& problems)
      : limits_(limits), index_(index), problems_(problems) {}

  /// Whether the next event is a name of a map, not a value.
  [[nodiscard]] bool expects_name() const noexcept;
  /// The innermost one.
  [[nodiscard]] std::optional<OpenCollection> open() const noexcept;
  /// Where the name stands whose value comes next.
  [[nodiscard]] std::optional<std::size_t> name_offset() const noexcept;

  [[nodiscard]] bool begin(const OpenCollection& collection);
  /// Ends the innermost collection.
  [[nodiscard]] bool end();
  /// `bytes`: how long the scalar is.
  [[nodiscard]] bool scalar(Value value, std::size_t offset, std::size_t bytes);
  [[nodiscard]] bool name(std::string name, std::size_t offset);
  /// A name that was reported already: its value is read and forgotten.
  void bad_name() noexcept { frames_.back().next = Next::kForgottenValue; }

  void report(std::string_view reason, std::size_t offset, std::string message) {
    problems_.add(reason, index_.mark(offset), std::move(message));
  }

  /// Looks for duplicate names in what a parse that stopped half-way left open.
  void abandon();
  [[nodiscard]] Value take() && { return std::move(root_); }

 private:
  enum class Next : std::uint8_t { kName, kValue, kForgottenValue };
  struct Frame {
    Value value;
    OpenCollection collection;
    Next next = Next::kName;  ///< of a map
    std::string name;
    std::size_t name_offset = 0;
  };

  [[nodiscard]] bool count(std::size_t offset);
  [[nodiscard]] bool fits(std::size_t bytes, std::string_view what, std::size_t offset);
  void place(Value value, std::size_t offset);
  void report_duplicates(const Map& map);

  const ParseLimits& limits_;
  const TextIndex& index_;
  Problems& problems_;
  std::vector<Frame> frames_;
  Value root_;
  std::size_t values_ = 0;
};

}  // namespace caisson::document::internal
