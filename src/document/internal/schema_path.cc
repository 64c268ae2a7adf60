#include "document/internal/schema_path.h"

#include "base/unicode.h"

namespace caisson::document::internal {

namespace {

constexpr std::size_t kMostShown = 12;  // of parts, and of these the last ones
constexpr std::size_t kLongestName = 64;

std::string escaped(std::string_view name) {
  std::string out;
  for (const char c : base::printable(base::shorten(name, kLongestName))) {
    if (c == '~' || c == '/') {
      out += c == '~' ? "~0" : "~1";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string SchemaPath::print() const {
  std::string out;
  for (std::size_t i = 0; i < parts_.size(); ++i) {
    if (i == 1 && parts_.size() > kMostShown) {
      i = parts_.size() - kMostShown + 1;
      out += "/…";
    }
    out += '/';
    out += parts_[i].number > 0 ? std::to_string(parts_[i].number - 1) : escaped(parts_[i].name);
  }
  return out;
}

}  // namespace caisson::document::internal
