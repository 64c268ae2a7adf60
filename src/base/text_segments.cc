#include "base/text_segments.h"

#include "base/internal/icu_error.h"
#include "base/internal/utf8_walk.h"

#include <unicode/brkiter.h>
#include <unicode/locid.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>

#include <cstdint>
#include <memory>

namespace caisson::base {

namespace {

bool is_space(std::int32_t code_point) noexcept {
  if (code_point < 0x80) {
    return code_point == ' ' || (code_point >= '\t' && code_point <= '\r');
  }
  return u_isUWhiteSpace(code_point) != 0;
}

}  // namespace

std::optional<std::string_view> WordCursor::next() noexcept {
  std::size_t begin = text_.size();
  std::size_t end = at_;
  while (end < text_.size()) {
    const internal::Step step = internal::step_at(text_, end);
    const bool space = is_space(step.code_point);
    if (!space && begin == text_.size()) {
      begin = step.begin;
    }
    if (space && begin != text_.size()) {
      break;
    }
    end = step.end;
  }
  at_ = end;
  if (begin == text_.size()) {
    return std::nullopt;
  }
  return text_.substr(begin, end - begin);
}

std::string_view strip_punctuation(std::string_view word) noexcept {
  std::size_t begin = word.size();
  std::size_t end = word.size();
  internal::walk(word, [&](const internal::Step& step) {
    if (step.code_point < 0 || u_ispunct(step.code_point) == 0) {
      begin = begin == word.size() ? step.begin : begin;
      end = step.end;
    }
    return true;
  });
  return begin == word.size() ? std::string_view() : word.substr(begin, end - begin);
}

Result<std::string> reverse_graphemes(std::string_view text) {
  if (auto refused = internal::refuse_too_large(text)) {
    return std::move(*refused);
  }
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<icu::BreakIterator> clusters(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), status));
  const std::unique_ptr<UText, decltype(&utext_close)> input(
      utext_openUTF8(nullptr, text.data(), static_cast<std::int64_t>(text.size()), &status), &utext_close);
  if (U_SUCCESS(status) != 0) {
    clusters->setText(input.get(), status);
  }
  if (U_FAILURE(status) != 0) {
    return internal::icu_error("find the characters of a text", status);
  }
  // The clusters are written from the end of the output to its front.
  std::string out(text.size(), '\0');
  std::size_t left = out.size();
  std::size_t begin = 0;
  for (std::int32_t at = clusters->next(); at != icu::BreakIterator::DONE; at = clusters->next()) {
    const auto end = static_cast<std::size_t>(at);
    left -= end - begin;
    text.copy(out.data() + left, end - begin, begin);
    begin = end;
  }
  return out;
}

}  // namespace caisson::base
