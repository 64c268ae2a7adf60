// WASI 0.2: streams (wasi:io). There are three: standard input, output and error; a handle is the number of one.

#include "sandbox/internal/component_adapter.h"

#include <algorithm>
#include <array>

namespace caisson::sandbox {

namespace {

using engine::ComponentCall;

constexpr std::uint64_t kStdin = 0;
constexpr std::uint64_t kStdout = 1;
constexpr std::uint64_t kStderr = 2;
constexpr std::uint64_t kClosed = 1;                // in the second number of an answer
constexpr std::uint64_t kMostAtOnce = 64ULL << 10;  // that is read, filled or spliced in one call

void get_stdin(CallState& /*call*/, ComponentCall& values) { values.numbers[0] = kStdin; }
void get_stdout(CallState& /*call*/, ComponentCall& values) { values.numbers[0] = kStdout; }
void get_stderr(CallState& /*call*/, ComponentCall& values) { values.numbers[0] = kStderr; }

/// What is left of standard input, at most `size` of it; at its end the answer says that it is closed.
std::string_view take(CallState& call, ComponentCall& values, std::uint64_t size) {
  const std::string_view left = call.input_left();
  const std::string_view taken = left.substr(0, std::min(size, kMostAtOnce));
  values.numbers = {taken.size(), left.empty() ? kClosed : 0};
  call.take_input(taken.size());
  return call.charge_bytes(taken.size()) ? taken : std::string_view();
}

void read(CallState& call, ComponentCall& values) { values.result = take(call, values, values.numbers[1]); }

void skip(CallState& call, ComponentCall& values) { (void)take(call, values, values.numbers[1]); }

/// The call ends where the limit of the stream is reached.
void write_to(CallState& call, std::uint64_t stream, std::string_view bytes) {
  if (call.charge_bytes(bytes.size())) {
    (void)(stream == kStderr ? call.write_stderr(bytes) : call.write_stdout(bytes));
  }
}

void write(CallState& call, ComponentCall& values) {
  write_to(call, values.numbers[0], values.bytes);
  values.numbers[1] = 0;
}

void check_write(CallState& /*call*/, ComponentCall& values) { values.numbers = {kMostAtOnce, 0}; }

/// Nothing is kept back.
void flush(CallState& /*call*/, ComponentCall& values) { values.numbers[1] = 0; }

/// A guest may write what check-write allowed.
void write_zeroes(CallState& call, ComponentCall& values) {
  if (values.numbers[1] > kMostAtOnce) {
    call.end_with_trap("it writes more zeroes to a stream than the stream said it takes");
    return;
  }
  write_to(call, values.numbers[0], std::string(values.numbers[1], '\0'));
  values.numbers[1] = 0;
}

void splice(CallState& call, ComponentCall& values) {
  const std::uint64_t to = values.numbers[0];
  write_to(call, to, take(call, values, values.numbers[1]));
}

constexpr std::string_view kStreams = "wasi:io/streams@0.2.0";

constexpr std::array kRows = {
    component_row<&answer_nothing>("wasi:io/error@0.2.0", "error.to-debug-string", Family::kWasi, &always),
    component_row<&read>(kStreams, "input-stream.read", Family::kWasi, &always),
    component_row<&read>(kStreams, "input-stream.blocking-read", Family::kWasi, &always),
    component_row<&skip>(kStreams, "input-stream.skip", Family::kWasi, &always),
    component_row<&skip>(kStreams, "input-stream.blocking-skip", Family::kWasi, &always),
    component_row<&check_write>(kStreams, "output-stream.check-write", Family::kWasi, &always),
    component_row<&write>(kStreams, "output-stream.write", Family::kWasi, &always),
    component_row<&write>(kStreams, "output-stream.blocking-write-and-flush", Family::kWasi, &always),
    component_row<&flush>(kStreams, "output-stream.flush", Family::kWasi, &always),
    component_row<&flush>(kStreams, "output-stream.blocking-flush", Family::kWasi, &always),
    component_row<&write_zeroes>(kStreams, "output-stream.write-zeroes", Family::kWasi, &always),
    component_row<&write_zeroes>(kStreams, "output-stream.blocking-write-zeroes-and-flush", Family::kWasi, &always),
    component_row<&splice>(kStreams, "output-stream.splice", Family::kWasi, &always),
    component_row<&splice>(kStreams, "output-stream.blocking-splice", Family::kWasi, &always),
    component_row<&get_stdin>("wasi:cli/stdin@0.2.0", "get-stdin", Family::kWasi, &always),
    component_row<&get_stdout>("wasi:cli/stdout@0.2.0", "get-stdout", Family::kWasi, &always),
    component_row<&get_stderr>("wasi:cli/stderr@0.2.0", "get-stderr", Family::kWasi, &always),
};

}  // namespace

std::span<const HostRow> wasi2_stream_rows() noexcept { return kRows; }

}  // namespace caisson::sandbox
