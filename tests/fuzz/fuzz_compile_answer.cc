// Any bytes as what the program that compiles wrote: machine code of exactly the size it says, or an error about a
// module that can be shown.

#include "base/unicode.h"
#include "engine/compile_child.h"
#include "fuzz.h"

#include <string_view>

namespace engine = caisson::engine;
namespace fuzz = caisson::fuzz;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto answer = engine::read_compile_answer(bytes);
  if (answer) {
    fuzz::require(!answer->empty() && bytes.ends_with(*answer), "code is what stands at the end");
    fuzz::require(bytes[bytes.size() - answer->size() - 1] == '\n', "and all that stands behind the first line");
    fuzz::require(bytes.find('\n') == bytes.size() - answer->size() - 1, "and all that stands behind the first line");
    return 0;
  }
  fuzz::require(answer.error().reason.starts_with("engine."), "an error is one of the engine");
  fuzz::require(caisson::base::printable(answer.error().message) == answer.error().message, "and can be shown");
  return 0;
}
