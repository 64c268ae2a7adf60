#include "engine/module_cache.h"

#include "base/control.h"
#include "base/digest.h"
#include "base/guarded.h"
#include "base/unicode.h"
#include "engine/refusal_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <list>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace caisson::engine {

namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::string_view kKeyFile = "key";
constexpr std::string_view kExtension = ".aot";
constexpr std::string_view kRefusalExtension = ".refused";
constexpr std::size_t kMaxRefusal = 4U << 10;
constexpr std::size_t kMostRefusals = 1000;                       // files
constexpr std::string_view kRemembered = "engine.compile_limit";  // it would be the same again, and costly

/// What compiled code may rely on besides its profile. Wasmtime checks it too; here it keeps machines that share a home
/// folder apart.
std::string cpu_features() {
  std::string out;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const auto add = [&](bool has, std::string_view name) { out += has ? fmt::format("{},", name) : std::string(); };
  add(__builtin_cpu_supports("sse3") != 0, "sse3");
  add(__builtin_cpu_supports("ssse3") != 0, "ssse3");
  add(__builtin_cpu_supports("sse4.1") != 0, "sse4.1");
  add(__builtin_cpu_supports("sse4.2") != 0, "sse4.2");
  add(__builtin_cpu_supports("popcnt") != 0, "popcnt");
  add(__builtin_cpu_supports("avx") != 0, "avx");
  add(__builtin_cpu_supports("avx2") != 0, "avx2");
  add(__builtin_cpu_supports("fma") != 0, "fma");
  add(__builtin_cpu_supports("bmi") != 0, "bmi");
  add(__builtin_cpu_supports("bmi2") != 0, "bmi2");
  add(__builtin_cpu_supports("lzcnt") != 0, "lzcnt");
  add(__builtin_cpu_supports("avx512f") != 0, "avx512f");
  add(__builtin_cpu_supports("avx512dq") != 0, "avx512dq");
  add(__builtin_cpu_supports("avx512vl") != 0, "avx512vl");
  add(__builtin_cpu_supports("avx512bitalg") != 0, "avx512bitalg");
  add(__builtin_cpu_supports("avx512vbmi") != 0, "avx512vbmi");
#endif
  return out;
}

/// The installation's key, made on first use. Two processes that start together agree: the one whose file is in place.
Result<std::string> installation_key(base::Environment& environment, const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / kKeyFile;
  Result<std::string> existing = environment.read_file(path, kSecretBytes);
  if (existing && existing->size() == kSecretBytes) {
    return existing;
  }
  CAISSON_TRY(const std::string fresh, environment.random_bytes(kSecretBytes));
  CAISSON_CHECK(environment.write_private_file(path, fresh));
  return environment.read_file(path, kSecretBytes);
}

}  // namespace

struct ModuleCache::Memory {
  struct Entry {
    base::Digest key;
    std::shared_ptr<const Module> module;
  };
  struct Lru {
    std::list<Entry> entries;  // most recently used first
    std::unordered_map<base::Digest, std::list<Entry>::iterator, base::DigestHash> index;
    std::uint64_t bytes = 0;
  };
  base::Guarded<Lru> lru;
  std::mutex compiling;
};

ModuleCache::ModuleCache(Options options)
    : options_(std::move(options)),
      compiler_({.engine = options_.engine,
                 .program = options_.compile_program,
                 .caps = options_.compile_caps,
                 .structure = options_.structure}),
      memory_(std::make_unique<Memory>()),
      optimiser_(
          compiler_, options_.optimise_after.value_or(std::chrono::milliseconds(0)),
          [this](const Optimiser::Job& job, Result<Compiled> compiled) { adopt_optimised(job, std::move(compiled)); }) {
  fingerprint_ = fmt::format("wasmtime={};cpu={};{}", wasmtime_version(), cpu_features(),
                             engine::fingerprint(options_.engine->profile()));
  if (options_.directory.empty()) {
    return;
  }
  if (const Status usable = options_.environment->make_private_directory(options_.directory); !usable) {
    tell("engine.cache_unavailable", "why", usable.error().message);
    return;
  }
  const Result<std::string> key = installation_key(*options_.environment, options_.directory);
  if (!key) {
    tell("engine.cache_unavailable", "why", key.error().message);
    return;
  }
  key_ = *key;
}

ModuleCache::~ModuleCache() = default;

Result<std::shared_ptr<const Module>> ModuleCache::get(std::string_view wasm) {
  if (wasm.size() > options_.max_module_bytes && base::holds(base::Control::kModuleSize)) {
    return Error{
        Category::kResourceExhausted, "engine.module_too_large",
        fmt::format("the module has {} bytes; at most {} are accepted", wasm.size(), options_.max_module_bytes)};
  }
  return get(base::sha256(wasm), wasm.size(), [&]() -> Result<std::string_view> { return wasm; });
}

