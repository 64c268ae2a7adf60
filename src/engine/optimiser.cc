#include "engine/optimiser.h"

#include <system_error>
#include <utility>

namespace caisson::engine {

namespace {

constexpr int kLast = 19;  // of the levels of niceness

}  // namespace

Optimiser::~Optimiser() {
  const std::jthread thread = state_.with([](State& state) { return std::move(state.thread); });
  // Its end asks it to stop, and waits for that alone: the process that compiles is killed.
}

bool Optimiser::due(const base::Digest& key, std::chrono::steady_clock::time_point now) {
  return state_.with([&](State& state) {
    const auto [use, first] = state.first_use.emplace(key, now);
    if (first || state.busy || use->second == kTried || now - use->second < kInUse) {
      return false;
    }
    use->second = kTried;
    state.busy = true;
    return true;
  });
}

void Optimiser::begin(Job job) {
  const auto work = [this, job = std::move(job)](const std::stop_token& stop) {
    Result<Compiled> compiled =
        compiler_.compile(job.wasm, job.digest, {.effort = Effort::kFull, .niceness = kLast, .stop = stop});
    if (!stop.stop_requested()) {
      done_(job, std::move(compiled));
    }
    skip();
  };
  try {
    state_.with([&](State& state) { state.thread = std::jthread(work); });
  } catch (const std::system_error&) {
    skip();  // no thread: the quick code does as well
  }
}

void Optimiser::skip() {
  state_.with([](State& state) { state.busy = false; });
}

void Optimiser::wait() {
  std::jthread thread = state_.with([](State& state) { return std::move(state.thread); });
  if (thread.joinable()) {
    thread.join();
  }
}

}  // namespace caisson::engine
