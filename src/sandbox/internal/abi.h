#pragma once

#include "engine/instance.h"
#include "sandbox/guest.h"
#include "sandbox/limits.h"
#include "sandbox/outcome.h"

#include <caisson/payload.h>

#include <cstdint>
#include <string>

namespace caisson::sandbox {

/// What went wrong in a call: half an Outcome.
struct Failure {
  OutcomeStatus status = OutcomeStatus::kHostError;
  Error error;
  std::string trace{};  ///< of code that failed in an image: belongs to its standard error
};

/// What an instance of the guest may use.
[[nodiscard]] engine::InstanceLimits limits_of(const Guest& guest, const Limits& limits,
                                               std::chrono::steady_clock::time_point deadline);

/// The failure a fault of the engine is for the caller.
[[nodiscard]] Failure to_failure(const engine::Fault& fault, const Limits& limits);

/// That of a guest that has no time on a processor left.
[[nodiscard]] Failure cpu_failure(const Limits& limits);

/// The ways of calling a started instance. Each checks every number that comes from the guest against the memory as it
/// is at that moment, and leaves the output in `out`.
[[nodiscard]] std::optional<Failure> call_buffer(engine::Instance& instance, const Guest& guest, const Payload& input,
                                                 const Limits& limits, Payload& out);
[[nodiscard]] std::optional<Failure> call_c_style(engine::Instance& instance, const Guest& guest, const Payload& input,
                                                  const Limits& limits, Payload& out);
[[nodiscard]] std::optional<Failure> call_scalar(engine::Instance& instance, const Guest& guest, const Payload& input,
                                                 const Limits& limits, Payload& out);

/// The output is the value that the code gave: a text, or JSON.
[[nodiscard]] std::optional<Failure> call_image(engine::Instance& instance, const Guest& guest, const Payload& input,
                                                const Limits& limits, Payload& out);

/// Runs a program; its output is what it wrote to standard output, its end what `exit_failure` says.
[[nodiscard]] std::optional<Failure> call_command(engine::Instance& instance, const Limits& limits);

class CallState;

/// Makes an instance of a component, calls it and drops it; the same checks as for the others.
[[nodiscard]] std::optional<Failure> call_component_guest(const Guest& guest, const Payload& input, CallState& call,
                                                          engine::InstanceLimits limits, const std::stop_token& stop,
                                                          engine::InstanceUsage& used, Payload& out);

/// What an exit code means: nothing for 0, which is success like a return from `_start`.
[[nodiscard]] std::optional<Failure> exit_failure(std::int32_t code, const Guest& guest);

/// Adds to the error of a guest that trapped or ended itself what it may have failed for: the first thing it asked for
/// and was denied, and the end of what it wrote to standard error.
void explain_failure(Outcome& outcome);

/// Adds the violation that a failed call's reason stands for, if it is one.
void record_violation(Outcome& outcome, const Limits& limits);

/// Copies the input to where the guest's allocator says. `allocator` is the name of the export.
[[nodiscard]] std::optional<Failure> copy_in(engine::Instance& instance, std::string_view allocator,
                                             std::string_view input, const Limits& limits, std::uint32_t& address);

/// The bytes at `address` for the host to copy, checked against the memory and the output limit.
[[nodiscard]] std::optional<Failure> view_out(engine::Instance& instance, std::uint32_t address, std::uint32_t size,
                                              const Limits& limits, std::string_view& out);

/// What a guest answers in one number: where its bytes are, how many, and in the highest bit whether they tell of a
/// failure.
struct Answer {
  std::string_view bytes{};
  bool is_error = false;
};
/// The same, of a result that is packed so (api/abi.md).
[[nodiscard]] std::optional<Failure> view_answer(engine::Instance& instance, std::int64_t packed, const Limits& limits,
                                                 Answer& out);

}  // namespace caisson::sandbox
