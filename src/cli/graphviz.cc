#include "cli/graphviz.h"

#include "base/child_process.h"
#include "base/unicode.h"
#include "cli/find_program.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace caisson::cli {

namespace {

constexpr std::chrono::seconds kDeadline{60};
constexpr std::uint64_t kMostPictureBytes = 256U << 20;
constexpr std::uint64_t kMostMemoryBytes = 4ULL << 30;
constexpr std::size_t kShownError = 300;

}  // namespace

Result<std::string> draw_graph(std::string_view dot, std::string_view format, const base::Environment& environment) {
  const auto program = find_program(environment, "dot");
  if (!program) {
    return Error{Category::kNotFound, "cli.no_graphviz",
                 fmt::format("{} pictures are made by Graphviz, and there is no `dot` in PATH; install it (Debian: "
                             "apt-get install graphviz), or take `--format dot` or `--format mermaid`",
                             format)};
  }
  base::ChildOptions options{.program = *program,
                             .arguments = {fmt::format("-T{}", format)},
                             .input = dot,
                             .max_output_bytes = kMostPictureBytes,
                             .limits = {.cpu = kDeadline, .memory_bytes = kMostMemoryBytes, .file_bytes = {}},
                             .deadline = kDeadline};
  for (const char* const name : {"PATH", "HOME", "XDG_CACHE_HOME", "LANG", "LC_ALL"}) {  // fonts are cached
    if (const auto value = environment.variable(name)) {
      options.environment.push_back(fmt::format("{}={}", name, *value));
    }
  }
  CAISSON_TRY(base::ChildOutcome outcome, base::run_child(options));
  if (outcome.end == base::ChildEnd::kExited && outcome.code == 0) {
    return std::move(outcome.output);
  }
  if (outcome.end == base::ChildEnd::kDeadline) {
    return Error{Category::kInternal, "cli.graphviz_failed",
                 fmt::format("Graphviz did not finish the picture in {} s; `--format dot` prints what it was given",
                             kDeadline.count())};
  }
  return Error{Category::kInternal, "cli.graphviz_failed",
               fmt::format("Graphviz made no picture: {}",
                           outcome.error.empty() ? std::string("it ended without a word")
                                                 : base::printable(base::shorten(outcome.error, kShownError)))};
}

}  // namespace caisson::cli
