#include "sandbox/internal/host_recording.h"

#include "sandbox/internal/guest_memory.h"
#include "sandbox/internal/host_registry.h"
#include "sandbox/internal/operations.h"
#include "sandbox/internal/wasi_types.h"

#include <algorithm>
#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace caisson::sandbox {

namespace {

/// Bytes of one argument that a request has; of more its length says enough. No function moves more at once.
constexpr std::uint64_t kMostBytes = 4U << 20;
constexpr std::uint32_t kMostBuffers = 1'024;

void put(std::string& out, std::uint64_t number) {
  for (std::size_t i = 0; i < sizeof number; ++i) {
    out += static_cast<char>(number >> (8 * i));
  }
}

/// One call, read by the letters of its shape (Recording).
class RecordedCall {
 public:
  RecordedCall(const HostRow& row, const engine::HostCall& call, GuestMemory memory) : row_(row), memory_(memory) {
    for (std::size_t i = 0; i < count(); ++i) {
      arguments_[i] =
          row.function.parameters[i] == 'I' ? call.argument<std::uint64_t>(i) : call.argument<std::uint32_t>(i);
    }
  }

  [[nodiscard]] bool done_again() const {
    return row_.recording.again != nullptr && row_.recording.again({arguments_.data(), count()}, memory_);
  }

  /// HostRequest::bytes.
  [[nodiscard]] std::string request() const {
    std::string out;
    for (std::size_t i = 0; i < count(); ++i) {
      switch (row_.recording.shape[i]) {
        case '=':
          put(out, arguments_[i]);
          break;
        case '<':
          put_bytes(out, address(i), arguments_[i + 1]);
          break;
        case 'w':
          for_each_buffer(i, kMostBytes, [&](std::uint32_t at, std::uint64_t size) { put_bytes(out, at, size); });
          break;
        case 's':
          put_bytes(out, address(i), arguments_[i + 2] * wasi::kSubscriptionSize);
          break;
        default:
          break;
      }
    }
    return out;
  }

  /// What a call with this result put into the memory.
  [[nodiscard]] std::vector<HostResult::Write> writes(std::uint64_t value) const {
    std::vector<HostResult::Write> out;
    const auto add = [&](std::uint32_t at, std::uint64_t size) {
      if (const auto place = memory_.at(at, size); place && size > 0) {
        out.push_back({at, std::string(reinterpret_cast<const char*>(place->data()), place->size())});
      }
    };
    for (std::size_t i = 0; i < count(); ++i) {
      const char letter = row_.recording.shape[i];
      if (letter == 'v') {
        add(address(i), value);
      } else if (value != 0) {
        continue;
      } else if (letter == 'r') {
        for_each_buffer(i, told(), add);
      } else {
        add(address(i), size_of(letter, i));
      }
    }
    return out;
  }

 private:
  [[nodiscard]] std::size_t count() const noexcept { return row_.function.parameters.size(); }
  [[nodiscard]] std::uint32_t address(std::size_t i) const noexcept {
    return static_cast<std::uint32_t>(arguments_[i]);
  }
  /// What stands at argument `i`, in bytes; 0 where nothing is put.
  [[nodiscard]] std::uint64_t size_of(char letter, std::size_t i) const noexcept {
    switch (letter) {
      case '4':
        return sizeof(std::uint32_t);
      case '8':
        return sizeof(std::uint64_t);
      case 'F':
        return wasi::kFdstatSize;
      case 'S':
        return wasi::kFilestatSize;
      case '>':
        return arguments_[i + 1];
      case 't':
        return told();
      case 'e':
        return told() * wasi::kEventSize;
      default:
        return 0;
    }
  }
  /// The number at the last argument: how many there are of something.
  [[nodiscard]] std::uint64_t told() const noexcept {
    return memory_.load<std::uint32_t>(address(count() - 1)).value_or(0);
  }

  void put_bytes(std::string& out, std::uint32_t at, std::uint64_t size) const {
    put(out, size);
    if (const auto place = memory_.at(at, std::min(size, kMostBytes))) {
      out.append(reinterpret_cast<const char*>(place->data()), place->size());
    }
  }

  /// The buffers of the list at argument `i`, which the next one counts; together no more than `left` bytes.
  template <typename Each>
  void for_each_buffer(std::size_t i, std::uint64_t left, const Each& each) const {
    const auto buffers = static_cast<std::uint32_t>(std::min<std::uint64_t>(arguments_[i + 1], kMostBuffers));
    for (std::uint32_t k = 0; k < buffers; ++k) {
      const std::uint32_t entry = address(i) + k * static_cast<std::uint32_t>(wasi::kIovecSize);
      const std::uint32_t at = memory_.load<std::uint32_t>(entry).value_or(0);
      const std::uint64_t size = std::min<std::uint64_t>(memory_.load<std::uint32_t>(entry + 4).value_or(0), left);
      each(at, size);
      left -= size;
    }
  }

