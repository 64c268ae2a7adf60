#include "sandbox/internal/operations.h"

#include "base/unicode.h"
#include "document/parse.h"
#include "sandbox/internal/call_state.h"
#include "sandbox/internal/http_calls.h"
#include "sandbox/internal/random_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

namespace caisson::sandbox {

namespace {

constexpr std::size_t kMostHead = 4U << 10;
constexpr std::size_t kMostHttpHead = 64U << 10;
constexpr std::size_t kMostName = 1U << 10;  // of a key or a topic
constexpr std::int64_t kMostRandom = 1 << 20;

/// An input taken apart.
struct Request {
  document::Value head;
  std::string_view body;
};

/// A text of the head that names something: not empty, not too long.
const std::string* name_in(const Request& request, std::string_view member) {
  const document::Value* value = request.head.find(member);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr || text->empty() || text->size() > kMostName ? nullptr : text;
}

OperationStatus invalid(std::string& result, std::string why) {
  result = std::move(why);
  return OperationStatus::kInvalid;
}

OperationStatus no_name(std::string& result, std::string_view member) {
  return invalid(result, fmt::format("the head has no text '{}' of 1 to {} bytes", member, kMostName));
}

OperationStatus no_storage(std::string& result) {
  result = "this call belongs to no run, which would keep keys";
  return OperationStatus::kNotFound;
}

OperationStatus kv_get(CallState& call, const Request& request, std::string& result) {
  const std::string* key = name_in(request, "key");
  if (key == nullptr) {
    return no_name(result, "key");
  }
  if (call.storage() == nullptr) {
    return no_storage(result);
  }
  auto value = call.storage()->get(*key);
  if (!value) {
    return OperationStatus::kNotFound;
  }
  result = std::move(*value);
  return OperationStatus::kOk;
}

OperationStatus kv_set(CallState& call, const Request& request, std::string& result) {
  const std::string* key = name_in(request, "key");
  if (key == nullptr) {
    return no_name(result, "key");
  }
  if (call.storage() == nullptr) {
    return no_storage(result);
  }
  if (call.storage()->set(*key, request.body, call.limits().kv_bytes)) {
    return OperationStatus::kOk;
  }
  result = fmt::format("keys and values of a run together have at most {} bytes", call.limits().kv_bytes);
  call.limited(ViolationKind::kStorageLimit, fmt::format("kv: a value of {} bytes does not fit into the run's {}",
                                                         request.body.size(), call.limits().kv_bytes));
  return OperationStatus::kLimit;
}

OperationStatus kv_delete(CallState& call, const Request& request, std::string& result) {
  const std::string* key = name_in(request, "key");
  if (key == nullptr) {
    return no_name(result, "key");
  }
  if (call.storage() == nullptr) {
    return no_storage(result);
  }
  return call.storage()->remove(*key) ? OperationStatus::kOk : OperationStatus::kNotFound;
}

OperationStatus emit(CallState& call, const Request& request, std::string& result) {
  const std::string* topic = name_in(request, "topic");
  if (topic == nullptr) {
    return no_name(result, "topic");
  }
  if (call.emit(*topic, request.body)) {
    return OperationStatus::kOk;
  }
  result = fmt::format("a call may emit at most {} bytes", call.limits().emit_bytes);
  return OperationStatus::kLimit;
}

OperationStatus clock_now(CallState& call, const Request& /*request*/, std::string& result) {
  const auto unix_time = call.wall_clock();  // one after the other: each reading moves a virtual clock
  const auto elapsed = call.monotonic_clock();
  result = fmt::format(R"({{"unix_ns":{},"elapsed_ns":{}}})", unix_time.count(), elapsed.count());
  return OperationStatus::kOk;
}

OperationStatus random_bytes(CallState& call, const Request& request, std::string& result) {
  const document::Value* value = request.head.find("count");
  const std::int64_t* count = value == nullptr ? nullptr : value->as_integer();
  if (count == nullptr || *count < 0 || *count > kMostRandom) {
    return invalid(result, fmt::format("the head has no integer 'count' from 0 to {}", kMostRandom));
  }
  result.resize(static_cast<std::size_t>(*count));
  const bool given = give_random(call, std::as_writable_bytes(std::span(result)));
  return given ? OperationStatus::kOk : OperationStatus::kLimit;
}

OperationStatus http_fetch(CallState& call, const Request& request, std::string& result) {
  return call.http().fetch(call, request.head, request.body, result);
}

bool may_import(const CallState& call, std::string_view group) {
  return std::ranges::find(call.grants().imports, group) != call.grants().imports.end();
}

bool may_kv(const CallState& call) { return may_import(call, "kv"); }
bool may_emit(const CallState& call) { return may_import(call, "emit"); }
bool may_clock(const CallState& call) { return call.grants().clock != ClockMode::kDenied; }
bool may_ask(const CallState& /*call*/) { return true; }  // http.fetch looks at the whole request
bool may_random(const CallState& call) { return call.grants().random != RandomMode::kDenied; }

struct Operation {
  std::string_view name;
  bool (*granted)(const CallState& call);
  std::string_view grant;
  OperationStatus (*run)(CallState& call, const Request& request, std::string& result);
  std::size_t most_head = kMostHead;
};

constexpr std::array kTable = {
    Operation{"clock.now", &may_clock, "grants: {clock: true}", &clock_now},
    Operation{"emit", &may_emit, "grants: {imports: [emit]}", &emit},
    Operation{"http.fetch", &may_ask, "grants: {net: [URL]}", &http_fetch, kMostHttpHead},
    Operation{"kv.delete", &may_kv, "grants: {imports: [kv]}", &kv_delete},
    Operation{"kv.get", &may_kv, "grants: {imports: [kv]}", &kv_get},
    Operation{"kv.set", &may_kv, "grants: {imports: [kv]}", &kv_set},
    Operation{"random.bytes", &may_random, "grants: {random: true}", &random_bytes},
};

static_assert(kTable.size() == kOperations);

}  // namespace

std::string_view operation_name(std::size_t place) noexcept { return kTable[place].name; }

std::size_t find_operation(std::string_view name) noexcept {
  return static_cast<std::size_t>(std::distance(kTable.begin(), std::ranges::find(kTable, name, &Operation::name)));
}

OperationStatus run_operation(CallState& call, std::string_view name, std::string_view input, std::string& result) {
  const std::size_t place = find_operation(name);
  if (place == kOperations) {
    return OperationStatus::kUnknown;
  }
  call.count_operation(place);
  const Operation& operation = kTable[place];
  if (!operation.granted(call)) {
    result = call.denied(fmt::format("the operation {}", name), operation.grant);
    return OperationStatus::kDenied;
  }
  const std::size_t end = std::min(input.find('\n'), input.size());
  Request request{document::Value::map(), input.substr(std::min(end + 1, input.size()))};
  if (end > 0) {
    auto head = document::parse_json(input.substr(0, end), "head", {.bytes = operation.most_head, .depth = 4});
    if (!head || head->as_map() == nullptr) {
      return invalid(result, "the input does not begin with a JSON object on a line of its own");
    }
    request.head = std::move(head).value();
  }
  return operation.run(call, request, result);
}

}  // namespace caisson::sandbox
