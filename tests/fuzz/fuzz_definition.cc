// Any bytes as a definition in each form, and as what the sandbox says of one in Lua: read or refused with good
// manners; what is read is the same when it is written in another form and read again. The first byte chooses the form.

#include "base/unicode.h"
#include "document/parse.h"
#include "document/print.h"
#include "fuzz.h"
#include "workflow/definition.h"
#include "workflow/source.h"
#include "workflow/variables.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <string_view>

namespace base = caisson::base;
namespace document = caisson::document;
namespace sandbox = caisson::sandbox;
namespace workflow = caisson::workflow;
using caisson::fuzz::require;
using workflow::SourceFormat;

namespace {

void check_error(const caisson::Error& error) {
  const auto can_be_shown = [](std::string_view text) {
    return !text.empty() && base::is_utf8(text) &&
           std::ranges::none_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
  };
  require(can_be_shown(error.message) && !error.reason.empty(), "an error can be shown");
  for (const caisson::Diagnostic& problem : error.diagnostics) {
    require(can_be_shown(problem.message) && problem.message.size() < 8'192, "problems can be shown");
  }
}

bool is_finite(const document::Value& value) {
  if (const double* number = value.as_number()) {
    return std::isfinite(*number);
  }
  if (const document::List* list = value.as_list()) {
    return std::ranges::all_of(*list, is_finite);
  }
  return value.as_map() == nullptr ||
         std::ranges::all_of(*value.as_map(), [](const document::Entry& entry) { return is_finite(entry.value); });
}

/// What read_source makes of a text, which a sandbox would answer for Lua.
caisson::Result<workflow::Source> read(std::string_view text, SourceFormat format) {
  return workflow::read_source(
      text, "in",
      {.format = format,
       .run_program = [&](const auto&, const auto&, const sandbox::Policy&) -> caisson::Result<sandbox::Outcome> {
         sandbox::Outcome outcome;
         outcome.output = caisson::Payload(std::string(text), caisson::Payload::kJson);
         return outcome;
       }});
}

void expect_same(const document::Value& root, SourceFormat format) {
  const auto text = workflow::print_source(root, format);
  require(text.has_value() || (format != SourceFormat::kYaml && !is_finite(root)), "a definition can be written");
  if (!text || format == SourceFormat::kLua) {
    return;
  }
  const auto again = read(*text, format);
  require(again.has_value() && again->root == root, "what is written reads back as the same");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) {
    return 0;
  }
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  static_cast<void>(workflow::source_format_of_text(text));
  auto source = read(text, static_cast<SourceFormat>(data[0] % workflow::kSourceFormats.size()));
  if (!source) {
    check_error(source.error());
    return 0;
  }
  const auto declared = workflow::declared_variables(source->root, "in");
  if (!declared) {
    check_error(declared.error());
  } else {
    document::Value filled = source->root;
    if (const auto status = workflow::fill_variables(filled, *declared, {{"A", "value"}}, "in", text); !status) {
      check_error(status.error());
    }
  }
  const auto definition = workflow::definition_of(source->root, "in", {.max_concurrency = 1, .text = text});
  if (!definition) {
    check_error(definition.error());
    return 0;
  }
  for (const SourceFormat format :
       {SourceFormat::kYaml, SourceFormat::kJson, SourceFormat::kBlueprint, SourceFormat::kLua}) {
    expect_same(source->root, format);
  }
  return 0;
}
