#include "document/places.h"

#include "document/internal/scalar_text.h"
#include "document/internal/text.h"

#include <string>

namespace caisson::document {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool is_blank(char c) noexcept { return kBlanks.find(c) != std::string_view::npos; }

}  // namespace

Places::Places(std::string_view text)
    : text_(internal::without_byte_order_mark(text)), index_(std::make_unique<internal::TextIndex>(text_)) {}

Places::~Places() = default;

Mark Places::inside(const Value& string, std::size_t offset) const {
  const std::string* value = string.as_string();
  if (value == nullptr || offset >= value->size()) {
    return string.mark();
  }
  if (string.mark().line == 0) {
    const std::size_t at = text_.find(*value);
    const bool once = at != std::string_view::npos && text_.find(*value, at + 1) == std::string_view::npos;
    return once ? index_->mark(at + offset) : Mark{};
  }
  // Blanks are compared nowhere: folding and indentation change them, and nothing else does.
  internal::ScalarText written(text_, index_->offset(string.mark()));
  for (std::size_t i = 0; i <= offset;) {
    if (is_blank((*value)[i])) {
      ++i;
      continue;
    }
    const auto part = written.next();
    if (!part || value->compare(i, part->bytes.size(), part->bytes) != 0) {
      break;
    }
    if (offset < i + part->bytes.size()) {
      return index_->mark(part->offset);
    }
    i += part->bytes.size();
  }
  return string.mark();
}

}  // namespace caisson::document
