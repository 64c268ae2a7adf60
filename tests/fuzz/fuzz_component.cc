// Any bytes as what a component answers and hands over: as its result, and as address and length of a text in each
// encoding. Each is a result, its own error, a trap or a limit; what is captured are texts.

#include "base/environment.h"
#include "base/thread_pool.h"
#include "base/unicode.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "fuzz.h"
#include "sandbox/executor.h"
#include "sandbox/host_functions.h"

#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

namespace engine = caisson::engine;
namespace fuzz = caisson::fuzz;
namespace sandbox = caisson::sandbox;

namespace {

/// The two components of guests/samples that do as they are told, and what runs them.
struct World {
  std::unique_ptr<caisson::base::Environment> environment = caisson::base::make_environment();
  std::shared_ptr<engine::Engine> made =
      engine::Engine::create({.host_functions = sandbox::host_functions(), .environment = environment.get()}).value();
  caisson::base::ThreadPool pool{{.threads = 1, .stack_bytes = engine::thread_stack_for(4 << 20)}};
  sandbox::InlineExecutor executor{{.environment = environment.get(), .pool = &pool}};
  sandbox::Guest answer = bind("component_answer");
  sandbox::Guest strings = bind("component_strings");

  [[nodiscard]] sandbox::Guest bind(const std::string& name) const {
    std::ifstream in(CAISSON_SOURCE_DIR "/guests/samples/built/wat/" + name + ".wasm", std::ios::binary);
    const std::string wasm{std::istreambuf_iterator<char>(in), {}};
    return sandbox::bind_guest(made->compile(wasm).value()).value();
  }
  [[nodiscard]] sandbox::Outcome call(const sandbox::Guest& guest, std::string_view input) const {
    sandbox::Outcome outcome =
        executor.call(guest, caisson::Payload(std::string(input)), sandbox::Policy(), std::stop_token());
    const std::string_view reason = outcome.error ? std::string_view(outcome.error->reason) : std::string_view();
    fuzz::require(reason.empty() || reason == "sandbox.trap" || reason == "sandbox.guest_error" ||
                      reason == "sandbox.output_limit",
                  "a result, an error of its own, a trap or a limit");
    for (const sandbox::LogLine& line : outcome.captured.log) {
      fuzz::require(caisson::base::is_utf8(line.text), "a line of the log is a text");
    }
    return outcome;
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  (void)world.call(world.answer, bytes.substr(0, 64));
  if (!bytes.empty()) {
    std::string input(9, '\0');
    bytes.copy(input.data(), input.size());
    input[0] = static_cast<char>(static_cast<unsigned char>(input[0]) % 3);
    (void)world.call(world.strings, input);
  }
  return 0;
}
