// The other side of bench_wasi_command: a program run through the bare C API with Wasmtime's own WASI, in the same
// engine settings as ours. Prints microseconds a call. A program of its own, because it is linked with another native
// library.
//
//   wasi_reference MODULE CALLS

#include "engine/internal/config.h"

#include <wasi.h>
#include <wasmtime.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>

namespace {

[[noreturn]] void fail(const char* what) {
  std::cerr << "wasi_reference: " << what << '\n';
  std::exit(1);
}

std::ptrdiff_t append(void* to, const unsigned char* bytes, std::size_t size) {
  static_cast<std::string*>(to)->append(reinterpret_cast<const char*>(bytes), size);
  return static_cast<std::ptrdiff_t>(size);
}

void run_once(wasm_engine_t* engine, wasmtime_instance_pre_t* pre, std::string& out, std::string& error) {
  out.clear();
  error.clear();
  wasmtime_store_t* store = wasmtime_store_new(engine, nullptr, nullptr);
  wasmtime_context_t* context = wasmtime_store_context(store);
  wasmtime_store_limiter(store, 64 << 20, 50'000, 1, 4, 1);
  wasi_config_t* wasi = wasi_config_new();
  std::array argv = {"node"};
  wasi_config_set_argv(wasi, argv.size(), argv.data());
  std::array names = {"PATH"};
  std::array values = {"/usr/bin"};
  wasi_config_set_env(wasi, names.size(), names.data(), values.data());
  wasi_config_set_stdout_custom(wasi, append, &out, nullptr);
  wasi_config_set_stderr_custom(wasi, append, &error, nullptr);
  if (wasmtime_context_set_wasi(context, wasi) != nullptr ||
      wasmtime_context_set_fuel(context, 100'000'000) != nullptr) {
    fail("cannot set up a store");
  }
  wasmtime_context_set_epoch_deadline(context, 1'000'000);
  wasmtime_instance_t instance;
  wasm_trap_t* trap = nullptr;
  wasmtime_extern_t start;
  if (wasmtime_instance_pre_instantiate(pre, context, &instance, &trap) != nullptr || trap != nullptr ||
      !wasmtime_instance_export_get(context, &instance, "_start", 6, &start) ||
      wasmtime_func_call(context, &start.of.func, nullptr, 0, nullptr, 0, &trap) != nullptr || trap != nullptr) {
    fail("the program failed");
  }
  wasmtime_store_delete(store);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fail("usage: wasi_reference MODULE CALLS");
  }
  std::ifstream file(argv[1], std::ios::binary);
  const std::string wasm((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  const int calls = std::atoi(argv[2]);
  const caisson::engine::EngineHandle engine = caisson::engine::make_engine(
      caisson::engine::strict_profile(), caisson::engine::Allocation::kPooling, caisson::engine::Effort::kFull);
  wasmtime_module_t* module = nullptr;
  wasmtime_linker_t* linker = wasmtime_linker_new(engine.get());
  wasmtime_instance_pre_t* pre = nullptr;
  if (wasmtime_module_new(engine.get(), reinterpret_cast<const std::uint8_t*>(wasm.data()), wasm.size(), &module) !=
          nullptr ||
      wasmtime_linker_define_wasi(linker) != nullptr ||
      wasmtime_linker_instantiate_pre(linker, module, &pre) != nullptr) {
    fail("cannot link the module");
  }
  std::string out;
  std::string error;
  for (int i = 0; i < 50; ++i) {
    run_once(engine.get(), pre, out, error);
  }
  const auto begin = std::chrono::steady_clock::now();
  for (int i = 0; i < calls; ++i) {
    run_once(engine.get(), pre, out, error);
  }
  const std::chrono::duration<double, std::micro> time = std::chrono::steady_clock::now() - begin;
  if (out.rfind("Hello from WASI!", 0) != 0) {
    fail("the program printed something else");
  }
  std::cout << time.count() / calls << '\n';
}
