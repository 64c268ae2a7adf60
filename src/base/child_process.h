#pragma once

#include <caisson/result.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::base {

/// What a child process may use; the kernel holds it to that. Nothing named: what this process may.
struct ChildLimits {
  std::optional<std::chrono::seconds> cpu;
  std::optional<std::uint64_t> memory_bytes;  ///< of address space
  std::optional<std::uint64_t> file_bytes;    ///< of any file it writes
};

struct ChildOptions {
  std::filesystem::path program;             ///< absolute; no folder is searched
  std::vector<std::string> arguments{};      ///< after the program's name
  std::vector<std::string> environment{};    ///< `NAME=value`, all of it: nothing is inherited
  std::string_view input{};                  ///< its standard input; it need not read it
  std::uint64_t max_output_bytes = 1 << 20;  ///< of standard output; more ends the child
  std::uint64_t max_error_bytes = 1 << 16;   ///< of standard error; more is dropped
  ChildLimits limits{};
  std::chrono::milliseconds deadline{60'000};  ///< from its start
  int niceness = 0;                            ///< 19 gives way to every other process; holds as the limits do
};

/// How a child came to its end.
enum class ChildEnd : std::uint8_t {
  kExited,     ///< by itself; `code` is its exit code
  kSignalled,  ///< killed, by the kernel or somebody; `code` is the signal
  kDeadline,   ///< ended by us
  kOutput,     ///< ended by us: it wrote more than it may
  kCancelled,  ///< ended by us: the stop token
};

struct ChildOutcome {
  ChildEnd end = ChildEnd::kExited;
  int code = 0;
  std::string output;
  std::string error;
  std::chrono::microseconds cpu{0};
  std::uint64_t max_resident_bytes = 0;
};

/// Runs a program with pipes for its three streams and waits for its end; every end is an outcome. The limits hold
/// before the first byte of `input` is sent. It gets no other descriptor, is the leader of a process group of its own
/// (the terminal's Ctrl-C does not reach it), and the whole group is killed at the end.
///
/// Errors: unavailable / base.no_child when it cannot be started.
/// Threads: safe to call concurrently.
[[nodiscard]] Result<ChildOutcome> run_child(const ChildOptions& options, const std::stop_token& stop = {});

}  // namespace caisson::base
