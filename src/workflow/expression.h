#pragma once

#include <caisson/result.h>

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// A name that an expression asks for: the first part of `check.score`.
struct ExpressionName {
  std::string name;
  std::size_t column = 1;  ///< where it is first written; counts characters from 1

  friend bool operator==(const ExpressionName&, const ExpressionName&) = default;
};

/// A text that was found to be one of our expressions: constants, names, members of names (`check.score`), `and`, `or`,
/// `not`, comparisons, `+ - * / %` and parentheses, with the meaning that they have in Python. There is nothing in it
/// that could call, index, assign or import.
///
/// Nothing is evaluated here, and the text never becomes part of a program: what is evaluated is `tree`, which is data
/// (ExpressionEvaluator).
/// Source: docs/reference/expressions.md
class Expression {
 public:
  static constexpr std::size_t kMaxBytes = 4096;
  static constexpr std::size_t kMaxDepth = 64;   ///< of parentheses, `not` and signs in one another
  static constexpr std::size_t kMaxParts = 512;  ///< constants, names and operators

  /// Errors: invalid_argument / workflow.bad_expression: `rejected expression: calls are not allowed (column 4)...`
  [[nodiscard]] static Result<Expression> parse(std::string_view text);

  /// That all names are among `known`. Errors: the same, for the first one that is not.
  [[nodiscard]] Status check_names(std::span<const std::string_view> known) const;

  [[nodiscard]] const std::string& text() const noexcept { return text_; }
  /// Each name once, in the order of the text.
  [[nodiscard]] const std::vector<ExpressionName>& names() const noexcept { return names_; }
  [[nodiscard]] bool uses(std::string_view name) const noexcept;
  /// What is evaluated: JSON, lists whose first item says what they are. expression_evaluator.cc reads it.
  [[nodiscard]] const std::string& tree() const noexcept { return tree_; }

  friend bool operator==(const Expression& a, const Expression& b) { return a.text_ == b.text_; }

 private:
  Expression(std::string_view text, std::vector<ExpressionName> names, std::string tree)
      : text_(text), names_(std::move(names)), tree_(std::move(tree)) {}

  std::string text_;
  std::vector<ExpressionName> names_;
  std::string tree_;
};

/// Whether a name can stand in an expression.
[[nodiscard]] bool is_expression_name(std::string_view name) noexcept;

}  // namespace caisson::workflow
