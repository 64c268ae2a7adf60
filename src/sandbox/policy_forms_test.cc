// The forms of other systems, in both directions.

#include "sandbox/policy_forms.h"

#include "document/parse.h"
#include "document/print.h"
#include "sandbox/internal/form_reader.h"
#include "sandbox/testing/requests.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {
namespace {

using document::Value;
using Lines = std::vector<std::string>;
using Read = Result<ForeignPolicy> (*)(const Value&, std::string_view);

Value yaml(std::string_view text) {
  auto value = document::parse_yaml(text, "in");
  EXPECT_TRUE(value) << text;
  return value ? *std::move(value) : Value();
}

/// What a form asks for, as a definition with `ours` asks for it.
void expect_same(Read read, std::string_view theirs, std::string_view ours, std::size_t warnings = 0) {
  const auto policy = read(yaml(theirs), "in");
  ASSERT_TRUE(policy) << theirs << "\n" << policy.error().message;
  EXPECT_EQ(internal::differences(policy->request, testing::request(ours)), Lines()) << theirs;
  EXPECT_EQ(policy->warnings.size(), warnings) << theirs;
  for (const Diagnostic& warning : policy->warnings) {
    EXPECT_EQ(warning.reason, "policy.no_effect");
    EXPECT_EQ(warning.severity, Severity::kWarning);
    EXPECT_GT(warning.where.line, 0);
  }
}

/// Each text has one problem.
void expect_refused(Read read, const std::vector<std::string_view>& texts) {
  for (const std::string_view text : texts) {
    const auto policy = read(yaml(text), "in");
    ASSERT_FALSE(policy) << text;
    EXPECT_EQ(policy.error().category, Category::kInvalidArgument) << text;
    ASSERT_EQ(policy.error().diagnostics.size(), 1U) << text << "\n" << policy.error().message;
    EXPECT_GT(policy.error().diagnostics[0].where.line, 0) << text;
    EXPECT_EQ(policy.error().reason, policy.error().diagnostics[0].reason);
  }
}

/// What is printed reads back as the same, but for `left_out`.
void expect_printed(PrintedPolicy (*print)(const PolicyRequest&), Read read, std::string_view ours,
                    const Lines& left_out = {}) {
  const PolicyRequest asked = testing::request(ours);
  const PrintedPolicy printed = print(asked);
  EXPECT_EQ(printed.left_out, left_out) << ours << "\n" << document::to_json(printed.value);
  const auto again = read(printed.value, "");
  ASSERT_TRUE(again) << document::to_json(printed.value) << "\n" << again.error().message;
  EXPECT_EQ(internal::differences(again->request, asked), left_out);
}

TEST(PolicyForms, OurOwnWords) {
  constexpr std::string_view kAll =
      "limits: {memory: 32MB, fuel: unlimited, timeout: 1.5s, cpu_percent: 12.5}\n"
      "grants:\n  preset: compute\n  wasi: true\n  read: [in, '/a:b', {host: 'c:d', guest: e, links: true}]\n"
      "  write: []\n  env: {A: x, HOME: {from: host}}\n  args: [a, '1']\n  stdin: false\n  clock: coarse\n"
      "  random: {seed: 7}\n  net: ['https://a.com', 'POST|PUT https://b.com/v1/*']\n  secrets: [s]\n"
      "  imports: [kv]\n  features: [simd]\n";
  expect_same(read_definition_policy, kAll, kAll);
  expect_same(read_definition_policy, "limits: {file_bytes: 1MB}", "limits: {file_read: 1MB, file_write: 1MB}");
  expect_same(read_definition_policy, "{}", "");
  expect_refused(read_definition_policy, {"limit: {}", "limits: 3", "grants: {reed: [a]}", "limits: {memory: lots}",
                                          "grants: {env: {A: {from: elsewhere}}}", "[1]"});
  expect_printed(print_definition_policy, read_definition_policy, kAll);
  expect_printed(print_definition_policy, read_definition_policy, "grants: {random: seeded, env: [A, '*']}");
  expect_printed(print_definition_policy, read_definition_policy, "");
  // A map has each name once.
  PolicyRequest twice = testing::request("grants: {env: [A]}");
  add_to(twice, testing::request("grants: {env: {A: x}}"));
  EXPECT_EQ(print_definition_policy(twice).left_out, Lines{"grants.env"});
}

TEST(PolicyForms, EachIsFoundByItsNameAndReadsWhatADefinitionCanSay) {
  EXPECT_EQ(policy_forms().front().name, "definition");
  EXPECT_EQ(find_policy_form("definitions"), nullptr);
  for (const PolicyForm& form : policy_forms()) {
    EXPECT_EQ(find_policy_form(form.name), &form);
    const PrintedPolicy nothing = form.print({});
    EXPECT_TRUE(nothing.left_out.empty()) << form.name;
    EXPECT_TRUE(form.read(nothing.value, "in")) << form.name;
    const PrintedPolicy features = form.print(testing::request("grants: {features: [simd]}"));
    EXPECT_EQ(features.left_out, form.name == "definition" ? Lines() : Lines{"grants.features"}) << form.name;
  }
}

TEST(PolicyForms, SecurityContext) {
  expect_same(read_security_context, R"({"sandbox_enabled": true, "allowed_syscalls": [], "max_memory_bytes": 33554432,
    "max_execution_time_secs": 30, "env_vars": {"MODE": "x", "N": 1},
    "network_access": {"enabled": true, "allowed_domains": ["a.com", "*.b.com"], "allowed_ports": [443, 80, 8080],
                       "max_connections": 5},
    "filesystem_access": {"enabled": true, "allowed_read_paths": ["/in"], "allowed_write_paths": ["/out"],
                          "max_file_size_bytes": 1048576},
    "cpu_limits": {"max_cpu_percent": 50.0, "max_threads": 1, "cpu_time_limit_secs": 60}})",
              "limits: {memory: 32MB, timeout: 30s, http_connections: 5, file_size: 1MB, cpu_percent: 50, cpu: 60s}\n"
              "grants:\n  env: {MODE: x, N: 1}\n  read: [/in]\n  write: [/out]\n"
              "  net: ['* https://a.com', '* http://a.com', '* https://a.com:8080', '* https://*.b.com', '* "
              "http://*.b.com', '* https://*.b.com:8080']\n");
  expect_same(read_security_context, "{}", "");
  expect_same(
      read_security_context,
      "{max_memory_bytes: null, env_vars: {}, network_access: {enabled: false}, filesystem_access: {enabled: false}}",
      "");
  expect_same(read_security_context, "network_access: {enabled: true}", "grants: {net: ['* https://*']}");
  expect_same(
      read_security_context,
      "allowed_syscalls: [read, write]\nnetwork_access: {allowed_domains: [a.com]}\n"
      "filesystem_access: {allowed_read_paths: [/in], allowed_write_paths: [/out]}\ncpu_limits: {max_threads: 2}",
      "", 6);
  expect_refused(read_security_context, {"sandbox_enabled: false",
                                         "sandbox_enable: true",
                                         "max_memory_bytes: 0",
                                         "max_memory_bytes: lots",
                                         "max_memory_bytes: -1",
                                         "max_execution_time_secs: 0",
                                         "env_vars: [A]",
                                         "env_vars: {A: [1]}",
                                         "network_access: {enabled: 1}",
                                         "network_access: {enabled: true, allowed_domains: ['a b']}",
                                         "network_access: {allowed_ports: [0]}",
                                         "network_access: {allowed_ports: [65536]}",
                                         "network_access: {max_connections: 1001}",
                                         "filesystem_access: {allowed_read_paths: x}",
                                         "filesystem_access: {max_file_size_bytes: -1}",
                                         "cpu_limits: {max_cpu_percent: 101}",
                                         "cpu_limits: {max_threads: 0}",
                                         "cpu_limits: 3",
                                         "[1]",
                                         "network_access: {allowed_domains: [1]}"});
  expect_printed(
      print_security_context, read_security_context,
      "limits: {memory: 32MB, timeout: 1.5s, http_connections: 5, file_size: 1MB, cpu_percent: 12.5, cpu: 60s}\n"
      "grants: {env: {A: x}, read: [/in, '/a:b'], write: [/out], net: ['* https://a.com', '* https://b.com']}");
  expect_printed(print_security_context, read_security_context,
                 "limits: {fuel: 5}\ngrants: {env: [A], net: ['https://a.com/x'], clock: real, imports: [kv]}",
                 {"limits.fuel", "grants.env", "grants.clock", "grants.net", "grants.imports"});
  expect_printed(print_security_context, read_security_context, "");
}

