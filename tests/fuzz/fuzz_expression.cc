// An expression: a tree of forms that the evaluator has, over names that it may have, or a refusal that can be shown.

#include "base/unicode.h"
#include "document/parse.h"
#include "fuzz.h"
#include "workflow/expression.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace document = caisson::document;
using caisson::fuzz::require;
using caisson::workflow::Expression;

namespace {

constexpr std::array<std::string_view, 2> kOneOperand = {"not", "-"};
constexpr std::array<std::string_view, 3> kChains = {"compare", "sum", "product"};

/// How many forms a tree has; a tree of another form ends the process.
std::size_t count_forms(const document::Value& tree) {
  require(tree.as_list() != nullptr && tree.as_list()->size() >= 2, "a form is a list");
  const document::List& items = *tree.as_list();
  const std::string* kind = items[0].as_string();
  require(kind != nullptr, "a form has a name");
  if (*kind == "constant") {
    require(items.size() == 2 && items[1].as_list() == nullptr && items[1].as_map() == nullptr, "a constant is simple");
    return 1;
  }
  if (*kind == "name") {
    require(std::all_of(items.begin() + 1, items.end(),
                        [](const document::Value& part) {
                          return part.as_string() != nullptr && !part.as_string()->starts_with("__");
                        }),
            "a name has parts that may be asked for");
    return 1;
  }
  const bool chain = std::ranges::find(kChains, *kind) != kChains.end();
  const bool one = std::ranges::find(kOneOperand, *kind) != kOneOperand.end();
  require(chain || one || *kind == "and" || *kind == "or", "the evaluator has the form");
  require(!one || items.size() == 2, "one operand");
  require(!chain || items.size() % 2 == 0, "a chain begins and ends with an operand");
  std::size_t count = 1;
  for (std::size_t i = 1; i < items.size(); i += chain ? 2 : 1) {
    count += count_forms(items[i]);
  }
  return count;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto expression = Expression::parse(text);
  if (!expression) {
    const std::string& message = expression.error().message;
    require(message.starts_with("rejected expression: "), "a refusal says so");
    require(caisson::base::is_utf8(message) && message.size() < 1'024, "a refusal is short");
    require(std::ranges::none_of(message, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }),
            "a refusal can be shown");
    return 0;
  }
  const auto tree = document::parse_json(expression->tree(), "tree", {.depth = document::ParseLimits::kMaxDepth});
  require(static_cast<bool>(tree) || expression->tree().size() > 1'024, "a tree is JSON");
  if (tree) {
    require(count_forms(*tree) <= 2 * Expression::kMaxParts, "a tree is small");
  }
  for (const auto& name : expression->names()) {
    require(caisson::workflow::is_expression_name(name.name), "a name is one");
  }
  require(Expression::parse(text)->tree() == expression->tree(), "the same text is the same tree");
  return 0;
}
