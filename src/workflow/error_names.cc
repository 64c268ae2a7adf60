#include "workflow/error_names.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace caisson::workflow {

namespace {

constexpr std::array<std::string_view, 7> kExecutionNames{"ProcessorNotFound", "ProcessorFailed", "DependencyFailed",
                                                          "Timeout",           "MultipleFailed",  "InvalidResponse",
                                                          "InternalError"};
constexpr std::array<std::string_view, 15> kWasmNames{
    "InvalidBinary",   "UnsupportedEncoding", "MemoryError", "Timeout",        "InvalidPointer",
    "OutOfBounds",     "ModuleError",         "IoError",     "Utf8Error",      "ExecutionError",
    "ValidationError", "EngineError",         "StringError", "ProcessorError", "ParserError"};

using C = Category;
using E = ExecutionKind;
using W = WasmKind;

constexpr ReasonRow before_run(std::string_view reason, Category category, int code) {
  return {reason, category, {code, std::nullopt, std::nullopt}};
}
constexpr ReasonRow in_run(std::string_view reason, Category category, int code, ExecutionKind kind) {
  return {reason, category, {code, kind, std::nullopt}};
}
constexpr ReasonRow wasm(std::string_view reason, Category category, int code, WasmKind kind) {
  return {reason, category, {code, kind == W::kTimeout ? E::kTimeout : E::kProcessorFailed, kind}};
}

constexpr std::array kReasons = {
    before_run("attack.canary", C::kInternal, 500),
    before_run("attack.invalid_case", C::kInvalidArgument, 400),
    before_run("attack.no_folder", C::kUnavailable, 500),
    before_run("attack.no_server", C::kUnavailable, 500),
    before_run("attack.no_verdict", C::kInternal, 500),
    before_run("attack.stopped", C::kCancelled, 500),
    in_run("base.no_child", C::kUnavailable, 500, E::kProcessorFailed),
    before_run("cli.bad_name", C::kInvalidArgument, 400),
    before_run("cli.build_failed", C::kInvalidArgument, 500),
    before_run("cli.build_stopped", C::kCancelled, 500),
    before_run("cli.cannot_build", C::kUnimplemented, 500),
    before_run("cli.fetch_failed", C::kUnavailable, 500),
    before_run("cli.graphviz_failed", C::kInternal, 500),
    before_run("cli.no_graphviz", C::kNotFound, 500),
    before_run("cli.no_pip", C::kNotFound, 500),
    before_run("cli.no_toolchain", C::kNotFound, 500),
    before_run("cli.project_exists", C::kAlreadyExists, 500),
    before_run("cli.unknown_source", C::kInvalidArgument, 400),
    before_run("code.bad_context", C::kInvalidArgument, 500),
    wasm("code.bad_value", C::kGuestFault, 500, W::kValidationError),
    wasm("code.exception", C::kGuestFault, 500, W::kExecutionError),
    wasm("code.exit", C::kGuestFault, 500, W::kExecutionError),
    wasm("code.import_denied", C::kPermissionDenied, 500, W::kModuleError),
    before_run("code.incomplete", C::kInvalidArgument, 500),
    wasm("code.no_entry", C::kInvalidArgument, 500, W::kModuleError),
    wasm("code.recursion", C::kGuestFault, 500, W::kExecutionError),
    wasm("code.syntax", C::kInvalidArgument, 500, W::kParserError),
    before_run("configuration.invalid", C::kInvalidArgument, 400),
    before_run("document.bad_schema", C::kInvalidArgument, 400),
    before_run("document.empty", C::kInvalidArgument, 400),
    before_run("document.invalid", C::kInvalidArgument, 400),
    before_run("document.too_large", C::kInvalidArgument, 413),
    wasm("engine.bad_profile", C::kInvalidArgument, 500, W::kEngineError),
    wasm("engine.compile_crashed", C::kInternal, 500, W::kEngineError),
    wasm("engine.compile_limit", C::kResourceExhausted, 500, W::kEngineError),
    wasm("engine.legacy_component", C::kInvalidArgument, 500, W::kUnsupportedEncoding),
    wasm("engine.link", C::kInternal, 500, W::kEngineError),
    wasm("engine.malformed_module", C::kInvalidArgument, 500, W::kInvalidBinary),
    wasm("engine.module_too_large", C::kResourceExhausted, 500, W::kModuleError),
    wasm("engine.no_compiler", C::kUnavailable, 500, W::kEngineError),
    wasm("engine.no_thread", C::kResourceExhausted, 500, W::kEngineError),
    wasm("engine.not_wasm", C::kInvalidArgument, 500, W::kInvalidBinary),
    wasm("engine.pool_too_small", C::kInvalidArgument, 500, W::kMemoryError),
    wasm("engine.serialize", C::kInternal, 500, W::kEngineError),
    wasm("engine.stale_code", C::kFailedPrecondition, 500, W::kEngineError),
    wasm("engine.structural_limit", C::kResourceExhausted, 500, W::kModuleError),
    wasm("engine.unsupported_feature", C::kInvalidArgument, 500, W::kUnsupportedEncoding),
    wasm("engine.wrong_bytes", C::kDataLoss, 500, W::kEngineError),
    wasm("file.bad_path", C::kInvalidArgument, 500, W::kIoError),
    wasm("file.io", C::kInternal, 500, W::kIoError),
    wasm("file.missing", C::kNotFound, 500, W::kIoError),
    wasm("file.no_space", C::kResourceExhausted, 500, W::kIoError),
    wasm("file.not_a_file", C::kInvalidArgument, 500, W::kIoError),
    wasm("file.permission", C::kPermissionDenied, 500, W::kIoError),
    wasm("file.too_large", C::kResourceExhausted, 413, W::kIoError),
    wasm("file.unsafe_directory", C::kPermissionDenied, 500, W::kIoError),
    wasm("file.unsafe_file", C::kPermissionDenied, 500, W::kIoError),
    wasm("language.bad_image", C::kDataLoss, 500, W::kEngineError),
    before_run("language.bad_package", C::kDataLoss, 500),
    before_run("language.busy", C::kUnavailable, 500),
    before_run("language.no_folder", C::kFailedPrecondition, 500),
    wasm("language.no_image", C::kUnimplemented, 500, W::kEngineError),
    wasm("language.not_installed", C::kNotFound, 404, W::kEngineError),
    wasm("language.other_recipe", C::kFailedPrecondition, 500, W::kEngineError),
    before_run("language.start_failed", C::kInternal, 500),
    before_run("language.unknown_image", C::kNotFound, 404),
    before_run("language.wrong_package", C::kDataLoss, 500),
    before_run("net.address_denied", C::kPermissionDenied, 500),
    before_run("net.bad_answer", C::kUnavailable, 500),
    before_run("net.bad_body", C::kInvalidArgument, 400),
    before_run("net.bad_header", C::kInvalidArgument, 400),
    before_run("net.bad_method", C::kInvalidArgument, 400),
    before_run("net.bad_range", C::kInvalidArgument, 400),
    before_run("net.bad_url", C::kInvalidArgument, 400),
    before_run("net.busy", C::kResourceExhausted, 500),
    before_run("net.connect", C::kUnavailable, 500),
    before_run("net.deadline", C::kDeadlineExceeded, 500),
    before_run("net.failed", C::kInternal, 500),
    before_run("net.no_library", C::kFailedPrecondition, 500),
    before_run("net.stopped", C::kCancelled, 500),
    before_run("net.tls", C::kUnavailable, 500),
    before_run("net.too_large", C::kResourceExhausted, 500),
    before_run("net.unknown_host", C::kUnavailable, 500),
    before_run("observe.audit_damaged", C::kDataLoss, 500),
    wasm("observe.audit_failed", C::kInternal, 500, W::kEngineError),
    wasm("observe.audit_full", C::kResourceExhausted, 500, W::kEngineError),
    before_run("observe.audit_key", C::kInvalidArgument, 400),
    before_run("observe.audit_locked", C::kUnavailable, 500),
    before_run("policy.bad_target", C::kInvalidArgument, 400),
    before_run("policy.bad_value", C::kInvalidArgument, 400),
    before_run("policy.invalid_form", C::kInvalidArgument, 400),
    before_run("policy.no_directory", C::kNotFound, 500),
    before_run("policy.refused", C::kPermissionDenied, 500),
    before_run("policy.unknown_key", C::kInvalidArgument, 400),
    before_run("policy.wrong_type", C::kInvalidArgument, 400),
    wasm("sandbox.alloc_failed", C::kGuestFault, 500, W::kMemoryError),
    wasm("sandbox.bad_answer", C::kGuestFault, 500, W::kExecutionError),
    wasm("sandbox.bad_arguments", C::kInvalidArgument, 400, W::kValidationError),
    wasm("sandbox.bad_directory", C::kFailedPrecondition, 500, W::kIoError),
    wasm("sandbox.bad_pointer", C::kGuestFault, 500, W::kInvalidPointer),
    before_run("sandbox.bad_request", C::kInvalidArgument, 400),
    wasm("sandbox.bad_signature", C::kInvalidArgument, 500, W::kValidationError),
    before_run("sandbox.bad_snapshot", C::kDataLoss, 500),
    wasm("sandbox.cancelled", C::kCancelled, 500, W::kExecutionError),
    wasm("sandbox.cpu_limit", C::kDeadlineExceeded, 500, W::kTimeout),
    wasm("sandbox.deadline", C::kDeadlineExceeded, 500, W::kTimeout),
    wasm("sandbox.exit_code", C::kGuestFault, 500, W::kProcessorError),
    wasm("sandbox.feature_denied", C::kPermissionDenied, 500, W::kModuleError),
    wasm("sandbox.file_limit", C::kResourceExhausted, 500, W::kValidationError),
    wasm("sandbox.guest_error", C::kGuestFault, 500, W::kProcessorError),
    wasm("sandbox.handle_limit", C::kResourceExhausted, 500, W::kMemoryError),
    wasm("sandbox.host_call_limit", C::kResourceExhausted, 500, W::kExecutionError),
    wasm("sandbox.host_error", C::kInternal, 500, W::kEngineError),
    before_run("sandbox.http_limit", C::kResourceExhausted, 500),
    wasm("sandbox.idle", C::kDeadlineExceeded, 500, W::kTimeout),
    wasm("sandbox.import_denied", C::kPermissionDenied, 500, W::kModuleError),
    wasm("sandbox.input_too_large", C::kResourceExhausted, 413, W::kValidationError),
    wasm("sandbox.instance_limit", C::kResourceExhausted, 500, W::kMemoryError),
    wasm("sandbox.killed", C::kCancelled, 500, W::kExecutionError),
    wasm("sandbox.memory_growth", C::kResourceExhausted, 500, W::kMemoryError),
    wasm("sandbox.memory_limit", C::kResourceExhausted, 500, W::kMemoryError),
    wasm("sandbox.missing_export", C::kInvalidArgument, 500, W::kModuleError),
    before_run("sandbox.no_http", C::kUnimplemented, 500),
    wasm("sandbox.no_openat2", C::kUnavailable, 500, W::kEngineError),
    wasm("sandbox.no_slot", C::kUnavailable, 500, W::kEngineError),
    before_run("sandbox.not_granted", C::kPermissionDenied, 500),
    before_run("sandbox.other_image", C::kFailedPrecondition, 500),
    before_run("sandbox.other_rights", C::kFailedPrecondition, 500),
    wasm("sandbox.out_of_fuel", C::kResourceExhausted, 500, W::kExecutionError),
    wasm("sandbox.output_limit", C::kResourceExhausted, 500, W::kOutOfBounds),
    wasm("sandbox.random_limit", C::kResourceExhausted, 500, W::kExecutionError),
    wasm("sandbox.run_memory", C::kResourceExhausted, 500, W::kExecutionError),
    before_run("sandbox.secret_denied", C::kPermissionDenied, 500),
    before_run("sandbox.secret_unavailable", C::kUnavailable, 500),
    before_run("sandbox.session_busy", C::kUnavailable, 500),
    before_run("sandbox.session_ended", C::kFailedPrecondition, 500),
    before_run("sandbox.session_limit", C::kResourceExhausted, 500),
    wasm("sandbox.stack_overflow", C::kResourceExhausted, 500, W::kExecutionError),
    before_run("sandbox.storage_limit", C::kResourceExhausted, 500),
    wasm("sandbox.table_limit", C::kResourceExhausted, 500, W::kMemoryError),
    wasm("sandbox.trap", C::kGuestFault, 500, W::kExecutionError),
    wasm("sandbox.unsupported_abi", C::kUnimplemented, 500, W::kUnsupportedEncoding),
    before_run("secrets.bad_value", C::kInvalidArgument, 400),
    before_run("secrets.unknown", C::kNotFound, 500),
    before_run("secrets.unreadable", C::kUnavailable, 500),
    before_run("text.bad_domain", C::kInvalidArgument, 400),
    in_run("text.too_large", C::kResourceExhausted, 413, E::kProcessorFailed),
    before_run("workflow.bad_expression", C::kInvalidArgument, 400),
    before_run("workflow.bad_id", C::kInvalidArgument, 400),
    in_run("workflow.bad_items", C::kInvalidArgument, 400, E::kProcessorFailed),
    before_run("workflow.bad_option", C::kInvalidArgument, 400),
    before_run("workflow.bad_template", C::kInvalidArgument, 400),
    before_run("workflow.bad_value", C::kInvalidArgument, 400),
    before_run("workflow.bad_variable", C::kInvalidArgument, 400),
    in_run("workflow.cancelled", C::kCancelled, 500, E::kInternalError),
    before_run("workflow.cycle", C::kInvalidArgument, 400),
    in_run("workflow.dependency_failed", C::kFailedPrecondition, 500, E::kDependencyFailed),
    before_run("workflow.duplicate_id", C::kInvalidArgument, 400),
    in_run("workflow.exception", C::kInternal, 500, E::kInternalError),
    in_run("workflow.expression_failed", C::kGuestFault, 500, E::kProcessorFailed),
    wasm("workflow.input_schema", C::kInvalidArgument, 400, W::kValidationError),
    in_run("workflow.input_too_large", C::kResourceExhausted, 413, E::kProcessorFailed),
    before_run("workflow.invalid_definition", C::kInvalidArgument, 400),
    in_run("workflow.invalid_json", C::kInvalidArgument, 400, E::kProcessorFailed),
    in_run("workflow.invalid_response", C::kInternal, 500, E::kInvalidResponse),
    in_run("workflow.invalid_utf8", C::kInvalidArgument, 400, E::kProcessorFailed),
    in_run("workflow.json_path_missing", C::kNotFound, 400, E::kProcessorFailed),
    before_run("workflow.json_path_unsupported", C::kInvalidArgument, 400),
    in_run("workflow.loop_limit", C::kResourceExhausted, 500, E::kProcessorFailed),
    before_run("workflow.lua_failed", C::kInvalidArgument, 400),
    before_run("workflow.lua_value", C::kInvalidArgument, 400),
    before_run("workflow.missing_key", C::kInvalidArgument, 400),
    ReasonRow{"workflow.multiple_failed", std::nullopt, {500, E::kMultipleFailed, std::nullopt}},
    in_run("workflow.no_interpreter", C::kNotFound, 500, E::kProcessorFailed),
    in_run("workflow.no_runner", C::kInternal, 500, E::kProcessorNotFound),
    ReasonRow{"workflow.node_failed", std::nullopt, {500, E::kProcessorFailed, std::nullopt}},
    wasm("workflow.output_schema", C::kGuestFault, 500, W::kValidationError),
    in_run("workflow.payload_too_large", C::kResourceExhausted, 500, E::kProcessorFailed),
    in_run("workflow.regex_limit", C::kResourceExhausted, 500, E::kProcessorFailed),
    in_run("workflow.result_too_large", C::kResourceExhausted, 413, E::kProcessorFailed),
    in_run("workflow.run_timeout", C::kDeadlineExceeded, 500, E::kTimeout),
    in_run("workflow.script_failed", C::kGuestFault, 500, E::kProcessorFailed),
    in_run("workflow.selection_missing", C::kGuestFault, 500, E::kProcessorFailed),
    before_run("workflow.self_dependency", C::kInvalidArgument, 400),
    in_run("workflow.template_missing", C::kInvalidArgument, 400, E::kProcessorFailed),
    in_run("workflow.template_too_large", C::kResourceExhausted, 413, E::kProcessorFailed),
    in_run("workflow.timeout", C::kDeadlineExceeded, 500, E::kTimeout),
    in_run("workflow.too_deep", C::kResourceExhausted, 500, E::kProcessorFailed),
    before_run("workflow.too_many_edges", C::kInvalidArgument, 400),
    in_run("workflow.too_many_items", C::kResourceExhausted, 413, E::kProcessorFailed),
    before_run("workflow.too_many_nodes", C::kInvalidArgument, 400),
    in_run("workflow.too_many_steps", C::kResourceExhausted, 500, E::kInternalError),
    in_run("workflow.too_much_output", C::kResourceExhausted, 500, E::kProcessorFailed),
    before_run("workflow.unimplemented", C::kUnimplemented, 400),
    before_run("workflow.unknown_dependency", C::kInvalidArgument, 400),
    before_run("workflow.unknown_key", C::kInvalidArgument, 400),
    before_run("workflow.unknown_node", C::kNotFound, 500),
    in_run("workflow.unknown_processor", C::kInvalidArgument, 400, E::kProcessorNotFound),
    before_run("workflow.unset_variable", C::kInvalidArgument, 400),
    before_run("workflow.wrong_type", C::kInvalidArgument, 400),
};
static_assert(std::ranges::is_sorted(kReasons, {}, &ReasonRow::reason));

SourceNames names_of(Category category) noexcept {
  switch (category) {
    case C::kInvalidArgument:
      return {400, E::kProcessorFailed, std::nullopt};
    case C::kDeadlineExceeded:
      return {500, E::kTimeout, std::nullopt};
    case C::kInternal:
      return {500, E::kInternalError, std::nullopt};
    default:
      return {500, E::kProcessorFailed, std::nullopt};
  }
}

}  // namespace

std::string_view to_string(ExecutionKind kind) noexcept { return kExecutionNames.at(static_cast<std::size_t>(kind)); }
std::string_view to_string(WasmKind kind) noexcept { return kWasmNames.at(static_cast<std::size_t>(kind)); }

SourceNames source_names(const Error& error) noexcept {
  const auto row = std::ranges::lower_bound(kReasons, error.reason, {}, &ReasonRow::reason);
  if (row == kReasons.end() || row->reason != error.reason) {
    return names_of(error.category);
  }
  SourceNames names = row->names;
  if (!row->category) {
    names.code = names_of(error.category).code;
  }
  return names;
}

std::span<const ReasonRow> known_reasons() noexcept { return kReasons; }

}  // namespace caisson::workflow
