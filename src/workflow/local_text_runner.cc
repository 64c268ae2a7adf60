#include "workflow/local_text_runner.h"

#include "base/unicode.h"

#include <fmt/format.h>

namespace caisson::workflow {

namespace {

NodeOutcome failed(Error error) { return {.error = std::move(error)}; }

}  // namespace

Error cancelled() { return {Category::kCancelled, "workflow.cancelled", "the node was stopped"}; }

NodeOutcome TextRunner::run(const NodeInput& input, const std::stop_token& stop) const {
  if (stop.stop_requested()) {
    return failed(cancelled());
  }
  const std::string_view text = input.payload.bytes();
  if (const auto bad = base::find_invalid_utf8(text)) {
    return failed({Category::kInvalidArgument, "workflow.invalid_utf8",
                   fmt::format("the input is not UTF-8 text: byte 0x{:02x} at offset {} cannot stand there",
                               static_cast<unsigned char>(text[*bad]), *bad)});
  }
  Result<TextOutput> output = process(text, stop);
  if (!output) {
    return failed(std::move(output).error());
  }
  return {.payload = std::move(output->payload), .metadata = std::move(output->metadata)};
}

}  // namespace caisson::workflow
