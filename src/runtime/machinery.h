#pragma once

#include "base/environment.h"
#include "base/thread_pool.h"
#include "base/timer.h"
#include "engine/module_cache.h"
#include "engine/profile.h"
#include "language/images.h"
#include "net/http_client.h"
#include "net/resolver.h"
#include "observe/audit.h"
#include "runtime/configuration.h"
#include "runtime/native_settings.h"
#include "runtime/notices.h"
#include "runtime/outside.h"
#include "runtime/secret_store.h"
#include "sandbox/calls.h"
#include "sandbox/executor.h"
#include "sandbox/session_slots.h"

#include <caisson/runtime.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

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

  /// Opens the audit log, if the options name one; before anything runs.
  /// Errors: those of Audit::open; of the key's file; invalid_argument / observe.audit_key.
  [[nodiscard]] Status open_audit();
  /// nullptr when there is none.
  [[nodiscard]] observe::Audit* audit() noexcept { return audit_.get(); }

  /// What an operator says of the network; before anything runs. Without it guests reach public addresses only, and
  /// there are no secrets.
  void set_network(const Configurations& configurations, const Outside& outside);

  /// What an operator says of compiling; before anything runs.
  void set_compiling(const CompileSettings& settings) { compiling_ = settings; }

  /// Is told of processes of nodes that are in no sandbox.
  [[nodiscard]] const workflow::NativeCalls& native_calls() const noexcept { return native_calls_; }

  /// The calls that are running.
  [[nodiscard]] sandbox::CallRegistry& calls() noexcept { return calls_; }

  /// The compiled modules, and with them the engine, for guests that need so much stack, rounded up to a class; never
  /// less than the options say.
  /// Errors: those of Engine::create.
  [[nodiscard]] Result<engine::ModuleCache*> modules(std::uint64_t stack_bytes = 0);

  /// The languages that code is run in.
  [[nodiscard]] language::Images& images();

  /// The threads that run nodes. The first caller's `wanted` decides how many there are, unless the options do.
  [[nodiscard]] base::ThreadPool& pool(std::size_t wanted);

  /// Ends sessions that nobody uses.
  [[nodiscard]] base::Timer& timer() noexcept { return timer_; }

  /// How many sessions there may be.
  [[nodiscard]] sandbox::SessionSlots& sessions() noexcept { return sessions_; }

  /// Where sandboxes run.
  [[nodiscard]] const sandbox::Executor& executor();

  /// What compiles modules; nothing: this process.
  [[nodiscard]] std::optional<engine::CompileProgram> compile_program() const;

  /// The folder of the compiled-module cache; empty when there is none.
  [[nodiscard]] std::filesystem::path cache_folder() const;

 private:
  [[nodiscard]] std::filesystem::path users_cache_folder() const;
  [[nodiscard]] std::filesystem::path installed_images_folder() const;

  RuntimeOptions options_;
  std::unique_ptr<base::Environment> environment_;
  CompileSettings compiling_;
  bool users_images_ = false;
  Notices notices_;
  sandbox::CallRegistry calls_;
  std::unique_ptr<observe::Audit> audit_;
  AuditedNativeCalls native_calls_{audit_};

  std::mutex mutex_;  // for making the parts below
  std::unique_ptr<base::ThreadPool> pool_;
  std::map<engine::StackClass, std::unique_ptr<engine::ModuleCache>> modules_;
  std::unique_ptr<language::Images> images_;
  std::unique_ptr<net::Resolver> resolver_;
  std::unique_ptr<net::HttpClient> http_;
  std::unique_ptr<SecretStore> secrets_;
  std::unique_ptr<sandbox::InlineExecutor> executor_;
  sandbox::SessionSlots sessions_{options_.max_sessions};
  base::ThreadTimer timer_;  // its thread starts when there is a session
};

}  // namespace caisson::runtime
