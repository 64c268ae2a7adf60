// Any bytes as what a guest does with host functions: a sequence of calls of any of them, with hostile arguments and
// random memory, among links that lead out of its directory. Each returns or ends the guest; an errno is one of the
// specification; what lies outside is neither changed nor seen; what is captured keeps its limits.

#include "base/environment.h"
#include "base/testing/temporary_folder.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "fuzz.h"
#include "sandbox/host_functions.h"
#include "sandbox/internal/call_state.h"
#include "sandbox/internal/host_registry.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace engine = caisson::engine;
namespace fs = std::filesystem;
namespace fuzz = caisson::fuzz;
namespace sandbox = caisson::sandbox;
namespace wasi = caisson::sandbox::wasi;

namespace {

constexpr std::uint32_t kMemory = 2 << 16;
constexpr std::size_t kMostCalls = 64;

/// The bytes of the input, one after the other; zeros when there are no more.
class Script {
 public:
  Script(const std::uint8_t* data, std::size_t size) : bytes_(data, size) {}
  [[nodiscard]] bool done() const { return bytes_.empty(); }
  std::uint64_t number(std::size_t size = 1) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < size && !bytes_.empty(); ++i) {
      value = value << 8U | bytes_.front();
      bytes_ = bytes_.subspan(1);
    }
    return value;
  }
  /// A small number, a place in the memory, an edge, or anything, as an argument.
  std::uint64_t argument() {
    constexpr std::array<std::uint64_t, 12> kEdges = {kMemory - 1,  kMemory,     kMemory + 1,    kMemory - 8,
                                                      kMemory - 48, UINT32_MAX,  UINT32_MAX - 7, 1U << 31U,
                                                      INT64_MAX,    1ULL << 63U, UINT64_MAX,     4096};
    const std::uint64_t kind = number();
    if (kind < 96) {
      return kind % 24;
    }
    if (kind < 192) {
      return 64 * (kind - 96);  // where begin() puts paths, buffers and subscriptions
    }
    if (kind < 224) {
      return kEdges[kind % kEdges.size()];
    }
    return number(1 + kind % 8);
  }

 private:
  std::span<const std::uint8_t> bytes_;
};

/// They come before those of components.
std::span<const sandbox::HostRow> functions_of_modules() {
  const auto rows = sandbox::host_rows();
  const auto end = std::ranges::find_if(rows, [](const auto& row) { return row.function.of_components; });
  return rows.first(static_cast<std::size_t>(end - rows.begin()));
}

/// A module of two pages whose function `fN` calls the host function in row N of the registry.
std::string every_host_function() {
  std::string out("\0asm\1\0\0\0", 8);
  const auto leb = [](std::size_t value) {
    std::string bytes;
    do {
      bytes += static_cast<char>((value & 0x7fU) | (value > 0x7f ? 0x80U : 0U));
      value >>= 7U;
    } while (value != 0);
    return bytes;
  };
  const auto text = [&](std::string_view value) { return leb(value.size()) + std::string(value); };
  const auto types = [&](std::string_view letters) {
    std::string bytes = leb(letters.size());
    for (const char letter : letters) {
      bytes += letter == 'I' ? '\x7e' : '\x7f';
    }
    return bytes;
  };
  const auto section = [&](char id, const std::string& body) { out += id + text(body); };

  const auto rows = functions_of_modules();
  std::string type_part = leb(rows.size());
  std::string imports = type_part;
  std::string functions = type_part;
  std::string exports = leb(rows.size() + 1) + text("memory") + std::string("\2\0", 2);
  std::string code = type_part;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const engine::HostFunction& function = rows[i].function;
    type_part += '\x60' + types(function.parameters) + types(function.results);
    imports += text(function.module) + text(function.name) + '\0' + leb(i);
    functions += leb(i);
    exports += text("f" + std::to_string(i)) + '\0' + leb(rows.size() + i);
    std::string body(1, '\0');
    for (std::size_t local = 0; local < function.parameters.size(); ++local) {
      body += '\x20' + leb(local);
    }
    code += text(body + '\x10' + leb(i) + '\x0b');
  }
  section(1, type_part);
  section(2, imports);
  section(3, functions);
  section(5, std::string("\1\0\2", 3));
  section(7, exports);
  section(10, code);
  return out;
}

