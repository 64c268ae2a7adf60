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

Fault from_code(wasmtime_trap_code_t code) {
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

Fault from_trap(const wasm_trap_t& trap) {
  wasmtime_trap_code_t code = 0;
  return wasmtime_trap_code(&trap, &code) ? from_code(code) : Fault{FaultKind::kHost, message_of(trap)};
}

/// What the native library says of an error that is no plain trap.
Fault from_status(int status, std::string text) {
  switch (status) {
    case CN_MEMORY_LIMIT:
      return {FaultKind::kMemoryLimit, "more memory was asked for than the limit"};
    case CN_TABLE_LIMIT:
      return {FaultKind::kTableLimit, "more table elements were asked for than the limit"};
    case CN_INSTANCE_LIMIT:
      return {FaultKind::kInstanceLimit, std::move(text)};
    case CN_HANDLE_LIMIT:
      return {FaultKind::kHandleLimit, "more handles of resources were asked for than the limit"};
    case CN_TRANSFER_LIMIT:
      return {FaultKind::kTransferLimit, "more was handed to the host at once than the limit"};
    default:
      break;
  }
  // The pool's own error has no type that can be reached from here; its text is the only sign.
  const FaultKind kind = text.find("maximum concurrent") != std::string::npos ? FaultKind::kNoSlot : FaultKind::kHost;
  return {kind, std::move(text)};
}

struct Cause {
  int status;
  Fault fault;
};

Cause from_error(wasmtime_error_t& error, std::string text) {
  int trap_code = -1;
  const int status = cn_error_status(&error, &trap_code);
  return {status, trap_code >= 0 ? from_code(static_cast<wasmtime_trap_code_t>(trap_code))
                                 : from_status(status, std::move(text))};
}

}  // namespace

Fault classify(ErrorHandle error, TrapHandle trap, const std::optional<FaultKind>& interruption) {
  if (interruption) {
    return {*interruption, "ended by the host"};
  }
  return trap != nullptr ? from_trap(*trap) : from_error(*error, message_of(*error)).fault;
}

Fault classify_component(ErrorHandle error, const std::optional<FaultKind>& interruption) {
  if (interruption) {
    return {*interruption, "ended by the host"};
  }
  auto [status, fault] = from_error(*error, innermost_cause(message_of(*error)));
  // What is left breaks the rules of the component model: a text that is no text, a handle that is none. It has no
  // type.
  if (status == CN_HOST_ERROR && fault.kind == FaultKind::kHost) {
    fault.kind = FaultKind::kTrap;
  }
  return fault;
}

}  // namespace caisson::engine
