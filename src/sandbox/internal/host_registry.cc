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
    for (const auto table : {wasi_environment_rows(), wasi_clock_rows(), wasi_random_rows(), wasi_descriptor_rows(),
                             wasi_path_rows(), wasi_poll_rows(), wasi_process_rows(), wasi_socket_rows(),
                             caisson_rows(), wasi2_clock_rows(), wasi2_stream_rows(), wasi2_cli_rows(), node_rows()}) {
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

/// `wasi:io/poll@0.2` of `wasi:io/poll@0.2.6`, `caisson:node/host@1` of `caisson:node/host@1.0.0`: what compatible
/// versions of an interface have in common.
std::string_view track(std::string_view interface) noexcept {
  const std::size_t version = std::min(interface.find('@'), interface.size());
  std::size_t end = interface.find('.', version);
  if (end != std::string_view::npos && interface.substr(version, end - version) == "@0") {
    end = interface.find('.', end + 1);
  }
  return interface.substr(0, end);
}

bool compatible(std::string_view one, std::string_view other) noexcept { return track(one) == track(other); }

}  // namespace

std::span<const HostRow> host_rows() noexcept { return registry().rows; }

std::span<const engine::HostFunction> host_functions() noexcept { return registry().functions; }

const HostRow* find_host_row(std::string_view module, std::string_view name) noexcept {
  const auto rows = host_rows();
  constexpr std::string_view kMethod = "[method]";
  const std::string_view of_component = name.starts_with(kMethod) ? name.substr(kMethod.size()) : name;
  const auto found = std::ranges::find_if(rows, [&](const HostRow& row) {
    return row.function.of_components ? row.function.name == of_component && compatible(row.function.module, module)
                                      : row.function.module == module && row.function.name == name;
  });
  return found == rows.end() ? nullptr : &*found;
}

std::optional<Family> family_of_import(std::string_view module, std::string_view name) noexcept {
  if (const HostRow* row = find_host_row(module, name)) {
    return row->family;
  }
  // The engine links these itself: all of them take a handle of a file, and there is none.
  return compatible(module, "wasi:filesystem/types@0.2.0") ? std::optional(Family::kWasi) : std::nullopt;
}

}  // namespace caisson::sandbox
