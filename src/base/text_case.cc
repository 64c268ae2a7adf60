#include "base/text_case.h"

#include "base/internal/icu_error.h"

#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/stringoptions.h>
#include <unicode/stringpiece.h>

#include <cstdint>

namespace caisson::base {

namespace {

constexpr const char* kRootLocale = "";

/// Runs one of ICU's mappings from a StringPiece into a ByteSink.
template <typename F>
Result<std::string> map_case(std::string_view text, F&& mapping) {
  if (auto refused = internal::refuse_too_large(text)) {
    return std::move(*refused);
  }
  std::string out;
  out.reserve(text.size());
  icu::StringByteSink<std::string> sink(&out);
  UErrorCode status = U_ZERO_ERROR;
  mapping(icu::StringPiece(text.data(), static_cast<std::int32_t>(text.size())), sink, status);
  if (U_FAILURE(status) != 0) {
    return internal::icu_error("change the case of a text", status);
  }
  return out;
}

}  // namespace

Result<std::string> to_upper(std::string_view text) {
  return map_case(text, [](icu::StringPiece from, icu::ByteSink& to, UErrorCode& status) {
    icu::CaseMap::utf8ToUpper(kRootLocale, 0, from, to, nullptr, status);
  });
}

Result<std::string> to_lower(std::string_view text) {
  return map_case(text, [](icu::StringPiece from, icu::ByteSink& to, UErrorCode& status) {
    icu::CaseMap::utf8ToLower(kRootLocale, 0, from, to, nullptr, status);
  });
}

Result<std::string> capitalize(std::string_view word) {
  return map_case(word, [](icu::StringPiece from, icu::ByteSink& to, UErrorCode& status) {
    icu::CaseMap::utf8ToTitle(kRootLocale, U_TITLECASE_WHOLE_STRING, nullptr, from, to, nullptr, status);
  });
}

}  // namespace caisson::base