Result<std::shared_ptr<const Module>> ModuleCache::get(const base::Digest& digest, std::size_t bytes,
                                                       const std::function<Result<std::string_view>()>& fetch) {
  const bool quick = options_.compile_program && options_.compile_caps.effort_for(bytes) == Effort::kLow;
  const base::Digest full = key_of(digest, Effort::kFull);
  const base::Digest key = quick ? key_of(digest, Effort::kLow) : full;
  // Good code of a large module may be there as well, and is better.
  const auto find = [&](const auto& look) -> std::shared_ptr<const Module> {
    std::shared_ptr<const Module> module = look(full);
    if (module == nullptr && quick) {
      module = look(key);
      if (module != nullptr) {
        optimise_later(full, digest, bytes, fetch);
      }
    }
    return module;
  };
  const auto in_memory = [&](const base::Digest& wanted) { return find_in_memory(wanted); };
  if (auto module = find(in_memory)) {
    tell("engine.cache_hit", "tier", "memory");
    return module;
  }
  const std::scoped_lock lock(memory_->compiling);
  if (auto module = find(in_memory)) {  // somebody else compiled it meanwhile
    tell("engine.cache_hit", "tier", "memory");
    return module;
  }
  const auto on_disk = [&](const base::Digest& wanted) {
    auto module = find_on_disk(wanted, digest, bytes);
    if (module != nullptr) {
      keep_in_memory(wanted, module);
    }
    return module;
  };
  if (auto module = find(on_disk)) {
    tell("engine.cache_hit", "tier", "disk");
    return module;
  }
  tell("engine.cache_miss", "digest", digest.hex());
  if (auto refusal = find_refusal(key)) {
    return *std::move(refusal);
  }
  CAISSON_TRY(const std::string_view wasm, fetch());
  if (wasm.size() != bytes) {
    return Error{Category::kDataLoss, "engine.wrong_bytes",
                 fmt::format("the module should have {} bytes and has {}", bytes, wasm.size())};
  }
  Result<Compiled> compiled = compiler_.compile(wasm, digest);
  if (!compiled) {
    if (compiled.error().reason == kRemembered) {
      keep_refusal(key, compiled.error());
    }
    return std::move(compiled).error();
  }
  tell("engine.module_compiled", "digest", digest.hex());
  keep_on_disk(key, {compiled->code, compiled->module->info().proposals});
  keep_in_memory(key, compiled->module);
  if (quick) {
    optimise_later(full, digest, bytes, fetch);
  }
  return std::move(compiled->module);
}

base::Digest ModuleCache::key_of(const base::Digest& digest, Effort effort) const {
  return base::sha256(fmt::format("{}\n{}{}", digest.hex(), fingerprint_, effort == Effort::kLow ? ";quick" : ""));
}

void ModuleCache::optimise_later(const base::Digest& full, const base::Digest& digest, std::size_t bytes,
                                 const std::function<Result<std::string_view>()>& fetch) {
  if (!options_.optimise_after || !optimiser_.claim(full)) {
    return;
  }
  const Result<std::string_view> wasm = find_refusal(full) ? Result<std::string_view>(std::string_view()) : fetch();
  if (!wasm || wasm->empty() || wasm->size() != bytes) {
    optimiser_.skip();
    return;
  }
  optimiser_.begin({full, digest, std::string(*wasm)});
}

void ModuleCache::adopt_optimised(const Optimiser::Job& job, Result<Compiled> compiled) {
  const std::scoped_lock lock(memory_->compiling);
  if (!compiled) {
    if (compiled.error().reason == kRemembered) {
      keep_refusal(job.key, compiled.error());
    }
    return;
  }
  keep_on_disk(job.key, {compiled->code, compiled->module->info().proposals});
  keep_in_memory(job.key, compiled->module);
  if (!key_.empty()) {  // of the quick code: it is not asked for any more
    const auto quick = options_.directory / (key_of(job.digest, Effort::kLow).hex() + std::string(kExtension));
    static_cast<void>(options_.environment->remove_file(quick));
  }
  tell("engine.module_optimised", "digest", job.digest.hex());
}

std::uint64_t ModuleCache::memory_bytes() const {
  return memory_->lru.with_shared([](const Memory::Lru& lru) { return lru.bytes; });
}

std::shared_ptr<const Module> ModuleCache::find_in_memory(const base::Digest& key) {
  return memory_->lru.with([&](Memory::Lru& lru) -> std::shared_ptr<const Module> {
    const auto found = lru.index.find(key);
    if (found == lru.index.end()) {
      return nullptr;
    }
    lru.entries.splice(lru.entries.begin(), lru.entries, found->second);
    return found->second->module;
  });
}

