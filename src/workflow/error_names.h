#pragma once

#include <caisson/error.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace caisson::workflow {

/// What the source documents call the ways in which a run fails.
enum class ExecutionKind : std::uint8_t {
  kProcessorNotFound,
  kProcessorFailed,
  kDependencyFailed,
  kTimeout,
  kMultipleFailed,
  kInvalidResponse,
  kInternalError,
};

/// What the source documents call the ways in which a wasm node fails.
enum class WasmKind : std::uint8_t {
  kInvalidBinary,
  kUnsupportedEncoding,
  kMemoryError,
  kTimeout,
  kInvalidPointer,
  kOutOfBounds,
  kModuleError,
  kIoError,
  kUtf8Error,
  kExecutionError,
  kValidationError,
  kEngineError,
  kStringError,
  kProcessorError,
  kParserError,
};

/// The enumerator without its k: `ProcessorFailed`, `InvalidBinary`.
[[nodiscard]] std::string_view to_string(ExecutionKind kind) noexcept;
[[nodiscard]] std::string_view to_string(WasmKind kind) noexcept;

/// The names that the source documents have for an error of ours.
struct SourceNames {
  int code = 500;                       ///< 400: bad input; 413: input too large; 500: anything else
  std::optional<ExecutionKind> kind{};  ///< nothing for problems that are found before a run
  std::optional<WasmKind> wasm_kind{};  ///< only for errors of a sandbox, its engine or a module's file

  friend bool operator==(const SourceNames&, const SourceNames&) = default;
};

/// Total: a reason that is not in the table goes by its category.
[[nodiscard]] SourceNames source_names(const Error& error) noexcept;

/// A row of the one table of reasons; docs/reference/errors.md repeats it.
struct ReasonRow {
  std::string_view reason;
  std::optional<Category> category;  ///< nothing: that of the cause; the code goes by it
  SourceNames names;
};

/// Sorted by reason.
[[nodiscard]] std::span<const ReasonRow> known_reasons() noexcept;

}  // namespace caisson::workflow
