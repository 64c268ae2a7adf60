#include "engine/internal/trap.h"

#include <fmt/format.h>

namespace caisson::engine {

namespace {

std::string_view describe_trap(wasmtime_trap_code_t code) {
  switch (code) {
    case WASMTIME_TRAP_CODE_STACK_OVERFLOW:
      return "call stack exhausted";
    case WASMTIME_TRAP_CODE_MEMORY_OUT_OF_BOUNDS:
      return "memory access out of bounds";
    case WASMTIME_TRAP_CODE_HEAP_MISALIGNED:
      return "misaligned memory access";
    case WASMTIME_TRAP_CODE_TABLE_OUT_OF_BOUNDS:
      return "table access out of bounds";
    case WASMTIME_TRAP_CODE_INDIRECT_CALL_TO_NULL:
      return "indirect call to a null table entry";
    case WASMTIME_TRAP_CODE_BAD_SIGNATURE:
      return "indirect call to a function of another type";
    case WASMTIME_TRAP_CODE_INTEGER_OVERFLOW:
      return "integer overflow";
    case WASMTIME_TRAP_CODE_INTEGER_DIVISION_BY_ZERO:
      return "integer division by zero";
    case WASMTIME_TRAP_CODE_BAD_CONVERSION_TO_INTEGER:
      return "invalid conversion of a number to an integer";
    case WASMTIME_TRAP_CODE_UNREACHABLE_CODE_REACHED:
      return "unreachable code reached";
    case WASMTIME_TRAP_CODE_OUT_OF_FUEL:
      return "out of fuel";
    case WASMTIME_TRAP_CODE_NULL_REFERENCE:
      return "null reference";
    default:
      return {};
  }
}

Fault from_trap(const wasm_trap_t& trap) {
  wasmtime_trap_code_t code = 0;
  if (!wasmtime_trap_code(&trap, &code)) {
    return {FaultKind::kHost, message_of(trap)};
  }
  const std::string_view known = describe_trap(code);
  std::string detail = known.empty() ? fmt::format("trap {}", code) : std::string(known);
  switch (code) {
    case WASMTIME_TRAP_CODE_STACK_OVERFLOW:
      return {FaultKind::kStackOverflow, std::move(detail)};
    case WASMTIME_TRAP_CODE_OUT_OF_FUEL:
      return {FaultKind::kFuel, std::move(detail)};
    case WASMTIME_TRAP_CODE_INTERRUPT:
      return {FaultKind::kDeadline, "interrupted"};
    default:
      return {FaultKind::kTrap, std::move(detail)};
  }
}

}  // namespace

Fault classify(ErrorHandle error, TrapHandle trap, const std::optional<FaultKind>& interruption) {
  if (interruption) {
    return {*interruption, "ended by the host"};
  }
  if (trap != nullptr) {
    return from_trap(*trap);
  }
  switch (cn_error_status(error.get())) {
    case CN_MEMORY_LIMIT:
      return {FaultKind::kMemoryLimit, "more memory was asked for than the limit"};
    case CN_TABLE_LIMIT:
      return {FaultKind::kTableLimit, "more table elements were asked for than the limit"};
    case CN_OUT_OF_FUEL:
      return {FaultKind::kFuel, "out of fuel"};
    case CN_DEADLINE:
      return {FaultKind::kDeadline, "interrupted"};
    case CN_TRAP:
      return {FaultKind::kTrap, message_of(*error)};
    default:
      break;
  }
  std::string text = message_of(*error);
  // The pool's own error has no type that can be reached from here; its text is the only sign.
  const FaultKind kind = text.find("maximum concurrent") != std::string::npos ? FaultKind::kNoSlot : FaultKind::kHost;
  return {kind, std::move(text)};
}

}  // namespace caisson::engine