void ModuleCache::keep_in_memory(const base::Digest& key, std::shared_ptr<const Module> module) {
  memory_->lru.with([&](Memory::Lru& lru) {
    lru.bytes += module->compiled_bytes();
    lru.entries.push_front({key, std::move(module)});
    lru.index[key] = lru.entries.begin();
    while (lru.bytes > options_.max_memory_bytes && lru.entries.size() > 1) {
      lru.bytes -= lru.entries.back().module->compiled_bytes();
      lru.index.erase(lru.entries.back().key);
      lru.entries.pop_back();
    }
  });
}

std::shared_ptr<const Module> ModuleCache::find_on_disk(const base::Digest& key, const base::Digest& digest,
                                                        std::size_t wasm_bytes) {
  if (key_.empty()) {
    return nullptr;
  }
  const std::filesystem::path path = options_.directory / (key.hex() + std::string(kExtension));
  const Result<base::SealedMemory> file = options_.environment->read_sealed_file(path, options_.max_disk_bytes);
  if (!file && file.error().category == Category::kNotFound) {
    return nullptr;
  }
  std::string why;
  if (!file) {
    why = file.error().message;
  } else if (const auto cached = read_cache_file(key_, key, file->view()); !cached) {
    why = "it is no file of this cache, was changed, or was written by another installation";
  } else if (auto module = options_.engine->load(cached->code, {digest, wasm_bytes, cached->proposals}, &*file)) {
    options_.environment->touch_file(path);
    return std::move(module).value();
  } else {
    why = module.error().message;
  }
  tell("engine.cache_rejected", "why", why);
  if (const Status removed = options_.environment->remove_file(path); !removed) {
    tell("engine.cache_unavailable", "why", removed.error().message);
  }
  return nullptr;
}

std::filesystem::path ModuleCache::refusal_path(const base::Digest& key) const {
  return options_.directory / (key.hex() + std::string(kRefusalExtension));
}

std::optional<Error> ModuleCache::find_refusal(const base::Digest& key) const {
  if (key_.empty()) {
    return std::nullopt;
  }
  const std::filesystem::path path = refusal_path(key);
  const Result<std::string> bytes = options_.environment->read_file(path, kMaxRefusal);
  const auto why = bytes ? read_refusal_file(options_.compile_caps, *bytes) : std::nullopt;
  if (!why) {
    return std::nullopt;
  }
  options_.environment->touch_file(path);
  return Error{Category::kResourceExhausted, std::string(kRemembered),
               fmt::format("{} (as it was found before; allow more in [compile], or remove {}, to try again)",
                           base::printable(*why), base::printable(path.native()))};
}

void ModuleCache::keep_refusal(const base::Digest& key, const Error& error) {
  if (key_.empty()) {
    return;
  }
  const std::string bytes = write_refusal_file(options_.compile_caps, error.message);
  if (const Status written = options_.environment->write_private_file(refusal_path(key), bytes); !written) {
    tell("engine.cache_unavailable", "why", written.error().message);
    return;
  }
  remove_oldest(kRefusalExtension, kMostRefusals, std::numeric_limits<std::uint64_t>::max());
}

void ModuleCache::keep_on_disk(const base::Digest& key, const CachedCode& cached) {
  if (key_.empty()) {
    return;
  }
  const auto path = options_.directory / (key.hex() + std::string(kExtension));
  const Result<std::string> salt = options_.environment->random_bytes(kCacheSaltBytes);
  const Status written =
      salt ? options_.environment->write_private_file(path, write_cache_file(key_, key, *salt, cached)) : salt.error();
  if (!written) {
    tell("engine.cache_unavailable", "why", written.error().message);
    return;
  }
  remove_oldest(kExtension, std::numeric_limits<std::size_t>::max(), options_.max_disk_bytes);
}

void ModuleCache::remove_oldest(std::string_view extension, std::size_t most_files, std::uint64_t most_bytes) {
  Result<std::vector<base::FileEntry>> files = options_.environment->list_files(options_.directory);
  if (!files) {
    return;
  }
  std::erase_if(*files, [&](const base::FileEntry& file) { return !file.name.ends_with(extension); });
  std::sort(files->begin(), files->end(),
            [](const base::FileEntry& a, const base::FileEntry& b) { return a.used > b.used; });
  std::size_t kept = 0;
  std::uint64_t bytes = 0;
  for (const base::FileEntry& file : *files) {
    bytes += file.size_bytes;
    if (++kept <= most_files && bytes <= most_bytes) {
      continue;
    }
    if (const Status removed = options_.environment->remove_file(options_.directory / file.name); !removed) {
      tell("engine.cache_unavailable", "why", removed.error().message);
    }
  }
}

void ModuleCache::tell(std::string_view name, std::string_view attribute, std::string_view value) const {
  if (options_.observer == nullptr || !options_.observer->enabled()) {
    return;
  }
  const std::array attributes = {observe::Attribute{attribute, value}};
  options_.observer->on_event({name, attributes});
}

}  // namespace caisson::engine
