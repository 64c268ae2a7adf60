#include "runtime/secret_store.h"

#include "base/child_process.h"
#include "base/unicode.h"
#include "base/wipe.h"
#include "sandbox/http_grants.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>
#include <utility>

namespace caisson::runtime {

namespace {

constexpr std::size_t kMostBytes = 16U << 10;
constexpr std::size_t kLeastBytes = 8;  // anything shorter would be found, and replaced, everywhere
constexpr std::chrono::milliseconds kCommandTime = std::chrono::seconds(10);

Error unreadable(const SecretSource& source, std::string_view why) {
  return {Category::kUnavailable, "secrets.unreadable",
          fmt::format("{} gives no value: {}", base::printable(describe(source)), why)};
}

/// Asks `stop` until the end, and passes it on.
std::jthread watch(const net::Patience& patience, std::stop_source& stop) {
  return std::jthread([&](const std::stop_token& done) {
    std::mutex mutex;
    std::condition_variable_any condition;
    std::unique_lock lock(mutex);
    while (!done.stop_requested() && !stop.stop_requested()) {
      if (patience.stop && patience.stop()) {
        stop.request_stop();
      }
      condition.wait_for(lock, done, net::Patience::kSlice, [] { return false; });
    }
  });
}

}  // namespace

const SecretSource* SecretStore::find(std::string_view name) const noexcept {
  const auto found = std::ranges::find(sources_, name, &SecretSource::name);
  return found == sources_.end() ? nullptr : &*found;
}

bool SecretStore::is_bound_to(std::string_view name, const net::Url& url) const {
  const SecretSource* source = find(name);
  return source != nullptr && sandbox::is_granted(source->hosts, "GET", url);
}

Result<std::string> SecretStore::run(const SecretSource& source, const net::Patience& patience) const {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(patience.deadline - environment_.now());
  base::ChildOptions options{.program = source.from, .arguments = source.arguments, .max_output_bytes = kMostBytes + 2};
  options.deadline = std::min(kCommandTime, left);
  for (const std::string& name : environment_.variable_names()) {
    options.environment.push_back(fmt::format("{}={}", name, environment_.variable(name).value_or("")));
  }
  std::stop_source stop;
  const std::jthread watching = watch(patience, stop);
  CAISSON_TRY(base::ChildOutcome outcome, base::run_child(options, stop.get_token()));
  base::wipe(outcome.error);  // it may say the value
  if (outcome.end == base::ChildEnd::kExited && outcome.code == 0) {
    return std::move(outcome.output);
  }
  base::wipe(outcome.output);
  switch (outcome.end) {
    case base::ChildEnd::kExited:
      return unreadable(source, fmt::format("it ended with exit code {}", outcome.code));
    case base::ChildEnd::kSignalled:
      return unreadable(source, fmt::format("it was ended by signal {}", outcome.code));
    case base::ChildEnd::kDeadline:
      return unreadable(source, fmt::format("it did not end within {} ms", options.deadline.count()));
    case base::ChildEnd::kOutput:
      return unreadable(source, fmt::format("it wrote more than {} bytes", kMostBytes));
    case base::ChildEnd::kCancelled:
      break;
  }
  return unreadable(source, "the call that wanted it ended");
}

Result<std::string> SecretStore::read_source(const SecretSource& source, const net::Patience& patience) const {
  switch (source.kind) {
    case SecretSource::Kind::kFile:
      return environment_.read_private_file(source.from, kMostBytes);
    case SecretSource::Kind::kVariable: {
      auto value = environment_.variable(source.from);
      return value ? Result<std::string>(std::move(*value)) : unreadable(source, "it is not set");
    }
    case SecretSource::Kind::kCommand:
      break;
  }
  return run(source, patience);
}

Result<std::string> SecretStore::read(std::string_view name, const net::Patience& patience) const {
  const SecretSource* source = find(name);
  if (source == nullptr) {
    return Error{Category::kNotFound, "secrets.unknown",
                 fmt::format("there is no secret called {}; an operator configures it with [secrets.NAME]",
                             base::quote(base::shorten(name, 64)))};
  }
  auto value = read_source(*source, patience);
  if (!value) {
    return value;
  }
  for (const char end : {'\n', '\r'}) {
    if (value->ends_with(end)) {
      value->pop_back();
    }
  }
  const bool visible = std::ranges::all_of(*value, [](char c) { return c >= ' ' && c <= '~'; });
  if (!visible || value->size() < kLeastBytes || value->starts_with(' ') || value->ends_with(' ')) {
    base::wipe(*value);
    return Error{Category::kInvalidArgument, "secrets.bad_value",
                 fmt::format("{} gives a value that cannot be used: it must have from {} to {} characters of visible "
                             "ASCII on one line",
                             base::printable(describe(*source)), kLeastBytes, kMostBytes)};
  }
  return value;
}

}  // namespace caisson::runtime
