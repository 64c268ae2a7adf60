#pragma once

#include "base/digest.h"
#include "base/guarded.h"
#include "engine/compiler.h"

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <unordered_map>

namespace caisson::engine {

/// Compiles with full effort what was compiled with little, while that runs: one module at a time, by a process that
/// gives way to every other, under the caps of any. A module has to be in use for a while first, so a program that runs
/// a workflow and ends does none of it. Nothing ever waits: what is not done when this goes is killed.
///
/// Threads: safe to call concurrently; `done` runs on a thread of its own.
class Optimiser {
 public:
  static constexpr std::chrono::seconds kInUse{10};

  struct Job {
    base::Digest key;     ///< of the module, for whoever asks
    base::Digest digest;  ///< of its bytes
    std::string wasm;
  };
  using Done = std::function<void(const Job& job, Result<Compiled> compiled)>;

  Optimiser(const Compiler& compiler, Done done) : compiler_(compiler), done_(std::move(done)) {}
  Optimiser(const Optimiser&) = delete;
  Optimiser& operator=(const Optimiser&) = delete;
  ~Optimiser();

  /// To be asked at each use of a module's quick code. True once: it was first asked `kInUse` ago or earlier, and
  /// nothing else is being compiled. `begin` or `skip` follows it.
  [[nodiscard]] bool due(const base::Digest& key, std::chrono::steady_clock::time_point now);
  void begin(Job job);
  void skip();
  /// Waits until nothing is being compiled.
  void wait();

 private:
  static constexpr std::chrono::steady_clock::time_point kTried = std::chrono::steady_clock::time_point::max();
  struct State {
    std::unordered_map<base::Digest, std::chrono::steady_clock::time_point, base::DigestHash> first_use;
    bool busy = false;
    std::jthread thread;
  };
  const Compiler& compiler_;
  const Done done_;
  base::Guarded<State> state_;
};

}  // namespace caisson::engine
