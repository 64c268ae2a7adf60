#include "sandbox/calls.h"

#include <algorithm>
#include <functional>
#include <thread>
#include <utility>

namespace caisson::sandbox {

/// A place for a running call. Cache lines of its own: neighbours belong to other threads.
struct alignas(128) CallRegistry::Slot {
  std::atomic<bool> taken{false};
  std::atomic<bool> killed{false};
  mutable std::mutex mutex;   // for what follows; only a listing or a kill ever waits for it, or is waited for
  std::uint64_t next_id = 0;  // every id that ends in this slot's number is this slot's
  std::uint64_t id = 0;       // 0: no call
  Entry::Call call{};
};

namespace {

constexpr std::atomic<bool> kNeverKilled{false};

}  // namespace

CallRegistry::CallRegistry() { add_chunk(0); }

CallRegistry::~CallRegistry() {
  for (std::atomic<Slot*>& chunk : chunks_) {
    delete[] chunk.load();
  }
}

/// Unless somebody else did since `chunks` of them were seen.
void CallRegistry::add_chunk(std::size_t chunks) {
  const std::scoped_lock lock(growing_);
  if (chunk_count_.load(std::memory_order_relaxed) == chunks && chunks < kMaxChunks) {
    Slot* const slots = new Slot[kChunk];
    for (std::size_t i = 0; i < kChunk; ++i) {
      slots[i].next_id = kMaxSlots + chunks * kChunk + i;
    }
    chunks_[chunks].store(slots, std::memory_order_release);
    chunk_count_.store(chunks + 1, std::memory_order_release);
  }
}

CallRegistry::Slot* CallRegistry::take_slot_of(std::size_t chunks) {
  const std::size_t slots = chunks * kChunk;
  // Threads differ in the high bits after this (Fibonacci hashing); nearly always the first slot is free.
  const std::size_t hash = std::hash<std::thread::id>()(std::this_thread::get_id()) * 0x9E3779B97F4A7C15ULL;
  for (std::size_t i = 0, at = (hash >> 32) % slots; i < slots; ++i, at = at + 1 == slots ? 0 : at + 1) {
    Slot& slot = chunks_[at / kChunk].load(std::memory_order_acquire)[at % kChunk];
    if (!slot.taken.load(std::memory_order_relaxed) && !slot.taken.exchange(true, std::memory_order_acquire)) {
      return &slot;
    }
  }
  return nullptr;
}

CallRegistry::Slot& CallRegistry::take_slot() {
  while (true) {
    const std::size_t chunks = chunk_count_.load(std::memory_order_acquire);
    if (Slot* const slot = take_slot_of(chunks)) {
      return *slot;
    }
    add_chunk(chunks);
    std::this_thread::yield();  // of no use unless kMaxSlots calls run at once
  }
}

CallRegistry::Entry::Entry(CallRegistry* registry, const Call& call) : killed_(&kNeverKilled) {
  if (registry == nullptr) {
    return;
  }
  slot_ = &registry->take_slot();
  const std::scoped_lock lock(slot_->mutex);
  id_ = std::exchange(slot_->next_id, slot_->next_id + kMaxSlots);
  slot_->id = id_;
  slot_->call = call;
  slot_->killed.store(false, std::memory_order_relaxed);
  killed_ = &slot_->killed;
}

CallRegistry::Entry::~Entry() {
  if (slot_ == nullptr) {
    return;
  }
  {
    const std::scoped_lock lock(slot_->mutex);
    slot_->id = 0;
  }
  slot_->taken.store(false, std::memory_order_release);
}

std::vector<RunningCall> CallRegistry::list(const base::Environment& environment) const {
  const auto now = environment.now();
  const auto wall = environment.wall_time();
  std::vector<RunningCall> calls;
  const std::size_t chunks = chunk_count_.load(std::memory_order_acquire);
  for (std::size_t chunk = 0; chunk < chunks; ++chunk) {
    const Slot* const slots = chunks_[chunk].load(std::memory_order_acquire);
    for (std::size_t i = 0; i < kChunk; ++i) {
      const Slot& slot = slots[i];
      if (!slot.taken.load(std::memory_order_relaxed)) {
        continue;
      }
      const std::scoped_lock lock(slot.mutex);
      if (slot.id == 0) {
        continue;
      }
      const auto elapsed = std::max(std::chrono::nanoseconds(0), std::chrono::nanoseconds(now - slot.call.started));
      calls.push_back({.id = slot.id,
                       .run = std::string(slot.call.run),
                       .node = std::string(slot.call.node),
                       .module = slot.call.module,
                       .started = wall - std::chrono::duration_cast<std::chrono::system_clock::duration>(elapsed),
                       .elapsed = elapsed,
                       .killed = slot.killed.load(std::memory_order_relaxed)});
    }
  }
  std::ranges::sort(calls, std::ranges::greater(), &RunningCall::elapsed);
  return calls;
}

bool CallRegistry::kill(std::uint64_t id) {
  const std::size_t at = id % kMaxSlots;
  if (id == 0 || at / kChunk >= chunk_count_.load(std::memory_order_acquire)) {
    return false;
  }
  Slot& slot = chunks_[at / kChunk].load(std::memory_order_acquire)[at % kChunk];
  const std::scoped_lock lock(slot.mutex);
  if (slot.id != id) {
    return false;
  }
  slot.killed.store(true, std::memory_order_relaxed);
  return true;
}

}  // namespace caisson::sandbox
