// WASI 0.2: arguments, environment, the end of a program, random bytes; terminals and directories, of which there are
// none.

#include "sandbox/internal/component_adapter.h"
#include "sandbox/internal/program_texts.h"
#include "sandbox/internal/random_bytes.h"

#include <array>
#include <span>
#include <string>
#include <vector>

namespace caisson::sandbox {

namespace {

using engine::ComponentCall;

/// Each text with a zero byte behind it.
void give_texts(CallState& call, ComponentCall& values, const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    values.result.append(text.c_str(), text.size() + 1);
  }
  if (!call.charge_bytes(values.result.size())) {
    values.result.clear();
  }
}

void get_environment(CallState& call, ComponentCall& values) { give_texts(call, values, variables_of(call)); }

void get_arguments(CallState& call, ComponentCall& values) { give_texts(call, values, arguments_of(call)); }

/// 0 or 1 of `exit`, any byte of `exit-with-code`.
void exit_program(CallState& call, ComponentCall& values) { call.exit(static_cast<std::int32_t>(values.numbers[0])); }

void random_bytes(CallState& call, ComponentCall& values) {
  if (!charge_random(call, values.numbers[0])) {
    return;
  }
  values.result.resize(values.numbers[0]);
  if (!fill_random(call, std::as_writable_bytes(std::span(values.result)))) {
    values.result.clear();
  }
}

void random_numbers(CallState& call, ComponentCall& values) {
  if (!give_random(call, std::as_writable_bytes(std::span(values.numbers)))) {
    values.numbers = {};
  }
}

constexpr std::string_view kEnvironment = "wasi:cli/environment@0.2.0";

constexpr std::array kRows = {
    component_row<&get_environment>(kEnvironment, "get-environment", Family::kWasi, &always),
    component_row<&get_arguments>(kEnvironment, "get-arguments", Family::kWasi, &always),
    component_row<&answer_nothing>(kEnvironment, "initial-cwd", Family::kWasi, &always),
    component_row<&exit_program>("wasi:cli/exit@0.2.0", "exit", Family::kWasi, &always),
    component_row<&exit_program>("wasi:cli/exit@0.2.0", "exit-with-code", Family::kWasi, &always),
    component_row<&answer_nothing>("wasi:cli/terminal-input@0.2.0", "terminal-input.drop", Family::kWasi, &always),
    component_row<&answer_nothing>("wasi:cli/terminal-output@0.2.0", "terminal-output.drop", Family::kWasi, &always),
    component_row<&answer_nothing>("wasi:cli/terminal-stdin@0.2.0", "get-terminal-stdin", Family::kWasi, &always),
    component_row<&answer_nothing>("wasi:cli/terminal-stdout@0.2.0", "get-terminal-stdout", Family::kWasi, &always),
    component_row<&answer_nothing>("wasi:cli/terminal-stderr@0.2.0", "get-terminal-stderr", Family::kWasi, &always),
    component_row<&answer_nothing>("wasi:filesystem/preopens@0.2.0", "get-directories", Family::kWasi, &always),
    component_row<&random_bytes>("wasi:random/random@0.2.0", "get-random-bytes", Family::kRandom),
    component_row<&random_numbers>("wasi:random/random@0.2.0", "get-random-u64", Family::kRandom),
    component_row<&random_bytes>("wasi:random/insecure@0.2.0", "get-insecure-random-bytes", Family::kRandom),
    component_row<&random_numbers>("wasi:random/insecure@0.2.0", "get-insecure-random-u64", Family::kRandom),
    component_row<&random_numbers>("wasi:random/insecure-seed@0.2.0", "insecure-seed", Family::kRandom),
};

}  // namespace

std::span<const HostRow> wasi2_cli_rows() noexcept { return kRows; }

}  // namespace caisson::sandbox
