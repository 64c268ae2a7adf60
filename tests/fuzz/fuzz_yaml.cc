// Any bytes as a YAML definition: read or refused with good manners, and what is read can be printed as JSON.

#include "document_properties.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  caisson::fuzz::check_parser(data, size, [](std::string_view text, auto... arguments) {
    auto result = caisson::document::parse_yaml(text, arguments...);
    if (result) {
      caisson::fuzz::check_places(*result, text, caisson::document::Places(text));
    }
    return result;
  });
  return 0;
}
