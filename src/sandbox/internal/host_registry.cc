#include "sandbox/internal/host_registry.h"

#include "sandbox/host_functions.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace caisson::sandbox {

namespace {

struct Registry {
  std::vector<HostRow> rows;
  std::vector<engine::HostFunction> functions;  // of the same places
};

/// Made once, never changed.
const Registry& registry() {
  static const Registry made = [] {
    Registry out;
    for (const auto table :
         {wasi_environment_rows(), wasi_clock_rows(), wasi_random_rows(), wasi_descriptor_rows(), wasi_path_rows(),
          wasi_poll_rows(), wasi_process_rows(), wasi_socket_rows(), caisson_rows()}) {
      out.rows.insert(out.rows.end(), table.begin(), table.end());
    }
    if (out.rows.size() > kMaxHostFunctions) {
      std::abort();  // a bug that no test can miss: CallState counts in an array
    }
    for (const HostRow& row : out.rows) {
      out.functions.push_back(row.function);
    }
    return out;
  }();
  return made;
}

}  // namespace

std::span<const HostRow> host_rows() noexcept { return registry().rows; }

std::span<const engine::HostFunction> host_functions() noexcept { return registry().functions; }

const HostRow* find_host_row(std::string_view module, std::string_view name) noexcept {
  const auto rows = host_rows();
  const auto found = std::ranges::find_if(
      rows, [&](const HostRow& row) { return row.function.module == module && row.function.name == name; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace caisson::sandbox
