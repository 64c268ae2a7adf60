#include "workflow/expression.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "document/print.h"
#include "workflow/internal/expression_lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;
using Kind = ExpressionToken::Kind;

constexpr std::array<std::string_view, 3> kOperatorWords = {"and", "or", "not"};
constexpr std::array<std::string_view, 6> kComparisons = {"==", "!=", "<", "<=", ">", ">="};
constexpr std::array<std::string_view, 2> kSums = {"+", "-"};
constexpr std::array<std::string_view, 3> kProducts = {"*", "/", "%"};

/// Recursive descent, an operator's level a function, as in Python's grammar. A chain of operators of one level is one
/// list, so the tree is only as deep as the text is nested.
class Parser {
 public:
  explicit Parser(std::string_view text) : lexer_(text) {}

  Result<Value> parse() {
    CAISSON_CHECK(advance());
    if (token_.kind == Kind::kEnd) {
      return rejected("it is empty");
    }
    CAISSON_TRY(Value out, alternatives());
    if (token_.kind != Kind::kEnd) {
      return rejected(why_not_here());
    }
    return out;
  }

  [[nodiscard]] std::vector<ExpressionName> names() && { return std::move(names_); }

 private:
  using Level = Result<Value> (Parser::*)();

  Status advance() {
    CAISSON_TRY(token_, lexer_.next());
    return {};
  }

  [[nodiscard]] Error rejected(std::string_view why) const { return rejected_expression(why, token_.column); }

  /// Why what comes after a whole operand is not allowed.
  [[nodiscard]] std::string why_not_here() const {
    if (token_.is("(")) {
      return "calls are not allowed";
    }
    if (token_.is("[")) {
      return "indexing is not allowed";
    }
    if (token_.is(".")) {
      return "only names have members";
    }
    if (token_.is(")") || token_.is("]")) {
      return fmt::format("'{}' closes nothing", token_.text);
    }
    return fmt::format("an operator is missing before {}", base::quote(base::shorten(token_.text, 64)));
  }

  /// `first OPERATOR next ...` as [`kind`, first, "OPERATOR", next ...]; a single operand as it is.
  template <typename Operators>
  Result<Value> chain(std::string_view kind, const Operators& operators, Level below) {
    CAISSON_TRY(Value first, (this->*below)());
    const auto here = [&] { return std::ranges::any_of(operators, [&](std::string_view o) { return token_.is(o); }); };
    if (!here()) {
      return first;
    }
    Value out = Value::list({kind, std::move(first)});
    while (here()) {
      CAISSON_CHECK(count());
      if (operators.size() > 1) {
        out.push(token_.text);
      }
      CAISSON_CHECK(advance());
      CAISSON_TRY(Value next, (this->*below)());
      out.push(std::move(next));
    }
    return out;
  }

  Result<Value> alternatives() { return chain("or", std::array<std::string_view, 1>{"or"}, &Parser::conjunction); }
  Result<Value> conjunction() { return chain("and", std::array<std::string_view, 1>{"and"}, &Parser::negation); }
  Result<Value> negation() { return prefix("not", &Parser::comparison, &Parser::negation); }
  Result<Value> comparison() { return chain("compare", kComparisons, &Parser::sum); }
  Result<Value> sum() { return chain("sum", kSums, &Parser::product); }
  Result<Value> product() { return chain("product", kProducts, &Parser::signed_operand); }
  Result<Value> signed_operand() { return prefix("-", &Parser::operand, &Parser::signed_operand); }

  Result<Value> prefix(std::string_view symbol, Level below, Level again) {
    if (!token_.is(symbol)) {
      return (this->*below)();
    }
    CAISSON_CHECK(count());
    CAISSON_CHECK(enter());
    CAISSON_CHECK(advance());
    CAISSON_TRY(Value operand, (this->*again)());
    --depth_;
    return Value::list({symbol, std::move(operand)});
  }

