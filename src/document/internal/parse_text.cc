#include "document/internal/parse_text.h"

#include "document/internal/problems.h"

#include <fmt/format.h>

#include <utility>

namespace caisson::document::internal {

Result<Value> parse_text(std::string_view text, std::string_view file, Syntax syntax, const ParseLimits& limits,
                         Reader read) {
  Problems problems(file);
  if (text.size() > limits.bytes) {
    problems.add("document.too_large", Mark{},
                 fmt::format("the text has {} bytes: at most {} are accepted", text.size(), limits.bytes));
    return std::move(problems).error();
  }
  const std::string_view body = without_byte_order_mark(text);
  const TextIndex index(body);
  check_text(body, syntax, index, problems);
  if (!problems.empty()) {
    return std::move(problems).error();
  }
  Builder builder(limits, index, problems);
  read(body, index, limits, builder);
  if (!problems.empty()) {
    return std::move(problems).error();
  }
  return std::move(builder).take();
}

}  // namespace caisson::document::internal
