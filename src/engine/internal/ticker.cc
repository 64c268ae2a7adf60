#include "engine/internal/ticker.h"

namespace caisson::engine {

namespace {
constexpr int kIdleTicks = 200;  // a second
}

Ticker::Ticker(wasm_engine_t& engine) : engine_(engine), thread_([this] { run(); }) {}

Ticker::~Ticker() {
  {
    const std::scoped_lock lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void Ticker::enter() noexcept {
  // Pairs with the thread's "asleep, then look at active": one of the two sees the other (both sequentially
  // consistent).
  active_.fetch_add(1);
  if (asleep_.load()) {
    {
      const std::scoped_lock lock(mutex_);
      asleep_ = false;
    }
    wake_.notify_one();
  }
}

void Ticker::run() {
  int idle = 0;
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    wake_.wait_for(lock, kPeriod, [this] { return stopping_.load(); });
    wasmtime_engine_increment_epoch(&engine_);
    idle = active_.load() > 0 ? 0 : idle + 1;
    if (idle < kIdleTicks) {
      continue;
    }
    asleep_ = true;
    if (active_.load() > 0) {
      asleep_ = false;
    }
    wake_.wait(lock, [this] { return stopping_.load() || !asleep_.load(); });
    idle = 0;
  }
}

}  // namespace caisson::engine
