// Any bytes as JSON: read or refused with good manners; what is read is equal to itself printed and read again.

#include "document_properties.h"

namespace document = caisson::document;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  caisson::fuzz::check_parser(data, size, [](std::string_view text, auto... arguments) {
    auto result = document::parse_json(text, arguments...);
    if (result) {
      caisson::fuzz::check_places(*result, text, document::Places(text));
      const auto again = document::parse_json(document::to_json(*result), "");
      caisson::fuzz::require(again.has_value() && *again == *result, "what is printed reads back as an equal value");
    }
    return result;
  });
  return 0;
}
