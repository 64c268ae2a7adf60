#include "document/places.h"

#include "document/internal/scalar_text.h"
#include "document/internal/text.h"

#include <cstring>
#include <string>

namespace caisson::document {

namespace {

constexpr std::string_view kBlanks = " \t\r\n";

/// The first place of `what`, or npos; in time that grows with the sum of both, whatever they are.
std::size_t find(std::string_view in, std::string_view what, std::size_t from) {
  if (what.size() > in.size() - from) {
    return std::string_view::npos;
  }
  const void* found = ::memmem(in.data() + from, in.size() - from, what.data(), what.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<std::size_t>(static_cast<const char*>(found) - in.data());
}

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
    const std::size_t at = find(text_, *value, 0);
    const bool once = at != std::string_view::npos && find(text_, *value, at + 1) == std::string_view::npos;
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
