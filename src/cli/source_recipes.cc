#include "cli/source_recipes.h"

#include "base/child_process.h"
#include "cli/files.h"
#include "cli/find_program.h"
#include "cli/output_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <optional>
#include <utility>

namespace caisson::cli {

namespace {

namespace fs = std::filesystem;
using Steps = std::vector<BuildStep>;

constexpr std::uint64_t kMostSource = 10U << 20;
constexpr std::string_view kNode = "api/wit/caisson-node/node.wit";

Error no_toolchain(std::string_view what, std::string_view remedy) {
  return {Category::kNotFound, "cli.no_toolchain", fmt::format("{}; {}", what, remedy)};
}

Error cannot_build(std::string_view what) { return {Category::kUnimplemented, "cli.cannot_build", std::string(what)}; }

/// Writes a file of the program into the scratch folder.
Status put(const BuildPlace& place, std::string_view from, std::string_view to) {
  const fs::path path = place.scratch / to;
  std::error_code ignored;
  fs::create_directories(path.parent_path(), ignored);
  const File* file = find_file(from);
  if (file == nullptr) {
    return Error{Category::kInternal, "file.missing", fmt::format("the program has no '{}'", from)};
  }
  return write_file(path.native(), file->bytes);
}

/// Copies the source into the scratch folder, for compilers that take a folder as a whole.
Status put_source(const BuildPlace& place, std::string_view to) {
  CAISSON_TRY(const std::string text, place.environment.read_file(place.source, kMostSource));
  return write_file((place.scratch / to).native(), text);
}

std::optional<fs::path> find_first(const BuildPlace& place, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (auto program = find_program(place.environment, name)) {
      return program;
    }
  }
  return std::nullopt;
}

/// The first line that a tool prints about itself; empty if it does not.
std::string ask(const BuildPlace& place, const fs::path& program, std::vector<std::string> arguments) {
  base::ChildOptions options{.program = program, .arguments = std::move(arguments)};
  for (const std::string& name : place.environment.variable_names()) {
    options.environment.push_back(fmt::format("{}={}", name, place.environment.variable(name).value_or("")));
  }
  const auto outcome = base::run_child(options);
  if (!outcome || outcome->end != base::ChildEnd::kExited || outcome->code != 0) {
    return {};
  }
  return outcome->output.substr(0, outcome->output.find('\n'));
}

/// The linker of components, which comes with Rust.
std::optional<fs::path> component_linker(const BuildPlace& place) {
  const auto rustc = find_program(place.environment, "rustc");
  if (!rustc) {
    return std::nullopt;
  }
  const fs::path tools = ask(place, *rustc, {"--print", "target-libdir"});  // SYSROOT/lib/rustlib/HOST/lib
  const fs::path linker = tools.parent_path() / "bin/wasm-component-ld";
  std::error_code ignored;
  return fs::is_regular_file(linker, ignored) ? std::optional(linker) : std::nullopt;
}

Result<Steps> plan_clang(const BuildPlace& place, const fs::path& clang, std::initializer_list<const char*> dialect) {
  CAISSON_CHECK(put(place, "guests/sdk/c/caisson.h", "sdk/caisson.h"));
  std::vector<std::string> arguments(dialect.begin(), dialect.end());
  const auto add = [&](std::initializer_list<std::string> more) { arguments.insert(arguments.end(), more); };
  add({"-O2", "-Wall", "-I" + (place.scratch / "sdk").native()});
  if (place.as == BuildAs::kProgram) {
    add({"--target=wasm32-wasi", "-Wno-deprecated", "-Wl,--strip-all", place.source.native(), "-o",
         place.output.native()});
    return Steps{{clang, std::move(arguments)}};
  }
  add({"--target=wasm32", "-ffreestanding", "-nostdlib"});
  if (place.as == BuildAs::kProcessor) {
    add({"-Wl,--no-entry", "-Wl,--strip-all", place.source.native(), "-o", place.output.native()});
    return Steps{{clang, std::move(arguments)}};
  }
  const auto linker = component_linker(place);
  const auto wasm_ld = find_first(place, {"wasm-ld-22", "wasm-ld-21", "wasm-ld-20", "wasm-ld-19", "wasm-ld"});
  if (!linker || !wasm_ld) {
    return no_toolchain("a component in C needs `wasm-ld`, and `wasm-component-ld`, which comes with Rust",
                        "install lld, and Rust from rustup, or build a processor");
  }
  CAISSON_CHECK(put(place, kNode, "sdk/node.wit"));
  const std::string object = (place.scratch / "source.o").native();
  add({"-DCAISSON_COMPONENT", "-c", place.source.native(), "-o", object});
  return Steps{{clang, std::move(arguments)},
               {*linker,
                {"--wasm-ld-path", wasm_ld->native(), "--component-type", (place.scratch / "sdk/node.wit").native(),
                 "--wasi-adapter", "none", "--no-entry", "--strip-all", object, "-o", place.output.native()}}};
}

constexpr std::string_view kGetClang =
    "install clang 16 or newer with its linker for WebAssembly (Debian: apt-get install clang lld)";

Result<Steps> plan_c(const BuildPlace& place) {
  const auto clang =
      find_first(place, {"clang-22", "clang-21", "clang-20", "clang-19", "clang-18", "clang-17", "clang-16", "clang"});
  if (!clang) {
    return no_toolchain("C is built by clang, and there is none in PATH", kGetClang);
  }
  return plan_clang(place, *clang, {"-std=c17"});
}

Result<Steps> plan_cpp(const BuildPlace& place) {
  const auto clang = find_first(place, {"clang++-22", "clang++-21", "clang++-20", "clang++-19", "clang++-18",
                                        "clang++-17", "clang++-16", "clang++"});
  if (!clang) {
    return no_toolchain("C++ is built by clang++, and there is none in PATH", kGetClang);
  }
  return plan_clang(place, *clang, {"-std=c++20", "-fno-exceptions", "-fno-rtti"});
}

Result<Steps> plan_rust(const BuildPlace& place) {
  const auto rustc = find_program(place.environment, "rustc");
  if (!rustc) {
    return no_toolchain("Rust is built by rustc, and there is none in PATH",
                        "install Rust from rustup, then `rustup target add wasm32-unknown-unknown`");
  }
  const std::string target = place.as == BuildAs::kProcessor   ? "wasm32-unknown-unknown"
                             : place.as == BuildAs::kComponent ? "wasm32-wasip2"
                                                               : "wasm32-wasip1";
  std::error_code ignored;
  if (const fs::path libraries = ask(place, *rustc, {"--print", "target-libdir", "--target", target});
      libraries.empty() || !fs::is_directory(libraries, ignored)) {
    return no_toolchain(fmt::format("this Rust has no library for {}", target),
                        fmt::format("`rustup target add {}`", target));
  }
  for (const char* const name : {"buffer.rs", "component.rs", "http.rs", "json.rs", "kv.rs", "lib.rs", "native.rs"}) {
    CAISSON_CHECK(put(place, fmt::format("guests/sdk/rust/caisson/src/{}", name), fmt::format("caisson/{}", name)));
  }
  CAISSON_CHECK(put(place, kNode, "caisson/node.wit"));
  const std::string library = (place.scratch / "libcaisson.rlib").native();
  const std::string sdk = (place.scratch / "caisson/lib.rs").native();
  const std::vector<std::string> common = {"--edition",   "2021", "--target",    target, "-C",
                                           "opt-level=s", "-C",   "panic=abort", "-C",   "codegen-units=1"};
  Steps steps{{*rustc, common}, {*rustc, common}};
  const auto add = [&](std::size_t step, std::initializer_list<std::string> more) {
    steps[step].arguments.insert(steps[step].arguments.end(), more);
  };
  add(0, {"--crate-name", "caisson", "--crate-type", "rlib", sdk, "-o", library});
  add(1, {"--crate-name", "processor", "--crate-type", place.as == BuildAs::kProgram ? "bin" : "cdylib", "-C",
          "strip=symbols", "-C", "lto=fat", "--extern", "caisson=" + library, place.source.native(), "-o",
          place.output.native()});
  if (place.as == BuildAs::kComponent) {
    add(1, {"-C", "link-arg=--component-type=" + (place.scratch / "caisson/node.wit").native()});
  }
  return steps;
}

Result<Steps> plan_go(const BuildPlace& place) {
  if (place.as == BuildAs::kComponent) {
    return cannot_build(
        "Go does not become a component here; build a processor, which speaks the ABI buffer, or begin with `caisson "
        "new "
        "processor --lang go NAME`: the README of a project says how");
  }
  const auto go = find_program(place.environment, "go");
  if (!go) {
    return no_toolchain("Go is built by go, and there is none in PATH", "install Go 1.24 or newer (https://go.dev/dl)");
  }
  for (const char* const name : {"caisson.go", "go.mod", "host_other.go", "host_wasip1.go", "http.go", "json.go"}) {
    CAISSON_CHECK(put(place, fmt::format("guests/sdk/go/{}", name), fmt::format("go/guest/{}", name)));
  }
  const fs::path folder = place.scratch / "go";
  CAISSON_CHECK(write_file((folder / "go.mod").native(),
                           "module example.com/processor\n\ngo 1.24\n\nrequire caisson/guest v0.0.0\n\n"
                           "replace caisson/guest => ./guest\n"));
  CAISSON_CHECK(put_source(place, "go/main.go"));
  const std::string mode = place.as == BuildAs::kProgram ? "-buildmode=exe" : "-buildmode=c-shared";
  // Nothing of the user's settings but what is installed: no other module, and no newer Go fetched.
  return Steps{{*go,
                {"build", "-C", folder.native(), mode, "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o",
                 place.output.native(), "."},
                {"GOWORK=off", "GOFLAGS=", "GOTOOLCHAIN=local", "GOOS=wasip1", "GOARCH=wasm"}}};
}

Result<Steps> plan_assemblyscript(const BuildPlace& place) {
  if (place.as != BuildAs::kProcessor) {
    return cannot_build(
        "AssemblyScript only becomes a processor here, which speaks the ABI buffer; the project that `caisson new "
        "processor --lang assemblyscript NAME` begins becomes a component as well");
  }
  // As npm does: the nearest folder with the compiler, then PATH.
  std::optional<fs::path> compiler;
  for (fs::path folder = place.source.parent_path(); !compiler; folder = folder.parent_path()) {
    std::error_code ignored;
    if (const fs::path candidate = folder / "node_modules/.bin/asc"; fs::is_regular_file(candidate, ignored)) {
      compiler = candidate;
    }
    if (folder == folder.parent_path()) {
      break;
    }
  }
  compiler = compiler ? compiler : find_program(place.environment, "asc");
  if (!compiler || !find_program(place.environment, "node")) {
    return no_toolchain("AssemblyScript is built by asc, and there is none beside the file or in PATH",
                        "install Node 20 or newer, then `npm install --save-dev assemblyscript`");
  }
  CAISSON_CHECK(put(place, "guests/sdk/assemblyscript/caisson.ts", "ts/caisson.ts"));
  CAISSON_CHECK(put_source(place, "ts/index.ts"));
  return Steps{
      {*compiler,
       {"index.ts", "--baseDir", (place.scratch / "ts").native(), "-o", "../" + place.output.filename().native(), "-O3",
        "--runtime", "stub", "--use", "abort=caisson/abort"}}};
}

Result<Steps> needs_no_build(const BuildPlace& place) {
  const std::string name = place.source.filename().native();
  return cannot_build(fmt::format(
      "'{}' needs no build: a node runs it as it is (`type: code`, `file: {}`), and so does `caisson exec {}`", name,
      name, name));
}

constexpr std::array<std::string_view, 1> kC = {".c"};
constexpr std::array<std::string_view, 3> kCpp = {".cc", ".cpp", ".cxx"};
constexpr std::array<std::string_view, 1> kRust = {".rs"};
constexpr std::array<std::string_view, 1> kGo = {".go"};
constexpr std::array<std::string_view, 1> kAssemblyScript = {".ts"};
constexpr std::array<std::string_view, 4> kCode = {".py", ".js", ".mjs", ".lua"};

constexpr std::array kRecipes = {
    SourceRecipe{"C", kC, plan_c},
    SourceRecipe{"C++", kCpp, plan_cpp},
    SourceRecipe{"Rust", kRust, plan_rust},
    SourceRecipe{"Go", kGo, plan_go},
    SourceRecipe{"AssemblyScript", kAssemblyScript, plan_assemblyscript},
    SourceRecipe{"code", kCode, needs_no_build},
};

}  // namespace

std::span<const SourceRecipe> source_recipes() noexcept { return kRecipes; }

const SourceRecipe* find_source_recipe(const fs::path& file) {
  std::string ending = file.extension().native();
  std::ranges::transform(ending, ending.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  for (const SourceRecipe& recipe : kRecipes) {
    if (std::ranges::find(recipe.endings, ending) != recipe.endings.end()) {
      return &recipe;
    }
  }
  return nullptr;
}

}  // namespace caisson::cli
