#include "engine/optimiser.h"

#include <condition_variable>
#include <mutex>
#include <system_error>
#include <utility>

namespace caisson::engine {

namespace {

constexpr int kLast = 19;  // of the levels of niceness

/// False: somebody asked to stop meanwhile.
bool sleep_for(std::chrono::milliseconds time, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any nobody;
  std::unique_lock lock(mutex);
  nobody.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace

Optimiser::~Optimiser() {
  const std::jthread thread = state_.with([](State& state) { return std::move(state.thread); });
  // Its end asks it to stop, and waits for that alone: the process that compiles is killed.
}

bool Optimiser::claim(const base::Digest& key) {
  return state_.with([&](State& state) {
    if (state.busy || !state.claimed.insert(key).second) {
      return false;
    }
    state.busy = true;
    return true;
  });
}

void Optimiser::begin(Job job) {
  try {
    state_.with([&](State& state) {
      state.thread = std::jthread([this, job = std::move(job)](const std::stop_token& stop) { work(job, stop); });
    });
  } catch (const std::system_error&) {
    skip();  // no thread: the quick code does as well
  }
}

void Optimiser::work(const Job& job, const std::stop_token& stop) {
  if (sleep_for(after_, stop)) {
    Result<Compiled> compiled =
        compiler_.compile(job.wasm, job.digest, {.effort = Effort::kFull, .niceness = kLast, .stop = stop});
    if (!stop.stop_requested()) {
      done_(job, std::move(compiled));
    }
  }
  skip();
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
