// Any bytes as a WebAssembly file: classified, walked over, then compiled under the strict profile or refused with a
// reason. No code of it is run.

#include "base/environment.h"
#include "engine/binary.h"
#include "engine/engine.h"
#include "engine/module.h"
#include "engine/structure.h"
#include "fuzz.h"

#include <memory>
#include <string_view>

namespace engine = caisson::engine;
namespace fuzz = caisson::fuzz;

namespace {

/// One engine for all inputs, made at the first.
engine::Engine& strict_engine() {
  static const std::unique_ptr<caisson::base::Environment> environment = caisson::base::make_environment();
  static const std::shared_ptr<engine::Engine> made =
      engine::Engine::create({.environment = environment.get()}).value();
  return *made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const engine::BinaryVerdict verdict = engine::classify_binary(bytes);
  fuzz::require((verdict.kind == engine::BinaryKind::kInvalid) == !verdict.why.empty(),
                "what is invalid says why, and nothing else does");
  const engine::Structure structure = engine::read_structure(bytes);
  fuzz::require(structure[engine::Metric::kBytes] == size, "the walk knows the size");
  fuzz::require(!structure.problem || structure.problem->reason == "engine.structural_limit" ||
                    structure.problem->reason == "engine.malformed_module",
                "the walk ends well, at a limit, or where the bytes are damaged");
  if (structure.problem && structure.problem->reason == "engine.structural_limit") {
    return 0;  // what takes long to compile is the business of the limits
  }
  const auto module = strict_engine().compile(bytes);
  if (module) {
    fuzz::require(verdict.kind == (*module)->info().kind, "what compiles is by its frame what it is");
    fuzz::require(!structure.problem, "what compiles is not damaged");
    fuzz::require((*module)->info().bytes == size, "a module knows its size");
  } else {
    fuzz::require(module.error().reason.starts_with("engine."), "a refusal has a reason of this library");
    fuzz::require(!module.error().message.empty(), "a refusal has a message");
  }
  return 0;
}