/// The host: `data` may be written, `input` read, and what lies in `outside` is nobody's.
class World {
 public:
  World()
      : canary_("canary " + environment_->random_bytes(24).value()),
        engine_(engine::Engine::create({.host_functions = sandbox::host_functions(), .environment = environment_.get()})
                    .value()),
        module_(engine_->compile(every_host_function()).value()) {
    fs::create_directory(folder_ / "input");
    write("input/file", "read me");
    fs::create_directory(folder_ / "outside");
    write("outside/canary", canary_);
    changed_ = fs::last_write_time(folder_ / "outside/canary");
  }

  void begin() const {
    fs::remove_all(folder_ / "data");
    fs::create_directories(folder_ / "data/a/b");
    write("data/file", "write me");
    fs::create_symlink("../outside/canary", folder_ / "data/up");
    fs::create_symlink((folder_ / "outside/canary").native(), folder_ / "data/absolute");
    fs::create_symlink("../outside", folder_ / "data/out");
    fs::create_symlink("a/b", folder_ / "data/inside");
  }
  void check() const {
    fuzz::require(read("outside/canary") == canary_ && fs::last_write_time(folder_ / "outside/canary") == changed_ &&
                      std::distance(fs::directory_iterator(folder_ / "outside"), {}) == 1,
                  "what lies outside stays as it is");
    fuzz::require(read("input/file") == "read me" && std::distance(fs::directory_iterator(folder_ / "input"), {}) == 1,
                  "what is read-only stays as it is");
  }
  void given(std::string_view bytes) const {
    fuzz::require(bytes.find(canary_) == std::string_view::npos, "what lies outside is not read");
    fuzz::require(bytes.find(folder_.path().native()) == std::string_view::npos, "no path of the host is seen");
  }
  [[nodiscard]] std::string host(const char* name) const { return (folder_ / name).native(); }
  [[nodiscard]] const caisson::base::Environment& environment() const { return *environment_; }
  [[nodiscard]] const engine::Module& module() const { return *module_; }

