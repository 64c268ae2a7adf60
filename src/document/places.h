#pragma once

#include "document/value.h"

#include <cstddef>
#include <memory>
#include <string_view>

namespace caisson::document {

namespace internal {
class TextIndex;
}

/// Where the parts of a document's strings stand in its text: a value knows only where it begins.
class Places {
 public:
  /// `text` outlives it.
  explicit Places(std::string_view text);
  ~Places();
  Places(const Places&) = delete;
  Places& operator=(const Places&) = delete;

  /// The place of the character at `offset` of a string, which is no blank.
  ///
  /// Of a string that parse_yaml or parse_json read: exactly there, whatever quotes, escapes, indentation and folded
  /// lines are before it; where the string begins when it does not stand in the text so far as it is now. Of a string
  /// without a place: in the text where it is written as it is, if that is once; otherwise nowhere.
  [[nodiscard]] Mark inside(const Value& string, std::size_t offset) const;

 private:
  std::string_view text_;
  std::unique_ptr<internal::TextIndex> index_;
};

}  // namespace caisson::document
