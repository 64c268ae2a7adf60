#include "cli/source_build.h"

#include "base/child_process.h"
#include "base/unicode.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <filesystem>
#include <map>
#include <utility>
#include <vector>

namespace caisson::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kDeadline{10};
constexpr std::uint64_t kMostModule = 256U << 20;
/// What a compiler needs to be found and to work. Source can ask for a variable while it is compiled (Rust's `env!`),
/// so none of the others, which may be secrets, is there.
constexpr std::array<std::string_view, 18> kVariables = {
    "CARGO_HOME",  "GOCACHE",          "GOMODCACHE", "GOPATH",         "GOROOT",          "HOME",
    "LANG",        "LC_ALL",           "LC_CTYPE",   "LC_MESSAGES",    "LD_LIBRARY_PATH", "PATH",
    "RUSTUP_HOME", "RUSTUP_TOOLCHAIN", "TMPDIR",     "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"};

class ScratchFolder {
 public:
  ScratchFolder() {
    std::error_code error;
    std::string pattern = (fs::temp_directory_path(error) / "caisson-build-XXXXXX").native();
    if (!error && ::mkdtemp(pattern.data()) != nullptr) {
      path_ = pattern;
    }
  }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  ~ScratchFolder() {
    std::error_code ignored;
    if (!path_.empty()) {
      fs::remove_all(path_, ignored);
    }
  }
  /// Empty: there is none.
  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

/// What a compiler said, with the names that the user knows, and nothing that steers a terminal.
std::string readable(std::string_view text, const BuildPlace& place) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    for (const std::string_view copy : {"./main.go", "index.ts"}) {  // of the source, in the scratch folder
      if (const std::size_t at = line.find(copy); at != std::string::npos && (at == 0 || line[at - 1] == ' ')) {
        line.replace(at, copy.size(), place.source.filename().native());
      }
    }
    out += base::printable(line) + '\n';
  }
  return out;
}

std::vector<std::string> variables_for(const BuildPlace& place, const BuildStep& step) {
  std::map<std::string, std::string> all;
  for (const std::string_view name : kVariables) {
    if (auto value = place.environment.variable(std::string(name))) {
      all[std::string(name)] = *std::move(value);
    }
  }
  for (const std::string& variable : step.variables) {
    const std::size_t sign = variable.find('=');
    all[variable.substr(0, sign)] = variable.substr(sign + 1);
  }
  std::vector<std::string> out;
  out.reserve(all.size());
  for (const auto& [name, value] : all) {
    out.push_back(fmt::format("{}={}", name, value));
  }
  return out;
}

/// What the compiler said.
Result<std::string> run(const BuildPlace& place, const BuildStep& step, const std::stop_token& stop) {
  const base::ChildOptions options{.program = step.program,
                                   .arguments = step.arguments,
                                   .environment = variables_for(place, step),
                                   .deadline = kDeadline};
  CAISSON_TRY(const base::ChildOutcome outcome, base::run_child(options, stop));
  if (outcome.end == base::ChildEnd::kCancelled) {
    return Error{Category::kCancelled, "cli.build_stopped", "the build was stopped"};
  }
  std::string said = readable(outcome.output, place) + readable(outcome.error, place);
  if (outcome.end == base::ChildEnd::kExited && outcome.code == 0) {
    return said;
  }
  const std::string how = outcome.end == base::ChildEnd::kExited ? fmt::format("ended with exit code {}", outcome.code)
                          : outcome.end == base::ChildEnd::kDeadline
                              ? fmt::format("did not finish in {} minutes", kDeadline.count())
                              : std::string("was ended");
  Error error{Category::kInvalidArgument, "cli.build_failed",
              fmt::format("{} {}", step.program.filename().native(), how)};
  if (!said.empty()) {
    said.pop_back();
    error.message += ":\n" + said;
  }
  return error;
}

}  // namespace

Result<SourceBuild> build_source(const base::Environment& environment, const std::string& file, BuildAs as,
                                 const std::stop_token& stop) {
  const SourceRecipe* recipe = find_source_recipe(file);
  if (recipe == nullptr) {
    std::vector<std::string_view> endings;
    for (const SourceRecipe& known : source_recipes()) {
      endings.insert(endings.end(), known.endings.begin(), known.endings.end());
    }
    return Error{
        Category::kInvalidArgument, "cli.unknown_source",
        fmt::format("cannot tell the language of '{}': its name ends in none of {}", file, fmt::join(endings, ", "))};
  }
  CAISSON_TRY(const std::string source, environment.real_path(file));
  const ScratchFolder scratch;
  if (scratch.path().empty()) {
    return Error{Category::kInternal, "file.io", "cannot make a temporary folder"};
  }
  const BuildPlace place{.environment = environment,
                         .source = source,
                         .scratch = scratch.path(),
                         .output = scratch.path() / "module.wasm",
                         .as = as};
  CAISSON_TRY(const std::vector<BuildStep> steps, recipe->plan(place));
  SourceBuild build{.language = recipe->language, .module = {}, .messages = {}};
  for (const BuildStep& step : steps) {
    CAISSON_TRY(const std::string said, run(place, step, stop));
    build.messages += said;
  }
  CAISSON_TRY(build.module, environment.read_file(place.output, kMostModule));
  return build;
}

}  // namespace caisson::cli
