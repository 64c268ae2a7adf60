#include "workflow/local_json.h"

#include "document/parse.h"
#include "document/print.h"
#include "workflow/json_pointer.h"
#include "workflow/local_text_runner.h"

namespace caisson::workflow {

namespace {

/// Enough for what a node is given; a million values take about a hundred megabytes.
constexpr document::ParseLimits kLimits{
    .bytes = 64 << 20, .depth = document::ParseLimits::kMaxDepth, .values = 1'000'000, .scalar_bytes = 64 << 20};

Result<TextOutput> extract(const JsonPointer& pointer, std::string_view text) {
  auto input = document::parse_json(text, {}, kLimits);
  if (!input) {
    Error error = std::move(input).error();
    const bool too_large = error.reason == "document.too_large";
    error.category = too_large ? Category::kResourceExhausted : Category::kInvalidArgument;
    error.reason = too_large ? "workflow.input_too_large" : "workflow.invalid_json";
    return std::move(error).with_context("the input cannot be read as JSON");
  }
  CAISSON_TRY(const document::Value* found, pointer.find(*input));
  if (const std::string* string = found->as_string()) {
    return TextOutput{Payload(*string)};
  }
  return TextOutput{Payload(document::to_json(*found), Payload::kJson)};
}

}  // namespace

std::unique_ptr<NodeRunner> make_json_path(OptionReader& options) {
  const bool has_path = options.has("path");
  if (has_path) {
    options.problem("path",
                    "JSONPath ('path') is not in this version; use the option 'pointer' with a JSON Pointer, such as "
                    "'/items/0/name' for '$.items[0].name'",
                    "workflow.json_path_unsupported");
  }
  if (!options.has("pointer") && has_path) {
    return nullptr;
  }
  const auto text = options.required_text("pointer");
  if (!text) {
    return nullptr;
  }
  auto pointer = JsonPointer::parse(*text);
  if (!pointer) {
    options.problem("pointer", std::move(pointer).error().message);
    return nullptr;
  }
  return make_text_runner([pointer = std::move(pointer).value()](std::string_view input, const std::stop_token&) {
    return extract(pointer, input);
  });
}

}  // namespace caisson::workflow