  Result<Value> operand() {
    CAISSON_CHECK(count());
    if (token_.kind == Kind::kConstant) {
      Value out = Value::list({"constant", std::move(token_.constant)});
      CAISSON_CHECK(advance());
      return out;
    }
    if (token_.kind == Kind::kName && std::ranges::find(kOperatorWords, token_.text) == kOperatorWords.end()) {
      return dotted_name();
    }
    if (token_.is("(")) {
      return parenthesis();
    }
    if (token_.is("[")) {
      return rejected("lists are not allowed");
    }
    return rejected(token_.kind == Kind::kEnd ? "a value is missing at the end"
                                              : fmt::format("a value is missing before '{}'", token_.text));
  }

  Result<Value> parenthesis() {
    const std::size_t column = token_.column;
    CAISSON_CHECK(enter());
    CAISSON_CHECK(advance());
    CAISSON_TRY(Value out, alternatives());
    if (token_.kind == Kind::kEnd) {
      return rejected_expression("'(' is not closed", column);
    }
    if (!token_.is(")")) {
      return rejected(why_not_here());
    }
    --depth_;
    CAISSON_CHECK(advance());
    return out;
  }

  Result<Value> dotted_name() {
    Value out = Value::list({"name", token_.text});
    if (std::ranges::find(names_, token_.text, &ExpressionName::name) == names_.end()) {
      names_.push_back({std::string(token_.text), token_.column});
    }
    CAISSON_CHECK(advance());
    while (token_.is(".")) {
      CAISSON_CHECK(count());
      CAISSON_CHECK(advance());
      if (token_.kind != Kind::kName) {
        return rejected("a name is missing behind '.'");
      }
      out.push(token_.text);
      CAISSON_CHECK(advance());
    }
    return out;
  }

  Status enter() {
    return ++depth_ > Expression::kMaxDepth
               ? Status(rejected(fmt::format("it is nested more than {} deep", Expression::kMaxDepth)))
               : Status();
  }
  Status count() {
    return ++parts_ > Expression::kMaxParts
               ? Status(rejected(fmt::format("it has more than {} parts", Expression::kMaxParts)))
               : Status();
  }

  ExpressionLexer lexer_;
  ExpressionToken token_;
  std::vector<ExpressionName> names_;
  std::size_t depth_ = 0;
  std::size_t parts_ = 0;
};

}  // namespace

Result<Expression> Expression::parse(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return rejected_expression(fmt::format("it has {} bytes; at most {} are allowed", text.size(), kMaxBytes), 1);
  }
  if (const auto place = base::find_invalid_utf8(text)) {
    return rejected_expression("it is not UTF-8", base::count_code_points(text.substr(0, *place)) + 1);
  }
  Parser parser(text);
  CAISSON_TRY(const Value tree, parser.parse());
  return Expression(text, std::move(parser).names(), document::to_json(tree));
}

Status Expression::check_names(std::span<const std::string_view> known) const {
  for (const ExpressionName& used : names_) {
    if (std::ranges::find(known, used.name) == known.end()) {
      constexpr std::size_t kShown = 10;
      std::string list = fmt::format("{}", fmt::join(known.first(std::min(known.size(), kShown)), ", "));
      list += known.size() > kShown ? " ..." : "";
      return Error{Category::kInvalidArgument, "workflow.bad_expression",
                   fmt::format("rejected expression: unknown name '{}' (column {}); the names here are {}{}",
                               base::shorten(used.name, 64), used.column, base::printable(list),
                               base::did_you_mean(used.name, known))};
    }
  }
  return {};
}

bool Expression::uses(std::string_view name) const noexcept {
  return std::ranges::find(names_, name, &ExpressionName::name) != names_.end();
}

bool is_expression_name(std::string_view name) noexcept {
  if (name.empty() || !begins_name(name.front()) || !std::ranges::all_of(name, continues_name)) {
    return false;
  }
  const auto parsed = Expression::parse(name.substr(0, Expression::kMaxBytes));
  return parsed && parsed->names().size() == 1;
}

}  // namespace caisson::workflow
