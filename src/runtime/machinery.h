#pragma once

#include "base/environment.h"
#include "base/thread_pool.h"
#include "engine/module_cache.h"
#include "runtime/notices.h"
#include "sandbox/executor.h"

#include <caisson/runtime.h>

#include <filesystem>
#include <memory>
#include <mutex>

namespace caisson::runtime {

/// What a Runtime owns, each part made when it is first asked for and kept until the end. The one place where libraries
/// are put together.
///
/// Threads: safe to call concurrently.
class Machinery {
 public:
  Machinery(RuntimeOptions options, std::unique_ptr<base::Environment> environment);
  Machinery(const Machinery&) = delete;
  Machinery& operator=(const Machinery&) = delete;
  ~Machinery();

  [[nodiscard]] base::Environment& environment() noexcept { return *environment_; }

  /// The compiled modules, and with them the engine.
  /// Errors: those of Engine::create.
  [[nodiscard]] Result<engine::ModuleCache*> modules();

  /// The threads that run nodes. The first caller's `wanted` decides how many there are, unless the options do.
  [[nodiscard]] base::ThreadPool& pool(std::size_t wanted);

  /// Where sandboxes run.
  [[nodiscard]] const sandbox::Executor& executor();

  /// The folder of the compiled-module cache; empty when there is none.
  [[nodiscard]] std::filesystem::path cache_folder() const;

 private:
  RuntimeOptions options_;
  std::unique_ptr<base::Environment> environment_;
  Notices notices_;

  std::mutex mutex_;  // for making the parts below
  std::unique_ptr<base::ThreadPool> pool_;
  std::unique_ptr<engine::ModuleCache> modules_;
  std::unique_ptr<sandbox::InlineExecutor> executor_;
};

}  // namespace caisson::runtime
