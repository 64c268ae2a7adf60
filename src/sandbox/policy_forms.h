#pragma once

#include "document/value.h"
#include "sandbox/policy_request.h"

#include <caisson/result.h>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

/// A policy as other systems write it, in our own words.
struct ForeignPolicy {
  PolicyRequest request{};
  std::vector<Diagnostic> warnings{};  ///< what has no meaning here, and why
};

/// A request in the words of another system.
struct PrintedPolicy {
  document::Value value{};
  /// Names of ours that those words cannot say, or not as narrowly: `limits.fuel`, `grants.net`. They are not in
  /// `value`, or what is there reads back as something else.
  std::vector<std::string> left_out{};
};

/// Readers of the forms. Everything is a request that a ceiling must allow, inherited things too. What is
/// unknown, nonsense, negative, out of its range or asks for what no sandbox here gives is an error with its place;
/// what changes nothing is a warning.
///
/// Errors: invalid_argument / policy.unknown_key, policy.wrong_type, policy.bad_value, or policy.invalid_form when
/// there are several kinds; one diagnostic for each problem.

/// Our own words: the maps `limits` and `grants` of a definition.
[[nodiscard]] Result<ForeignPolicy> read_definition_policy(const document::Value& value, std::string_view file);
[[nodiscard]] PrintedPolicy print_definition_policy(const PolicyRequest& request);

/// The module manager's SecurityContext: `sandbox_enabled`, `allowed_syscalls`, `max_memory_bytes`,
/// `max_execution_time_secs`, `env_vars`, `network_access`, `filesystem_access`, `cpu_limits`.
[[nodiscard]] Result<ForeignPolicy> read_security_context(const document::Value& value, std::string_view file);
[[nodiscard]] PrintedPolicy print_security_context(const PolicyRequest& request);

/// A list of capability strings: `random:secure`, `random:pseudo`, `time:wall`, `time:monotonic`, `memory:manage`,
/// `fs:read:DIR/**`, `fs:write:DIR/**`, `net:http:outbound`, `env:read:NAME`, `dagwood:logging:info` ...
[[nodiscard]] Result<ForeignPolicy> read_capabilities(const document::Value& value, std::string_view file);
[[nodiscard]] PrintedPolicy print_capabilities(const PolicyRequest& request);

/// The calls of a WASI context builder: `inherit_stdio`, `inherit_stdin`, `inherit_env`, `env`, `args`,
/// `preopened_dir`, `clock`, `random` ...
[[nodiscard]] Result<ForeignPolicy> read_wasi_grants(const document::Value& value, std::string_view file);
[[nodiscard]] PrintedPolicy print_wasi_grants(const PolicyRequest& request);

/// The stream processor's sandbox manifest: `name`, `version`, `runtime`, `preset`, `capabilities`, `limits`. TOML and
/// JSON read to the same value.
[[nodiscard]] Result<ForeignPolicy> read_sandbox_manifest(const document::Value& value, std::string_view file);
[[nodiscard]] PrintedPolicy print_sandbox_manifest(const PolicyRequest& request);

/// The gateway's run-time configuration, with its ranges: `max_memory_pages` 1 to 65536, `max_execution_time_ms` to
/// 300000, `max_stack_size` 64 KB to 16 MB, `thread_pool_size` 1 to 128, `module_cache_size` to 1000, `max_body_size`
/// to 100 MB. Of memory and stack, what is more than a sandbox gives (limit_table.h) is an error as well.
[[nodiscard]] Result<ForeignPolicy> read_runtime_config(const document::Value& value, std::string_view file);
[[nodiscard]] PrintedPolicy print_runtime_config(const PolicyRequest& request);

/// The limits that the node types of the canvas have: `code`, `tool`, `agent`, `llm`, `condition`, `loop`, `workflow`.
/// Nothing for any other name.
[[nodiscard]] std::optional<PolicyRequest> type_limits(std::string_view type);
/// One type's row of such a table: `memory_mb` or `memory_pages`, `cpu_seconds`, `timeout_seconds`, `fuel`.
[[nodiscard]] Result<ForeignPolicy> read_type_limits(const document::Value& value, std::string_view file);
[[nodiscard]] PrintedPolicy print_type_limits(const PolicyRequest& request);

/// A form by its name: `definition`, `security-context`, `capabilities`, `wasi`, `manifest`, `gateway`, `type-limits`.
struct PolicyForm {
  std::string_view name;
  Result<ForeignPolicy> (*read)(const document::Value& value, std::string_view file) = nullptr;
  PrintedPolicy (*print)(const PolicyRequest& request) = nullptr;
};

/// All of them, `definition` first.
[[nodiscard]] std::span<const PolicyForm> policy_forms() noexcept;
/// nullptr when there is none of that name.
[[nodiscard]] const PolicyForm* find_policy_form(std::string_view name) noexcept;

}  // namespace caisson::sandbox
