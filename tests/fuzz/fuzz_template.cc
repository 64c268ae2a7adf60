// Any text as a template, a path, and a text with variables: read or refused with its place; what is filled in is
// bounded.

#include "base/unicode.h"
#include "document/parse.h"
#include "document/print.h"
#include "fuzz.h"
#include "workflow/template.h"
#include "workflow/variables.h"

#include <algorithm>
#include <string>
#include <string_view>

namespace document = caisson::document;
namespace workflow = caisson::workflow;
using caisson::fuzz::require;

namespace {

constexpr std::size_t kMost = 10'000;

void check_error(const caisson::Error& error) {
  require(!error.message.empty() && caisson::base::is_utf8(error.message) && error.message.size() < 16'384 &&
              std::ranges::none_of(error.message, [](char c) { return static_cast<unsigned char>(c) < 0x20; }),
          "an error can be shown");
}

const document::Value& output() {
  static const document::Value value =
      document::parse_json(R"({"a": [1, {"b": "text", "c": null}], "b": {"a": {}}, "c": "{{a.a}}"})", "").value();
  return value;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (const auto path = workflow::parse_value_path(text); !path) {
    check_error(path.error());
  } else if (const auto found = workflow::follow(output(), *path, "the output"); !found) {
    check_error(found.error());
  }
  const auto parsed = workflow::Template::parse(text);
  if (!parsed) {
    check_error(parsed.error());
    require(parsed.error().diagnostics.size() == 1, "a problem has a place");
    const int column = parsed.error().diagnostics.front().where.column;
    require(column >= 1 && static_cast<std::size_t>(column) <= size, "the place is in the text");
    return 0;
  }
  for (const auto& reference : parsed->references()) {
    require(text.substr(reference.offset, 2) == "{{" && !reference.node.empty(), "a reference is in braces");
  }
  const auto filled =
      parsed->fill([](const std::string&) -> caisson::Result<const document::Value*> { return &output(); }, kMost);
  if (!filled) {
    check_error(filled.error());
  } else if (parsed->is_text()) {
    require(*filled == document::Value(text), "a text without braces is itself");
  } else if (filled->as_string() != nullptr) {
    require(filled->as_string()->size() <= kMost, "what is filled in is bounded");
  }
  document::Value value = document::Value::map({{"text", text}});
  if (workflow::fill_variables(value, {{"A", {}}}, {{"A", "${A}"}}, "in") &&
      text.find("${") == std::string_view::npos) {
    require(*value.find("text")->as_string() == text, "a text without variables is itself");
  }
  return 0;
}