TEST(PolicyForms, Capabilities) {
  expect_same(
      read_capabilities,
      "['random:secure', 'time:wall', 'time:monotonic', 'fs:read:/data/**', 'fs:read:/x/*', 'fs:read:rel', "
      "'fs:write:/out/', 'net:http:outbound', 'env:read:HOME', 'env:read:*']",
      "grants: {random: real, clock: real, read: [/data, /x, rel], write: [/out], net: ['* http://*', '* https://*'], "
      "env: [HOME, '*']}");
  expect_same(read_capabilities, "['random:pseudo']", "grants: {random: seeded}");
  expect_same(read_capabilities, "['random:secure', 'random:pseudo']", "grants: {random: real}");
  expect_same(read_capabilities, "['random:pseudo', 'random:secure']", "grants: {random: real}");
  expect_same(read_capabilities, "[]", "");
  expect_same(read_capabilities,
              "['memory:manage', 'dagwood:logging:info', 'dagwood:metadata:read', 'dagwood:config:read']", "", 4);
  expect_refused(
      read_capabilities,
      {"['fs:read:/data/*.txt']", "['fs:read:']", "['fs:read:/a/**/b']", "['fs:write:/a/?']", "['env:read:A*']",
       "['env:read:']", "['net:tcp:connect:a.com:25']", "['random:secur']", "[3]", "time:wall", "{a: b}", "['']"});
  const auto typo = read_capabilities(yaml("['random:secur']"), "in");
  EXPECT_NE(typo.error().message.find("did you mean 'random:secure'"), std::string::npos) << typo.error().message;
  expect_printed(
      print_capabilities, read_capabilities,
      "grants: {random: real, clock: real, read: [/data], write: [out], net: ['* http://*', '* https://*'], env: [A]}");
  expect_printed(print_capabilities, read_capabilities, "grants: {random: seeded}");
  expect_printed(print_capabilities, read_capabilities,
                 "limits: {memory: 1MB}\ngrants: {random: {seed: 7}, clock: coarse, read: ['a:b'], env: {A: x}, net: "
                 "['https://a.com'], args: [x], stdin: true, secrets: [s]}",
                 {"limits.memory", "grants.read", "grants.env", "grants.args", "grants.stdin", "grants.clock",
                  "grants.random", "grants.net", "grants.secrets"});
}

