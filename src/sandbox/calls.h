#pragma once

#include "base/digest.h"
#include "base/environment.h"

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

/// A call that is running, as a listing shows it.
struct RunningCall {
  std::uint64_t id = 0;
  std::string run;
  std::string node;
  base::Digest module;
  std::chrono::system_clock::time_point started;
  std::chrono::nanoseconds elapsed{0};
  bool killed = false;  ///< it was told to end, and has not ended yet
};

/// The calls that are running in this process, so that somebody can list them and end one.
///
/// Entering and leaving costs tens of nanoseconds and touches nothing that other threads use all the time: a thread
/// looks for a free slot at a place of its own.
/// Threads: safe to call concurrently.
class CallRegistry {
 private:
  struct Slot;

 public:
  CallRegistry();
  CallRegistry(const CallRegistry&) = delete;
  CallRegistry& operator=(const CallRegistry&) = delete;
  ~CallRegistry();

  /// A call is in the registry as long as its Entry lives.
  ///
  /// Lifetime: one call; the names are borrowed for as long. Threads: made and dropped on one thread; `killed` may be
  /// asked on any.
  class Entry {
   public:
    struct Call {
      std::string_view run{};
      std::string_view node{};
      base::Digest module{};
      std::chrono::steady_clock::time_point started{};
    };
    /// `registry` may be nullptr: the call is not listed, its id is 0, and nobody can kill it.
    Entry(CallRegistry* registry, const Call& call);
    Entry(const Entry&) = delete;
    Entry& operator=(const Entry&) = delete;
    ~Entry();

    /// Not given to another call as long as the registry lives.
    [[nodiscard]] std::uint64_t id() const noexcept { return id_; }
    /// Set when an operator wants the call to end; never nullptr. The guest's thread polls it.
    [[nodiscard]] const std::atomic<bool>* killed() const noexcept { return killed_; }

   private:
    Slot* slot_ = nullptr;
    std::uint64_t id_ = 0;
    const std::atomic<bool>* killed_;
  };

  /// The calls that are running now, the oldest first.
  [[nodiscard]] std::vector<RunningCall> list(const base::Environment& environment) const;

  /// Tells a call to end; it does at its next tick, with status cancelled and reason sandbox.killed. False: no call
  /// with that id is running.
  bool kill(std::uint64_t id);

 private:
  static constexpr std::size_t kChunk = 64;  // slots
  static constexpr std::size_t kMaxChunks = 1024;
  static constexpr std::size_t kMaxSlots = kChunk * kMaxChunks;  // more threads than that do not fit into a process

  [[nodiscard]] Slot& take_slot();
  [[nodiscard]] Slot* take_slot_of(std::size_t chunks);
  void add_chunk(std::size_t chunks);

  std::array<std::atomic<Slot*>, kMaxChunks> chunks_{};  // each `kChunk` slots; only ever added
  std::atomic<std::size_t> chunk_count_{0};
  std::mutex growing_;
};

}  // namespace caisson::sandbox
