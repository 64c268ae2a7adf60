#include "sandbox/internal/abi.h"

#include "base/unicode.h"
#include "document/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace caisson::sandbox {

namespace {

constexpr std::uint64_t kErrorBit = 1ULL << 63;
constexpr std::uint32_t kVersion = 1;              // of the buffer ABI
constexpr std::size_t kErrorTextBytes = 4U << 10;  // of an error text that is looked at

Failure guest_fault(std::string reason, std::string message) {
  return {OutcomeStatus::kTrap, {Category::kGuestFault, std::move(reason), std::move(message)}};
}

/// The failure that a guest reports of itself: JSON {"message": text, "code": integer}, or any bytes.
Failure guest_error(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, kErrorTextBytes);
  std::string_view message = head;
  std::int64_t code = 500;
  const auto value = document::parse_json(head, "guest error", {.bytes = kErrorTextBytes, .depth = 8});
  if (value) {
    const document::Value* text = value->find("message");
    const document::Value* number = value->find("code");
    if (text != nullptr && text->as_string() != nullptr) {
      message = *text->as_string();
      code = number != nullptr && number->as_integer() != nullptr ? *number->as_integer() : code;
    }
  }
  return {OutcomeStatus::kGuestError,
          {Category::kGuestFault, "sandbox.guest_error",
           fmt::format("the guest reports: {} (code {})", base::printable(message), code)}};
}

/// A module may say which version of the ABI it was built for.
std::optional<Failure> check_version(engine::Instance& instance, const Guest& guest, const Limits& limits) {
  if (guest.module->info().find_export("caisson_abi") == nullptr) {
    return std::nullopt;
  }
  std::array<engine::Number, 1> number{};
  if (const auto fault = instance.call(instance.function("caisson_abi"), number)) {
    return to_failure(*fault, limits);
  }
  if (static_cast<std::uint32_t>(number[0].i32) == kVersion) {
    return std::nullopt;
  }
  return Failure{OutcomeStatus::kInvalid,
                 {Category::kUnimplemented, "sandbox.unsupported_abi",
                  fmt::format("the module was built for version {} of the buffer ABI, this host has version {}",
                              static_cast<std::uint32_t>(number[0].i32), kVersion)}};
}

}  // namespace

std::optional<Failure> copy_in(engine::Instance& instance, std::string_view allocator, std::string_view input,
                               const Limits& limits, std::uint32_t& address) {
  std::array<engine::Number, 1> number{};
  number[0].i32 = static_cast<std::int32_t>(static_cast<std::uint32_t>(std::max<std::size_t>(input.size(), 1)));
  if (const auto fault = instance.call(instance.function(allocator), number)) {
    return to_failure(*fault, limits);
  }
  address = static_cast<std::uint32_t>(number[0].i32);
  if (address == 0) {
    return guest_fault("sandbox.alloc_failed",
                       fmt::format("Failed to allocate input memory: the guest's {} gave no memory for {} bytes",
                                   allocator, input.size()));
  }
  const auto memory = instance.memory();
  if (input.size() > memory.size() || address > memory.size() - input.size()) {
    return guest_fault("sandbox.bad_pointer",
                       fmt::format("the guest's {} gave the address {} for {} bytes, outside its memory of {}",
                                   allocator, address, input.size(), memory.size()));
  }
  if (!input.empty()) {
    std::memcpy(memory.data() + address, input.data(), input.size());
  }
  return std::nullopt;
}

std::optional<Failure> view_out(engine::Instance& instance, std::uint32_t address, std::uint32_t size,
                                const Limits& limits, std::string_view& out) {
  const auto memory = instance.memory();
  if (size > memory.size() || address > memory.size() - size) {
    return guest_fault("sandbox.bad_pointer",
                       fmt::format("the guest's result is {} bytes at address {}, outside its memory of {}", size,
                                   address, memory.size()));
  }
  if (size > limits.output_bytes) {
    return Failure{OutcomeStatus::kLimit,
                   {Category::kResourceExhausted, "sandbox.output_limit",
                    fmt::format("the guest's result has {} bytes, its limit is {}", size, limits.output_bytes)}};
  }
  out = {reinterpret_cast<const char*>(memory.data()) + address, size};
  return std::nullopt;
}

std::optional<Failure> view_answer(engine::Instance& instance, std::int64_t packed, const Limits& limits, Answer& out) {
  const auto bits = static_cast<std::uint64_t>(packed);
  out.is_error = (bits & kErrorBit) != 0;
  return view_out(instance, static_cast<std::uint32_t>((bits & ~kErrorBit) >> 32), static_cast<std::uint32_t>(bits),
                  limits, out.bytes);
}

std::optional<Failure> call_buffer(engine::Instance& instance, const Guest& guest, const Payload& input,
                                   const Limits& limits, Payload& out) {
  if (auto failure = check_version(instance, guest, limits)) {
    return failure;
  }
  std::uint32_t address = 0;
  if (auto failure = copy_in(instance, "caisson_alloc", input.bytes(), limits, address)) {
    return failure;
  }
  std::array<engine::Number, 2> numbers{};
  numbers[0].i32 = static_cast<std::int32_t>(address);
  numbers[1].i32 = static_cast<std::int32_t>(static_cast<std::uint32_t>(input.size()));
  if (const auto fault = instance.call(instance.function(guest.entry), numbers)) {
    return to_failure(*fault, limits);
  }
  Answer answer;
  if (auto failure = view_answer(instance, numbers[0].i64, limits, answer)) {
    return failure;
  }
  if (answer.is_error) {
    return guest_error(answer.bytes);
  }
  out = Payload(std::string(answer.bytes), input.media_type());
  return std::nullopt;
}

std::optional<Failure> call_c_style(engine::Instance& instance, const Guest& guest, const Payload& input,
                                    const Limits& limits, Payload& out) {
  constexpr std::string_view kZero("\0\0\0\0", 4);
  std::uint32_t address = 0;
  std::uint32_t length_address = 0;
  if (auto failure = copy_in(instance, "allocate", input.bytes(), limits, address)) {
    return failure;
  }
  if (auto failure = copy_in(instance, "allocate", kZero, limits, length_address)) {
    return failure;
  }
  std::array<engine::Number, 3> numbers{};
  numbers[0].i32 = static_cast<std::int32_t>(address);
  numbers[1].i32 = static_cast<std::int32_t>(static_cast<std::uint32_t>(input.size()));
  numbers[2].i32 = static_cast<std::int32_t>(length_address);
  if (const auto fault = instance.call(instance.function(guest.entry), numbers)) {
    return to_failure(*fault, limits);
  }
  const auto result = static_cast<std::uint32_t>(numbers[0].i32);
  if (result == 0) {
    return Failure{OutcomeStatus::kGuestError,
                   {Category::kGuestFault, "sandbox.guest_error",
                    fmt::format("the guest's {} failed: it returned a null pointer", base::printable(guest.entry))}};
  }
  std::string_view length_bytes;
  if (auto failure = view_out(instance, length_address, 4, limits, length_bytes)) {
    return failure;
  }
  std::uint32_t length = 0;
  std::memcpy(&length, length_bytes.data(), sizeof length);  // little-endian on both sides
  std::string_view bytes;
  if (auto failure = view_out(instance, result, length, limits, bytes)) {
    return failure;
  }
  // The guest's `deallocate` is not called: the instance, and with it all of its memory, ends here.
  out = Payload(std::string(bytes), input.media_type());
  return std::nullopt;
}

}  // namespace caisson::sandbox