TEST(PolicyForms, WasiGrants) {
  expect_same(read_wasi_grants,
              "inherit_stdio: true\ninherit_env: true\nargs: [a, 1]\nclock: true\nrandom: true\n"
              "preopened_dir: {host: /path/to/data, guest: /}\n",
              "grants: {wasi: true, stdin: true, env: ['*'], args: [a, '1'], clock: real, random: real, read: "
              "['/path/to/data:/']}");
  expect_same(read_wasi_grants, "inherit_stdin: true", "grants: {wasi: true, stdin: true}");
  expect_same(read_wasi_grants, "inherit_stdout: true\ninherit_stderr: true", "grants: {wasi: true}");
  expect_same(read_wasi_grants, "inherit_stdio: false\ninherit_env: false\ninherit_args: false", "");
  expect_same(read_wasi_grants, "env: {A: x}\nenvs: [[B, y]]", "grants: {env: {A: x, B: y}}");
  expect_same(read_wasi_grants, "preopened_dirs: [{host: a}, {host: b, guest: c, writable: true}]",
              "grants: {read: [a], write: ['b:c']}");
  expect_refused(read_wasi_grants,
                 {"inherit_args: true", "inherit_stdio: 1", "inherit_stdi: true", "env: 3", "env: [[A]]", "env: [A]",
                  "env: [[1, x]]", "args: 3", "preopened_dir: {guest: /}", "preopened_dir: {host: a, gues: b}",
                  "preopened_dirs: 3", "clock: fast", "random: 3", "[x]", "preopened_dir: {host: 3, guest: x}"});
  expect_printed(
      print_wasi_grants, read_wasi_grants,
      "grants: {wasi: true, stdin: true, env: ['*'], args: [], clock: coarse, random: {seed: 7}, read: ['a:b'], "
      "write: [c]}");
  expect_printed(print_wasi_grants, read_wasi_grants, "grants: {wasi: true, env: {A: x}, random: real}");
  expect_printed(print_wasi_grants, read_wasi_grants,
                 "limits: {memory: 1MB}\ngrants: {stdin: true, net: ['https://a.com'], preset: none}",
                 {"limits.memory", "grants.preset", "grants.wasi", "grants.net"});
}