  const HostRow& row_;
  GuestMemory memory_;
  std::array<std::uint64_t, kMaxHostParameters> arguments_{};
};

std::uint64_t result_of(const HostRow& row, const engine::HostCall& call) noexcept {
  if (row.function.results.empty()) {
    return 0;
  }
  return row.function.results == "I" ? call.argument<std::uint64_t>(0) : call.argument<std::uint32_t>(0);
}

void answer(CallState& state, const HostRow& row, engine::HostCall& call, const HostResult& result) {
  for (const HostResult::Write& write : result.writes) {
    if (!state.memory().write(write.address, write.bytes)) {
      state.fail_host("what was recorded does not fit into the guest's memory");
      return;
    }
  }
  if (row.function.results == "I") {
    call.set_result(result.value);
  } else if (!row.function.results.empty()) {
    call.set_result(static_cast<std::uint32_t>(result.value));
  }
  static_cast<void>(state.charge(result.fuel));
}

void answer(CallState& state, engine::ComponentCall& values, const HostResult& result) {
  if (result.writes.size() != 1 || result.writes[0].bytes.size() < sizeof values.numbers[1]) {
    state.fail_host("what was recorded is no answer to a component");
    return;
  }
  const std::string& written = result.writes[0].bytes;
  values.numbers = {result.value, 0};
  for (std::size_t i = 0; i < sizeof values.numbers[1]; ++i) {
    values.numbers[1] |= std::uint64_t{static_cast<std::uint8_t>(written[i])} << (8 * i);
  }
  values.result = written.substr(sizeof values.numbers[1]);
  static_cast<void>(state.charge(result.fuel));
}

/// An operation that is answered is counted as one that is run.
void count_operation(CallState& state, std::optional<std::string_view> name) {
  if (const std::size_t place = find_operation(name.value_or("")); place < kOperations) {
    state.count_operation(place);
  }
}

}  // namespace

void run_recorded(CallState& state, engine::HostCall& call, void (*apply)(CallState& state, engine::HostCall& call)) {
  const HostRow& row = host_rows()[call.index()];
  const RecordedCall recorded(row, call, state.memory());
  const std::string bytes = recorded.request();
  const HostRequest request{state.host_calls(), row.function.module, row.function.name, bytes};
  if (!recorded.done_again()) {
    const auto known = state.recorder()->next(request);
    if (known && !known->ends_the_call) {
      if (row.function.name == kCallFunction) {
        count_operation(state, state.memory().text(call.argument<std::uint32_t>(0), call.argument<std::uint32_t>(1)));
      }
      answer(state, row, call, *known);
      return;
    }
  }
  apply(state, call);
  HostResult result;
  result.value = result_of(row, call);
  result.fuel = state.charged();
  result.ends_the_call = state.ends();
  if (!result.ends_the_call) {
    result.writes = recorded.writes(result.value);
  }
  state.recorder()->on_result(request, result);
}

void run_recorded(CallState& state, engine::ComponentCall& values, std::size_t index,
                  void (*apply)(CallState& state, engine::ComponentCall& values)) {
  const HostRow& row = host_rows()[index];
  std::string bytes;
  put(bytes, values.numbers[0]);
  put(bytes, values.numbers[1]);
  for (const std::string_view part : {values.name, values.bytes}) {
    put(bytes, part.size());
    bytes.append(part.substr(0, kMostBytes));
  }
  const HostRequest request{state.host_calls(), row.function.module, row.function.name, bytes};
  std::string name(values.name);
  const std::array arguments = {std::uint64_t{name.size()}};
  const bool again = row.recording.again != nullptr &&
                     row.recording.again(arguments, GuestMemory(std::as_writable_bytes(std::span(name))));
  if (!again) {
    const auto known = state.recorder()->next(request);
    if (known && !known->ends_the_call) {
      if (row.function.name == kCallFunction) {
        count_operation(state, values.name);
      }
      answer(state, values, *known);
      return;
    }
  }
  apply(state, values);
  HostResult result{values.numbers[0], state.charged(), state.ends(), {}};
  if (!result.ends_the_call) {
    std::string written;
    put(written, values.numbers[1]);
    result.writes.push_back({0, written + values.result});
  }
  state.recorder()->on_result(request, result);
}

}  // namespace caisson::sandbox