 private:
  void write(const char* name, std::string_view bytes) const { std::ofstream(folder_ / name) << bytes; }
  [[nodiscard]] std::string read(const char* name) const {
    std::ifstream in(folder_ / name);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  caisson::base::TemporaryFolder folder_;
  std::unique_ptr<caisson::base::Environment> environment_ = caisson::base::make_environment();
  std::string canary_;
  std::shared_ptr<engine::Engine> engine_;
  std::shared_ptr<const engine::Module> module_;
  fs::file_time_type changed_;
};

/// What is at the multiples of 64: paths and requests, lists of buffers, subscriptions; and then anything.
void fill(std::span<std::byte> memory, Script& script) {
  constexpr std::array<std::string_view, 16> kTexts = {"file",
                                                       "new",
                                                       "../outside/canary",
                                                       "up",
                                                       "absolute",
                                                       "out/canary",
                                                       "a/b",
                                                       "inside",
                                                       "/etc/passwd",
                                                       "..",
                                                       "a/../../outside",
                                                       "kv.get",
                                                       "kv.set",
                                                       "emit",
                                                       "{\"key\":\"k\"}\nvalue",
                                                       "random.bytes"};
  for (std::size_t i = 0; i < kTexts.size(); ++i) {
    std::ranges::copy(std::as_bytes(std::span(kTexts[i])), memory.begin() + static_cast<std::ptrdiff_t>(64 * i));
  }
  const auto put = [&](std::size_t at, std::uint32_t value) { std::memcpy(memory.data() + at, &value, sizeof value); };
  for (std::size_t at = 1024; at < 2048; at += 8) {  // lists of buffers
    put(at, static_cast<std::uint32_t>(4096 + at));
    put(at + 4, static_cast<std::uint32_t>(at % 96));
  }
  for (std::size_t at = 2048; at < 3072; at += 48) {  // subscriptions
    put(at + 8, static_cast<std::uint32_t>(at / 48 % 4));
    put(at + 16, static_cast<std::uint32_t>(at / 48 % 6));
    put(at + 24, static_cast<std::uint32_t>(at));
  }
  for (std::uint64_t changes = script.number() % 32; changes > 0; --changes) {
    const std::uint64_t at = script.number(2);
    const std::uint64_t value = script.number(8);
    std::memcpy(memory.data() + at, &value, sizeof value);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  Script script(data, size);
  world.begin();

  const std::uint64_t choice = script.number();
  constexpr std::array kClocks = {sandbox::ClockMode::kVirtual, sandbox::ClockMode::kVirtual,
                                  sandbox::ClockMode::kDenied, sandbox::ClockMode::kCoarse};
  sandbox::Policy policy;
  policy.limits = {.timeout = std::chrono::milliseconds(50),
                   .stdout_bytes = 4096,
                   .stderr_bytes = 4096,
                   .log_bytes = 4096,
                   .emit_bytes = 4096,
                   .kv_bytes = 4096,
                   .random_bytes = 1 << 18U,
                   .open_files = 10,
                   .created_files = 20,
                   .file_size_bytes = 1 << 16U,
                   .file_read_bytes = 1 << 20U,
                   .file_write_bytes = 1 << 18U};
  const bool links = (choice & 4U) != 0;
  policy.grants = {.wasi = true,
                   .directories = {{world.host("data"), "/data", sandbox::Access::kWrite, links},
                                   {world.host("input"), "/input", sandbox::Access::kRead, links}},
                   .env = {{"A", "b"}},
                   .args = {"c"},
                   .stdin_is_input = true,
                   .clock = kClocks[choice % 4],
                   .random = (choice & 8U) != 0 ? sandbox::RandomMode::kDenied : sandbox::RandomMode::kSeeded,
                   .imports = {"kv", "emit"}};
  if ((choice & 16U) != 0) {
    policy.grants.directories.clear();
  }
  const std::stop_token never;
  sandbox::RunStorage storage;
  sandbox::CallState state({.policy = &policy,
                            .environment = &world.environment(),
                            .stop = &never,
                            .begin = world.environment().now(),
                            .storage = &storage,
                            .program = "fuzz",
                            .input = "the input of the call"});
  sandbox::Outcome outcome;
  {
    engine::Instance instance(world.module(), {.deadline = state.watch().deadline()}, never, world.environment(),
                              {&state, &sandbox::CallState::on_tick});
    fuzz::require(!instance.start(), "an instance starts");
    fill(instance.memory(), script);
    for (std::size_t calls = 0; calls < kMostCalls && !script.done(); ++calls) {
      const auto rows = functions_of_modules();
      const std::size_t place = script.number() % rows.size();
      const sandbox::HostRow& row = rows[place];
      std::array<engine::Number, 16> values{};
      for (std::size_t i = 0; i < row.function.parameters.size(); ++i) {
        values[i].i64 = static_cast<std::int64_t>(script.argument());
      }
      const auto fault = instance.call(instance.function("f" + std::to_string(place)), values);
      if (fault) {
        fuzz::require(fault->kind == engine::FaultKind::kStopped || fault->kind == engine::FaultKind::kFuel ||
                          fault->kind == engine::FaultKind::kDeadline,
                      "a guest ends for a reason of its own");
        break;
      }
      if (row.family == sandbox::Family::kWasi && !row.function.results.empty()) {
        fuzz::require(static_cast<std::uint32_t>(values[0].i32) <= static_cast<std::uint32_t>(wasi::Errno::kNotcapable),
                      "an errno is one of the specification");
      }
    }
    const auto memory = instance.memory();
    world.given({reinterpret_cast<const char*>(memory.data()), memory.size()});
  }
  fuzz::require(!state.failure() || state.failure()->status != sandbox::OutcomeStatus::kHostError,
                "no guest makes the host fail");
  state.finish(outcome);
  world.given(outcome.captured.standard_output);
  world.given(outcome.captured.standard_error);
  fuzz::require(outcome.captured.standard_output.size() <= policy.limits.stdout_bytes &&
                    outcome.captured.standard_error.size() <= policy.limits.stderr_bytes &&
                    outcome.usage.log_bytes <= policy.limits.log_bytes &&
                    outcome.usage.emit_bytes <= policy.limits.emit_bytes && storage.bytes() <= policy.limits.kv_bytes,
                "what is captured keeps its limits");
  for (const sandbox::Violation& violation : outcome.violations) {
    world.given(violation.description);
  }
  world.check();
  return 0;
}
