#include "base/internal/icu_error.h"

#include <fmt/format.h>
#include <unicode/utypes.h>

namespace caisson::base::internal {

std::optional<Error> refuse_too_large(std::string_view text) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 30;
  if (text.size() <= kMostBytes) {
    return std::nullopt;
  }
  return Error{
      Category::kResourceExhausted, "text.too_large",
      fmt::format("a text of {} bytes is too large; at most {} are worked on at once", text.size(), kMostBytes)};
}

Error icu_error(std::string_view doing, int code) {
  return {Category::kInternal, "text.icu",
          fmt::format("cannot {}: ICU reports {}", doing, u_errorName(static_cast<UErrorCode>(code)))};
}

}  // namespace caisson::base::internal
