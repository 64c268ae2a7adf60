#pragma once

#include "sandbox/internal/call_state.h"
#include "sandbox/internal/wasi_types.h"

#include <cstdint>
#include <string_view>

namespace caisson::sandbox {

inline constexpr wasi::Fd kStdin = 0;
inline constexpr wasi::Fd kStdout = 1;
inline constexpr wasi::Fd kStderr = 2;

/// Descriptors 0 to 2 are the standard streams; the others are the file table's.
[[nodiscard]] constexpr bool is_stream(wasi::Fd fd) noexcept { return fd <= kStderr; }

/// Whether the guest has this descriptor.
[[nodiscard]] bool is_open(CallState& call, wasi::Fd fd);

/// The file table for a function with a descriptor; nullptr when the descriptor cannot be one of it: what `error` says
/// of a stream that is open, `badf` otherwise.
struct FilesOrErrno {
  FileTable* files = nullptr;
  wasi::Errno error = wasi::Errno::kBadf;
};
[[nodiscard]] FilesOrErrno files_at(CallState& call, wasi::Fd fd, wasi::Errno of_a_stream);

/// Waits until the rates of the file limits let more bytes through. False: the call ends.
[[nodiscard]] bool wait_for_rate(CallState& call, const FileTable& files);

}  // namespace caisson::sandbox
