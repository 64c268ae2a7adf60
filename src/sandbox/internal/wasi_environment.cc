// WASI preview 1: arguments and environment variables.

#include "sandbox/internal/host_adapter.h"
#include "sandbox/internal/program_texts.h"
#include "sandbox/internal/wasi_types.h"

#include <fmt/format.h>

#include <limits>
#include <string>
#include <vector>

namespace caisson::sandbox {

std::vector<std::string> arguments_of(const CallState& call) {
  std::vector<std::string> out;
  out.reserve(call.grants().args.size() + 1);
  out.emplace_back(call.program());
  out.insert(out.end(), call.grants().args.begin(), call.grants().args.end());
  return out;
}

std::vector<std::string> variables_of(const CallState& call) {
  std::vector<std::string> out;
  for (const VariableGrant& variable : call.grants().env) {
    if (variable.value) {
      out.push_back(fmt::format("{}={}", variable.name, *variable.value));
    }
  }
  return out;
}

namespace {

using wasi::Errno;

std::uint64_t bytes_of(const std::vector<std::string>& texts) {
  std::uint64_t bytes = 0;
  for (const std::string& text : texts) {
    bytes += text.size() + 1;
  }
  return bytes;
}

Errno sizes(CallState& call, const std::vector<std::string>& texts, std::uint32_t count_at, std::uint32_t size_at) {
  const GuestMemory memory = call.memory();
  const std::uint64_t bytes = bytes_of(texts);
  if (!memory.at(count_at, sizeof(std::uint32_t)) || !memory.at(size_at, sizeof(std::uint32_t))) {
    return Errno::kFault;
  }
  if (bytes > std::numeric_limits<std::uint32_t>::max()) {
    return Errno::kOverflow;
  }
  const bool stored = call.charge_bytes(bytes) && memory.store(count_at, static_cast<std::uint32_t>(texts.size())) &&
                      memory.store(size_at, static_cast<std::uint32_t>(bytes));
  return stored ? Errno::kSuccess : Errno::kIo;
}

/// The texts as a guest gets them, each ended by a zero byte.
Errno texts(CallState& call, const std::vector<std::string>& texts, std::uint32_t pointers_at, std::uint32_t bytes_at) {
  const GuestMemory memory = call.memory();
  const std::uint64_t bytes = bytes_of(texts);
  if (!memory.at(pointers_at, std::uint64_t{texts.size()} * sizeof(std::uint32_t)) || !memory.at(bytes_at, bytes)) {
    return Errno::kFault;
  }
  if (!call.charge_bytes(bytes)) {
    return Errno::kIo;
  }
  for (const std::string& text : texts) {
    const std::string_view with_zero(text.c_str(), text.size() + 1);
    if (!memory.store(pointers_at, bytes_at) || !memory.write(bytes_at, with_zero)) {
      return Errno::kFault;
    }
    pointers_at += sizeof(std::uint32_t);
    bytes_at += static_cast<std::uint32_t>(with_zero.size());
  }
  return Errno::kSuccess;
}

Errno args_sizes_get(CallState& call, std::uint32_t count_at, std::uint32_t size_at) {
  return sizes(call, arguments_of(call), count_at, size_at);
}

Errno args_get(CallState& call, std::uint32_t pointers_at, std::uint32_t bytes_at) {
  return texts(call, arguments_of(call), pointers_at, bytes_at);
}

Errno environ_sizes_get(CallState& call, std::uint32_t count_at, std::uint32_t size_at) {
  return sizes(call, variables_of(call), count_at, size_at);
}

Errno environ_get(CallState& call, std::uint32_t pointers_at, std::uint32_t bytes_at) {
  return texts(call, variables_of(call), pointers_at, bytes_at);
}

constexpr std::array kRows = {
    host_row<&args_get>(kWasiModule, "args_get", Family::kWasi, {"..", &always}),
    host_row<&args_sizes_get>(kWasiModule, "args_sizes_get", Family::kWasi, {"..", &always}),
    host_row<&environ_get>(kWasiModule, "environ_get", Family::kWasi, {"..", &always}),
    host_row<&environ_sizes_get>(kWasiModule, "environ_sizes_get", Family::kWasi, {"..", &always}),
};

}  // namespace

std::span<const HostRow> wasi_environment_rows() noexcept { return kRows; }

}  // namespace caisson::sandbox