TEST(PolicyForms, SandboxManifest) {
  const std::string_view ours =
      "limits: {memory: 64MB, cpu: 10s, cpu_percent: 50, file_read: 10MB, file_write: 5MB, files: 10, file_size: 1MB, "
      "created_files: 0}\n"
      "grants: {net: ['* https://a.com'], read: [/in], write: [], env: [HOME], clock: real, random: seeded}";
  const auto toml = document::parse_toml(R"(
name = "demo"
version = "1.0"
[runtime]
engine = "wasmtime"
[capabilities]
process = "none"
time = "read-only"
random = "pseudo"
[capabilities.network]
hosts = ["a.com"]
[capabilities.filesystem]
readable_dirs = ["/in"]
writable_dirs = []
max_file_size = "1MB"
allow_create = false
allow_delete = false
[capabilities.environment]
allowlist = ["HOME"]
[limits]
max_memory = "64MB"
max_cpu_time_ms = 10000
max_cpu_percent = 50
max_threads = 1
max_read_bytes = 10485760
max_write_bytes = 5242880
max_open_files = 10
)",
                                         "in");
  ASSERT_TRUE(toml) << toml.error().message;
  const auto from_toml = read_sandbox_manifest(*toml, "in");
  ASSERT_TRUE(from_toml) << from_toml.error().message;
  EXPECT_EQ(internal::differences(from_toml->request, testing::request(ours)), Lines());
  // The same as JSON.
  const auto json = document::parse_json(document::to_json(*toml), "in");
  EXPECT_EQ(internal::differences(read_sandbox_manifest(*json, "in")->request, from_toml->request), Lines());

  expect_same(
      read_sandbox_manifest,
      "limits: {max_memory_pages: 160, reserved_memory_pages: 16, max_memory_growth_pages_per_second: 10, max_tables: "
      "1, "
      "max_read_bytes_per_second: 1048576, max_write_bytes_per_second: 1048576, max_execution_time_ms: 30000, "
      "max_idle_time_ms: 5000, max_fuel: 10000000, startup_timeout_ms: 5000, reserved_memory: 16MB, max_threads: 2}",
      "limits: {memory: 10MB, memory_growth: 640KB, file_read_rate: 1MB, file_write_rate: 1MB, timeout: 30s, idle: 5s, "
      "fuel: 10M}",
      5);
  expect_same(read_sandbox_manifest, "preset: minimal", "grants: {preset: none}");
  expect_same(read_sandbox_manifest,
              "preset: development\nruntime: {debug: true, cache_modules: true, compilation_threads: 4}",
              "grants: {preset: wasi}", 4);
  expect_same(
      read_sandbox_manifest,
      "capabilities: {network: none, filesystem: none, environment: none, process: none, time: none, random: none, "
      "custom: {}}",
      "grants: {net: [], read: [], write: [], env: [], clock: denied, random: denied}");
  expect_same(read_sandbox_manifest,
              "capabilities: {network: full, environment: full, time: read_only, random: full, custom: []}",
              "grants: {net: ['* http://*:*', '* https://*:*'], env: ['*'], clock: real, random: real}");
  expect_same(read_sandbox_manifest, "capabilities: {network: {ports: [8080]}}", "grants: {net: ['* https://*:8080']}");
  expect_same(read_sandbox_manifest, "capabilities: {network: loopback}",
              "grants: {net: ['* http://127.0.0.1:*', '* http://localhost:*', '* https://127.0.0.1:*', '* "
              "https://localhost:*']}");
  expect_same(read_sandbox_manifest,
              "capabilities: {filesystem: {writable_dirs: [/out], allow_create: true, allow_delete: true}}",
              "grants: {write: [/out]}");
  expect_refused(read_sandbox_manifest, {"runtime: {engine: v8}",
                                         "runtime: 3",
                                         "preset: minmal",
                                         "capabilities: {network: open}",
                                         "capabilities: {network: {hosts: ['a b']}}",
                                         "capabilities: {network: {ports: [0]}}",
                                         "capabilities: {filesystem: {writable_dirs: [/out], allow_delete: false}}",
                                         "capabilities: {filesystem: {readable: [/in]}}",
                                         "capabilities: {filesystem: 3}",
                                         "capabilities: {environment: {denylist: [A]}}",
                                         "capabilities: {environment: some}",
                                         "capabilities: {process: full}",
                                         "capabilities: {time: full}",
                                         "capabilities: {time: sometimes}",
                                         "capabilities: {random: some}",
                                         "capabilities: {custom: {gpu: true}}",
                                         "limits: {max_memory: 1}",
                                         "limits: {max_memory_pages: 0}",
                                         "limits: {max_threads: 0}",
                                         "limits: {max_cpu_percent: 0}",
                                         "limits: {max_fuel: 0}",
                                         "limits: {fuel: 1}",
                                         "name: 3"});
  expect_printed(
      print_sandbox_manifest, read_sandbox_manifest,
      "limits: {memory: 64MB, cpu: 10s, cpu_percent: 50, file_read: 10MB, files: 10, timeout: 30s, idle: 5s, fuel: "
      "10M, memory_growth: 640KB, file_read_rate: 1MB, file_write_rate: 1MB, file_size: 1MB}\n"
      "grants: {preset: none, net: ['* https://a.com'], read: [/in], write: [/out], env: [HOME], clock: real, "
      "random: seeded}");
  expect_printed(print_sandbox_manifest, read_sandbox_manifest,
                 "grants: {net: [], read: [], env: [], clock: denied, random: denied}");
  expect_printed(print_sandbox_manifest, read_sandbox_manifest, "grants: {env: ['*'], random: real}");
  expect_printed(
      print_sandbox_manifest, read_sandbox_manifest,
      "limits: {stdout: 1KB}\ngrants: {net: ['https://a.com'], clock: virtual, args: [x], random: {seed: 3}}",
      {"limits.stdout", "grants.args", "grants.clock", "grants.random", "grants.net"});
}

