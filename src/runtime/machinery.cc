#include "runtime/machinery.h"

#include "base/control.h"
#include "engine/compile_child.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "sandbox/host_functions.h"
#include "sandbox/net_pattern.h"

#include <algorithm>
#include <thread>
#include <utility>

namespace caisson::runtime {

Machinery::Machinery(RuntimeOptions options, std::unique_ptr<base::Environment> environment)
    : options_(std::move(options)), environment_(std::move(environment)), notices_(options_.on_notice) {}

Machinery::~Machinery() = default;

Status Machinery::open_audit() {
  if (!options_.audit_file) {
    if (options_.audit_key_file) {
      return Error{Category::kInvalidArgument, "observe.audit_key",
                   "there is a key for an audit log, and no audit log"};
    }
    return {};
  }
  observe::AuditOptions options;
  options.file = observe::audit_file(*options_.audit_file);
  options.environment = environment_.get();
  options.observer = &notices_;
  if (options_.audit_strict) {
    options.when_lost = observe::AuditOptions::WhenLost::kFail;
  }
  if (options_.audit_key_file) {
    CAISSON_TRY(options.key, observe::read_audit_key(*environment_, *options_.audit_key_file));
  }
  CAISSON_TRY(audit_, observe::Audit::open(std::move(options)));
  return {};
}

void Machinery::set_network(const Configurations& configurations, const Outside& outside) {
  users_images_ = outside.users_images;
  const NetworkSettings settings = configurations.network();
  net::HttpClientOptions options{.environment = environment_.get()};
  for (const auto& range : settings.addresses) {
    options.reach.ranges.push_back(range.value);
  }
  // A host that an operator allows as an address, or as `localhost`, is one that he named.
  for (const auto& allowed : configurations.ceiling(*environment_).net.allow) {
    if (const auto pattern = sandbox::parse_net_pattern(allowed.value.pattern)) {
      const bool v6 = pattern->host.starts_with('[');
      options.reach.hosts.push_back(v6 ? pattern->host.substr(1, pattern->host.size() - 2) : pattern->host);
    }
  }
  if (settings.certificates) {
    options.certificates = settings.certificates->value;
  }
  options.resolver = outside.resolver;
  if (options.resolver == nullptr) {
    resolver_ = net::make_resolver(*environment_);
    options.resolver = resolver_.get();
  }
  options.on_connect = outside.on_connect;
  http_ = net::make_http_client(std::move(options));
  secrets_ = std::make_unique<SecretStore>(settings.secrets, *environment_);
}

Result<engine::ModuleCache*> Machinery::modules(std::uint64_t stack_bytes) {
  const engine::StackClass stack =
      base::holds(base::Control::kStack)
          ? engine::stack_class_for(std::max<std::uint64_t>(stack_bytes, options_.guest_stack_bytes))
          : engine::StackClass::k4MiB;
  const std::scoped_lock lock(mutex_);
  std::unique_ptr<engine::ModuleCache>& modules = modules_[stack];
  if (modules == nullptr) {
    CAISSON_TRY(auto engine, engine::Engine::create({
                                 .profile = engine::strict_profile(stack),
                                 .host_functions = sandbox::host_functions(),
                                 .observer = &notices_,
                                 .environment = environment_.get(),
                             }));
    engine::ModuleCache::Options cache{
        .engine = std::move(engine),
        .environment = environment_.get(),
        .observer = &notices_,
        .directory = cache_folder(),
        .compile_program = compile_program(),
        .compile_caps = compiling_.caps(),
        .structure = compiling_.structural_limits(),
    };
    if (compiling_.optimises_later && !compiling_.optimises_later->value) {
      cache.optimise_after.reset();
    }
    if (compiling_.module_bytes) {
      cache.max_module_bytes = compiling_.module_bytes->value;
    }
    modules = std::make_unique<engine::ModuleCache>(std::move(cache));
  }
  return modules.get();
}

language::Images& Machinery::images() {
  const std::scoped_lock lock(mutex_);
  if (images_ == nullptr) {
    images_ = std::make_unique<language::Images>(
        language::Images::Options{.environment = environment_.get(),
                                  .observer = &notices_,
                                  .directory = users_images_ ? users_cache_folder() : cache_folder(),
                                  .installed = installed_images_folder()});
  }
  return *images_;
}

base::ThreadPool& Machinery::pool(std::size_t wanted) {
  const std::scoped_lock lock(mutex_);
  if (pool_ == nullptr) {
    const std::size_t cpus = std::max<std::size_t>(1, std::thread::hardware_concurrency());
    pool_ = std::make_unique<base::ThreadPool>(base::ThreadPoolOptions{
        .threads = options_.threads > 0 ? options_.threads : std::max(cpus, wanted),
        .stack_bytes = engine::thread_stack_for(engine::stack_bytes(engine::StackClass::k4MiB)),
    });
  }
  return *pool_;
}

const sandbox::Executor& Machinery::executor() {
  base::ThreadPool& threads = pool(1);
  const std::scoped_lock lock(mutex_);
  if (executor_ == nullptr) {
    executor_ =
        std::make_unique<sandbox::InlineExecutor>(sandbox::InlineExecutor::Options{.environment = environment_.get(),
                                                                                   .pool = &threads,
                                                                                   .observer = &notices_,
                                                                                   .calls = &calls_,
                                                                                   .audit = audit_.get(),
                                                                                   .http = http_.get(),
                                                                                   .secrets = secrets_.get()});
  }
  return *executor_;
}

std::optional<engine::CompileProgram> Machinery::compile_program() const {
  if (options_.compile == CompileMode::kHere || (compiling_.here && compiling_.here->value)) {
    return std::nullopt;
  }
  return engine::CompileProgram{options_.compile_program.value_or(CAISSON_COMPILE_PROGRAM),
                                {std::string(engine::kCompileChild)}};
}

std::filesystem::path Machinery::cache_folder() const {
  if (options_.cache_folder) {
    return *options_.cache_folder;
  }
  return users_cache_folder();
}

std::filesystem::path Machinery::users_cache_folder() const {
  const std::filesystem::path below = std::filesystem::path("caisson") / "modules";
  // The XDG rules: a relative path in the variable counts as none.
  if (const auto xdg = environment_->variable("XDG_CACHE_HOME"); xdg && std::filesystem::path(*xdg).is_absolute()) {
    return std::filesystem::path(*xdg) / below;
  }
  if (const auto home = environment_->variable("HOME"); home && std::filesystem::path(*home).is_absolute()) {
    return std::filesystem::path(*home) / ".cache" / below;
  }
  return {};
}

std::filesystem::path Machinery::installed_images_folder() const {
  const std::filesystem::path below = std::filesystem::path("caisson") / "images";
  if (const auto xdg = environment_->variable("XDG_DATA_HOME"); xdg && std::filesystem::path(*xdg).is_absolute()) {
    return std::filesystem::path(*xdg) / below;
  }
  if (const auto home = environment_->variable("HOME"); home && std::filesystem::path(*home).is_absolute()) {
    return std::filesystem::path(*home) / ".local" / "share" / below;
  }
  return {};
}

}  // namespace caisson::runtime
