#pragma once

#include "base/digest.h"
#include "base/guarded.h"
#include "engine/compiler.h"

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <unordered_set>

namespace caisson::engine {

/// Compiles with full effort what was compiled with little, while that runs: one module at a time, by a process that
/// gives way to every other, under the caps of any. It begins a while after it is told, so a program that ends before
/// that does none of it. Nothing ever waits: what is not done when this goes is killed.
///
/// Threads: safe to call concurrently; `done` runs on a thread of its own.
class Optimiser {
 public:
  struct Job {
    base::Digest key;     ///< of the module, for whoever asks
    base::Digest digest;  ///< of its bytes
    std::string wasm;
  };
  using Done = std::function<void(const Job& job, Result<Compiled> compiled)>;

  /// `compiler` outlives it.
  Optimiser(const Compiler& compiler, std::chrono::milliseconds after, Done done)
      : compiler_(compiler), after_(after), done_(std::move(done)) {}
  Optimiser(const Optimiser&) = delete;
  Optimiser& operator=(const Optimiser&) = delete;
  ~Optimiser();

  /// True once for each key, and while there is another job for none; `begin` or `skip` follows it.
  [[nodiscard]] bool claim(const base::Digest& key);
  void begin(Job job);
  void skip();
  /// Waits until there is no job.
  void wait();

 private:
  struct State {
    std::unordered_set<base::Digest, base::DigestHash> claimed;
    bool busy = false;
    std::jthread thread;
  };
  void work(const Job& job, const std::stop_token& stop);

  const Compiler& compiler_;
  const std::chrono::milliseconds after_;
  const Done done_;
  base::Guarded<State> state_;
};

}  // namespace caisson::engine
