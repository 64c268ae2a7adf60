#include "base/domain_name.h"

#include "base/internal/icu_error.h"
#include "base/unicode.h"

#include <fmt/format.h>
#include <unicode/idna.h>
#include <unicode/stringpiece.h>

#include <algorithm>
#include <memory>

namespace caisson::base {

namespace {

constexpr std::size_t kMostBytes = 253;
constexpr std::size_t kMostLabel = 63;

Error bad(std::string_view name, std::string_view why) {
  return {Category::kInvalidArgument, "text.bad_domain",
          fmt::format("{} is no name of a host: {}", quote(shorten(name, 80)), why)};
}

bool is_plain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
}

/// What is wrong with a name in ASCII; empty when nothing is.
std::string_view wrong_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kMostBytes) {
    return "it has from 1 to 253 bytes";
  }
  if (!std::ranges::all_of(name, is_plain)) {
    return "it has letters, digits, '-', '_' and dots";
  }
  for (std::size_t begin = 0; begin <= name.size();) {
    const std::size_t end = std::min(name.find('.', begin), name.size());
    if (end == begin || end - begin > kMostLabel) {
      return "between two dots are from 1 to 63 bytes";
    }
    begin = end + 1;
  }
  return {};
}

}  // namespace

Result<std::string> to_ascii_domain(std::string_view name) {
  // More than this is no name, however it is written; and what is checked is not as large as somebody else wants.
  if (name.size() > 4 * kMostBytes || !is_utf8(name)) {
    return bad(name, "it is too long, or not UTF-8");
  }
  UErrorCode code = U_ZERO_ERROR;
  constexpr std::uint32_t kOptions = UIDNA_NONTRANSITIONAL_TO_ASCII | UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ;
  const std::unique_ptr<icu::IDNA> idna(icu::IDNA::createUTS46Instance(kOptions, code));
  if (U_FAILURE(code) != 0) {
    return internal::icu_error("read a domain name", code);
  }
  std::string out;
  icu::StringByteSink<std::string> sink(&out);
  icu::IDNAInfo info;
  idna->nameToASCII_UTF8(icu::StringPiece(name.data(), static_cast<std::int32_t>(name.size())), sink, info, code);
  if (U_FAILURE(code) != 0) {
    return internal::icu_error("read a domain name", code);
  }
  if (out.ends_with('.')) {
    out.pop_back();
  }
  // A `-` in the third and fourth place, or at an end, is in names that work.
  constexpr std::uint32_t kHyphens = UIDNA_ERROR_LEADING_HYPHEN | UIDNA_ERROR_TRAILING_HYPHEN | UIDNA_ERROR_HYPHEN_3_4;
  if ((info.getErrors() & ~kHyphens) != 0) {
    return bad(name, "it has a label that no name can have");
  }
  if (const std::string_view wrong = wrong_name(out); !wrong.empty()) {
    return bad(name, wrong);
  }
  return out;
}

}  // namespace caisson::base
