#include "sandbox/guest.h"

#include <algorithm>
#include <array>

namespace caisson::sandbox {

namespace {

struct Row {
  std::string_view prefix;  // of the import's name
  std::string_view grant;
};

// WASI preview 1 by family; the first prefix that fits counts.
constexpr std::array kWasi = {
    Row{"args_", "grants: {args: [...]}"},
    Row{"environ_", "grants: {env: [NAME]}"},
    Row{"clock_", "grants: {clock: true}"},
    Row{"random_", "grants: {random: true}"},
    Row{"poll_oneoff", "grants: {clock: true}"},
    Row{"proc_exit", "grants: {stdout: true}"},
    Row{"sched_yield", "grants: {stdout: true}"},
    Row{"fd_", "grants: {stdout: true} for standard output, {read: [DIR]} for files"},
    Row{"path_", "grants: {read: [DIR]} or {write: [DIR]}"},
};

constexpr std::array kCaisson = {
    Row{"log", "grants: {imports: [caisson_v1.log]}"},
    Row{"call", "grants: {imports: [caisson_v1.call]}"},
    Row{"take", "grants: {imports: [caisson_v1.call]}"},
};

template <std::size_t N>
std::string_view find(const std::array<Row, N>& rows, std::string_view name) noexcept {
  const auto found =
      std::find_if(rows.begin(), rows.end(), [&](const Row& row) { return name.starts_with(row.prefix); });
  return found == rows.end() ? std::string_view() : found->grant;
}

}  // namespace

std::string_view grant_for_import(std::string_view module, std::string_view name) noexcept {
  if (module == "wasi_snapshot_preview1" || module == "wasi_unstable") {
    return find(kWasi, name);
  }
  if (module == "caisson_v1") {
    return find(kCaisson, name);
  }
  return {};
}

}  // namespace caisson::sandbox
