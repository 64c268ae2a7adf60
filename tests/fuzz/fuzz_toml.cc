// Any bytes as TOML: read or refused with good manners, and what is read can be printed as JSON.

#include "document_properties.h"

namespace document = caisson::document;
namespace fuzz = caisson::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  for (const document::ParseLimits& limits : {document::ParseLimits{}, fuzz::kTightLimits}) {
    const auto result = document::parse_toml(text, "in.toml", limits);
    if (result) {
      fuzz::check_value(*result, limits);
      fuzz::check_round_trip(*result, limits);
    } else {
      fuzz::check_refusal(result.error(), text);
    }
  }
  return 0;
}
