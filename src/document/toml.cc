#include "document/internal/parse_text.h"
#include "document/internal/text.h"
#include "document/internal/toml_scan.h"
#include "document/parse.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#include <toml++/toml.h>

namespace caisson::document {

namespace {

using internal::Builder;
using internal::TextIndex;

Mark mark_of(const toml::source_position& position) noexcept {
  return {static_cast<int>(position.line), static_cast<int>(position.column)};
}

/// Walks toml++'s tree and gives it to the builder. toml++ sorts names; here they come in the order of the text.
class Walker {
 public:
  Walker(const TextIndex& index, Builder& builder) : index_(index), builder_(builder) {}

  /// Whether the builder may go on. `fallback`: where a node is whose own place toml++ does not know.
  bool visit(const toml::node& node, std::size_t fallback) {
    const std::size_t offset = place_of(node.source(), fallback);
    if (const toml::table* table = node.as_table()) {
      return visit_table(*table, offset);
    }
    if (const toml::array* array = node.as_array()) {
      return builder_.begin({offset, false, true}) &&
             std::ranges::all_of(*array, [&](const toml::node& item) { return visit(item, offset); }) && builder_.end();
    }
    if (const auto* text = node.as_string()) {
      return builder_.scalar(Value(text->get()), offset, text->get().size());
    }
    if (const auto* integer = node.as_integer()) {
      return builder_.scalar(Value(std::int64_t{integer->get()}), offset, 0);
    }
    if (const auto* number = node.as_floating_point()) {
      return builder_.scalar(Value(number->get()), offset, 0);
    }
    if (const auto* boolean = node.as_boolean()) {
      return builder_.scalar(Value(boolean->get()), offset, 0);
    }
    builder_.report("document.date", offset, "a date or time is not accepted: put it in quotes");
    return builder_.scalar(Value(), offset, 0);
  }

 private:
  [[nodiscard]] std::size_t place_of(const toml::source_region& source, std::size_t fallback) const noexcept {
    return source.begin ? index_.offset(mark_of(source.begin)) : fallback;
  }

  bool visit_table(const toml::table& table, std::size_t offset) {
    struct Item {
      std::size_t offset;
      const toml::key* key;
      const toml::node* node;
    };
    std::vector<Item> items;
    items.reserve(table.size());
    for (auto at = table.cbegin(); at != table.cend(); ++at) {
      items.push_back({place_of(at->first.source(), offset), &at->first, &at->second});
    }
    std::ranges::stable_sort(items, {}, &Item::offset);
    return builder_.begin({offset, true, false}) &&
           std::ranges::all_of(items,
                               [&](const Item& item) {
                                 return builder_.name(std::string(item.key->str()), item.offset) &&
                                        visit(*item.node, item.offset);
                               }) &&
           builder_.end();
  }

  const TextIndex& index_;
  Builder& builder_;
};

void report_error(const toml::parse_error& error, const TextIndex& index, Builder& builder) {
  const std::string_view said = error.description();
  std::string_view reason = "document.syntax";
  std::string_view advice;
  if (said.find("cannot redefine existing") != std::string_view::npos) {
    reason = "document.duplicate_name";
    advice = "; write each name once";
  } else if (said.find("not representable in") != std::string_view::npos) {
    reason = "document.number_range";
    advice = "; write a smaller one, or a string";
  }
  builder.report(
      reason, index.offset(mark_of(error.source().begin)),
      fmt::format("this is not TOML as accepted here: {}{}", base::printable(base::shorten(said, 200)), advice));
}

/// Runs toml++ over the text. What is wrong goes to the problems.
void read(std::string_view text, const TextIndex& index, const ParseLimits& limits, Builder& builder) {
  if (!internal::scan_toml(text, limits, builder)) {
    return;
  }
  const toml::parse_result result = toml::parse(text);
  if (!result) {
    report_error(result.error(), index, builder);
    return;
  }
  (void)Walker(index, builder).visit(result.table(), 0);
}

}  // namespace

Result<Value> parse_toml(std::string_view text, std::string_view file, const ParseLimits& limits) {
  return internal::parse_text(text, file, internal::Syntax::kToml, limits, read);
}

}  // namespace caisson::document
