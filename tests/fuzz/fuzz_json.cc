// Any bytes as JSON: read or refused with good manners; what is read is equal to itself printed and read again.

#include "document_properties.h"

namespace document = caisson::document;
namespace fuzz = caisson::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const document::ParseLimits& limits : {document::ParseLimits{}, fuzz::kTightLimits}) {
    const auto result = document::parse_json(text, "in.json", limits);
    if (result) {
      fuzz::check_value(*result, limits);
      fuzz::check_round_trip(*result, limits);
      const auto again = document::parse_json(document::to_json(*result), "");
      fuzz::require(again.has_value() && *again == *result, "what is printed reads back as an equal value");
    } else {
      fuzz::check_refusal(result.error(), text);
    }
  }
  return 0;
}
