#pragma once

#include "document/value.h"

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::workflow {

/// A piece of an expression.
struct ExpressionToken {
  enum class Kind : std::uint8_t { kEnd, kConstant, kName, kSymbol };
  Kind kind = Kind::kEnd;
  std::string_view text;     ///< as written
  document::Value constant;  ///< of kConstant
  std::size_t column = 1;    ///< in characters

  [[nodiscard]] bool is(std::string_view symbol) const noexcept {
    return (kind == Kind::kSymbol || kind == Kind::kName) && text == symbol;
  }
};

/// Reads an expression piece by piece. Names are checked to be names that an expression may have; of symbols only those
/// of the grammar come out, and brackets, which the parser has words for.
class ExpressionLexer {
 public:
  /// `text`: UTF-8.
  explicit ExpressionLexer(std::string_view text) noexcept : text_(text) {}

  /// Errors: those of Expression::parse.
  [[nodiscard]] Result<ExpressionToken> next();

 private:
  [[nodiscard]] Result<ExpressionToken> number();
  [[nodiscard]] Result<ExpressionToken> string();
  [[nodiscard]] Status escape(std::string& out);
  [[nodiscard]] Result<ExpressionToken> name();
  [[nodiscard]] Result<ExpressionToken> symbol();
  [[nodiscard]] ExpressionToken token(ExpressionToken::Kind kind, std::size_t begin) const;
  [[nodiscard]] Error rejected(std::string_view why, std::size_t at) const;
  [[nodiscard]] char at(std::size_t place) const noexcept { return place < text_.size() ? text_[place] : '\0'; }

  std::string_view text_;
  std::size_t at_ = 0;
};

/// `rejected expression: WHY (column N); allowed are ...`
[[nodiscard]] Error rejected_expression(std::string_view why, std::size_t column);

[[nodiscard]] bool begins_name(char c) noexcept;
[[nodiscard]] bool continues_name(char c) noexcept;

}  // namespace caisson::workflow
