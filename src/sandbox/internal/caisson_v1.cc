// The host functions of caisson_v1 (log, call, take) and of caisson:node/host (log, call): api/abi.md.

#include "sandbox/internal/component_adapter.h"
#include "sandbox/internal/host_adapter.h"
#include "sandbox/internal/operations.h"

#include <algorithm>
#include <utility>

namespace caisson::sandbox {

namespace {

constexpr std::uint32_t kMostLevel = 4;
constexpr std::size_t kMostOperationName = 64;

/// Lines beyond the limit of log bytes are dropped and counted: a chatty guest is not a wrong one.
void log(CallState& call, std::uint32_t level, std::uint32_t address, std::uint32_t size) {
  const auto text = call.memory().text(address, size);
  if (!text) {
    call.end_with_bad_pointer("log", address, size);
    return;
  }
  if (!call.charge_bytes(size)) {
    return;
  }
  call.add_log_line(static_cast<std::uint8_t>(std::min(level, kMostLevel)), *text);
}

std::uint64_t packed(OperationStatus status, std::size_t length) {
  return (static_cast<std::uint64_t>(status) << 32U) | static_cast<std::uint32_t>(length);
}

std::uint64_t call_operation(CallState& call, std::uint32_t name_at, std::uint32_t name_size, std::uint32_t input_at,
                             std::uint32_t input_size) {
  const GuestMemory memory = call.memory();
  const auto name = memory.text(name_at, name_size);
  const auto input = memory.text(input_at, input_size);
  if (!name || !input) {
    call.end_with_bad_pointer("call", name ? input_at : name_at, name ? input_size : name_size);
    return 0;
  }
  if (!call.charge_bytes(input_size)) {
    return 0;
  }
  call.pending().clear();
  const OperationStatus status =
      name_size > kMostOperationName ? OperationStatus::kUnknown : run_operation(call, *name, *input, call.pending());
  return call.charge_bytes(call.pending().size()) ? packed(status, call.pending().size()) : 0;
}

/// Copies the result of the last `call`; -1 when there is not enough room for all of it.
std::int32_t take(CallState& call, std::uint32_t address, std::uint32_t room) {
  if (call.pending().size() > room) {
    return -1;
  }
  const std::string result = std::exchange(call.pending(), {});
  if (!call.memory().write(address, result)) {
    call.end_with_bad_pointer("take", address, static_cast<std::uint32_t>(result.size()));
    return -1;
  }
  return call.charge_bytes(result.size()) ? static_cast<std::int32_t>(result.size()) : -1;
}

using engine::ComponentCall;

void component_log(CallState& call, ComponentCall& values) {
  if (call.charge_bytes(values.bytes.size())) {
    call.add_log_line(static_cast<std::uint8_t>(std::min<std::uint64_t>(values.numbers[0], kMostLevel)), values.bytes);
  }
}

/// The status is the first number of the answer, the result or the text of the failure its bytes.
void component_call(CallState& call, ComponentCall& values) {
  if (!call.charge_bytes(values.bytes.size() + values.name.size())) {
    return;
  }
  const OperationStatus status = values.name.size() > kMostOperationName
                                     ? OperationStatus::kUnknown
                                     : run_operation(call, values.name, values.bytes, values.result);
  values.numbers[0] = static_cast<std::uint64_t>(status);
  if (!call.charge_bytes(values.result.size())) {
    values.result.clear();
  }
}

constexpr std::string_view kNodeHost = "caisson:node/host@1.0.0";

/// A record is part of the Outcome; everything else that `call` does gives the guest something from outside.
bool emits(std::span<const std::uint64_t> arguments, const GuestMemory& memory) noexcept {
  const auto name = memory.text(static_cast<std::uint32_t>(arguments[0]), static_cast<std::uint32_t>(arguments[1]));
  return !name || *name == "emit";
}

/// The same of a component, whose arguments are the name and its length.
bool emits_by_name(std::span<const std::uint64_t> arguments, const GuestMemory& name) noexcept {
  return name.text(0, static_cast<std::uint32_t>(arguments[0])) == "emit";
}

constexpr std::array kRows = {
    host_row<&log>(kCaissonModule, "log", Family::kLog, {"=<.", &always}),
    host_row<&call_operation>(kCaissonModule, kCallFunction, Family::kCalls, {"<.<.", &emits}),
    host_row<&take>(kCaissonModule, "take", Family::kCalls, {"v="}),
};

constexpr std::array kNodeRows = {
    component_row<&component_log>(kNodeHost, "log", Family::kLog, &always),
    component_row<&component_call>(kNodeHost, kCallFunction, Family::kCalls, &emits_by_name),
};

}  // namespace

std::span<const HostRow> caisson_rows() noexcept { return kRows; }

std::span<const HostRow> node_rows() noexcept { return kNodeRows; }

}  // namespace caisson::sandbox