TEST(PolicyForms, RuntimeConfigHasTheRangesOfTheGateway) {
  expect_same(read_runtime_config,
              "{max_memory_pages: 1024, max_execution_time_ms: 1000, max_stack_size: 1048576, max_body_size: 10485760}",
              "limits: {memory: 64MB, timeout: 1s, stack: 1MB, input: 10MB}");
  expect_same(read_runtime_config, "{thread_pool_size: 128, module_cache_size: 1000}", "", 2);
  const std::vector<std::pair<std::string, std::pair<std::int64_t, std::int64_t>>> ranges = {
      {"max_memory_pages", {1, 32'768}},       {"max_execution_time_ms", {1, 300'000}},
      {"max_stack_size", {64 << 10, 4 << 20}}, {"thread_pool_size", {1, 128}},
      {"module_cache_size", {1, 1'000}},       {"max_body_size", {1, 100 << 20}}};
  for (const auto& [name, range] : ranges) {
    const auto read = [&](std::int64_t value) { return read_runtime_config(Value::map({{name, value}}), "in"); };
    EXPECT_TRUE(read(range.first)) << name;
    EXPECT_TRUE(read(range.second)) << name;
    for (const std::int64_t wrong : {range.first - 1, range.second + 1, std::int64_t{-1}}) {
      const auto refused = read(wrong);
      ASSERT_FALSE(refused) << name << " " << wrong;
      EXPECT_NE(refused.error().message.find(name), std::string::npos) << refused.error().message;
    }
  }
  expect_refused(read_runtime_config, {"max_memory_pages: 1.5", "max_memory_pages: x", "pages: 1"});
  const auto two = read_runtime_config(yaml("{max_memory_pages: 0, pages: 1}"), "in");
  EXPECT_EQ(two.error().reason, "policy.invalid_form");
  EXPECT_EQ(two.error().diagnostics.size(), 2U);
  expect_printed(print_runtime_config, read_runtime_config,
                 "limits: {memory: 64MB, timeout: 1s, stack: 1MB, input: 10MB}");
  expect_printed(print_runtime_config, read_runtime_config,
                 "limits: {timeout: 400s, memory: 100000, input: 0}\ngrants: {clock: real}",
                 {"limits.memory", "limits.timeout", "limits.input", "grants.clock"});
}

TEST(PolicyForms, LimitsOfNodeTypes) {
  const auto limits = [](std::string_view type) {
    const auto asked = type_limits(type);
    return asked ? print_limit(*find_limit("memory"), asked->find(*find_limit("memory"))->amount) + " " +
                       print_limit(*find_limit("cpu"), asked->find(*find_limit("cpu"))->amount)
                 : std::string("none");
  };
  EXPECT_EQ(limits("code"), "32MiB 10s");
  EXPECT_EQ(limits("tool"), "64MiB 5s");
  EXPECT_EQ(limits("agent"), "128MiB 30s");
  EXPECT_EQ(limits("llm"), "16MiB 2s");
  EXPECT_EQ(limits("condition"), "8MiB 1s");
  EXPECT_EQ(limits("loop"), "64MiB 1m");
  EXPECT_EQ(limits("workflow"), "256MiB 2m");
  EXPECT_EQ(limits("wasm"), "none");
  expect_same(read_type_limits, "{memory_pages: 512, cpu_seconds: 10, timeout_seconds: 10, fuel: 1000000}",
              "limits: {memory: 32MB, cpu: 10s, timeout: 10s, fuel: 1M}");
  expect_same(read_type_limits, "memory_mb: 32", "limits: {memory: 32MB}");
  expect_refused(read_type_limits, {"memory_mb: 0", "memory_mb: 5000", "cpu_seconds: -1", "fuel: 0", "fuels: 1", "3"});
  expect_printed(print_type_limits, read_type_limits, "limits: {memory: 32MB, cpu: 10s, timeout: 1500ms, fuel: 5}");
  expect_printed(print_type_limits, read_type_limits, "limits: {stdout: 5}", {"limits.stdout"});
}

}  // namespace
}  // namespace caisson::sandbox
