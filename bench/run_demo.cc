// What a user waits for: the three-node demo through the command line, from the start of the process to its end, with
// the compiled module in the cache; beside a process that does nothing. Prints the median of 20 runs of each.
//
// usage: bench_run_demo [caisson]     the program to time; the one beside this program if none is named

#include <fmt/format.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kRuns = 20;
constexpr double kGoalMilliseconds = 10;

/// Runs a program with its output thrown away; the milliseconds it took, or nothing when it failed.
std::optional<double> run_once(std::vector<std::string> words, const std::vector<std::string>& environment) {
  std::vector<char*> argv;
  for (std::string& word : words) {
    argv.push_back(word.data());
  }
  argv.push_back(nullptr);
  std::vector<char*> envp;
  for (const std::string& variable : environment) {
    envp.push_back(const_cast<char*>(variable.c_str()));
  }
  envp.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  const auto begin = std::chrono::steady_clock::now();
  pid_t child = 0;
  const int failed = posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), envp.data());
  int status = 0;
  const bool ended = failed == 0 && waitpid(child, &status, 0) == child;
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  posix_spawn_file_actions_destroy(&actions);
  return ended && WIFEXITED(status) && WEXITSTATUS(status) == 0 ? std::optional(took.count()) : std::nullopt;
}

struct Samples {
  double median = 0;
  double fastest = 0;
};

std::optional<Samples> measure(const std::vector<std::string>& words, const std::vector<std::string>& environment) {
  std::vector<double> all;
  for (std::size_t i = 0; i <= kRuns; ++i) {  // the first one warms every cache
    const auto took = run_once(words, environment);
    if (!took) {
      fmt::print(stderr, "run_demo: {} failed\n", fmt::join(words, " "));
      return std::nullopt;
    }
    if (i > 0) {
      all.push_back(*took);
    }
  }
  std::ranges::sort(all);
  return Samples{(all[(kRuns - 1) / 2] + all[kRuns / 2]) / 2, all.front()};
}

/// A folder of its own for the module cache, removed at the end.
class CacheFolder {
 public:
  CacheFolder() {
    std::string name = (fs::temp_directory_path() / "caisson-run-demo-XXXXXX").native();
    if (mkdtemp(name.data()) != nullptr) {
      path_ = name;
    }
  }
  CacheFolder(const CacheFolder&) = delete;
  CacheFolder& operator=(const CacheFolder&) = delete;
  ~CacheFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const noexcept { return path_; }

 private:
  fs::path path_;
};

}  // namespace

int main(int argc, char** argv) {
  const fs::path program = argc > 1 ? fs::path(argv[1]) : fs::read_symlink("/proc/self/exe").parent_path() / "caisson";
  const CacheFolder cache;
  if (cache.path().empty()) {
    std::perror("run_demo: mkdtemp");
    return 1;
  }
  const std::vector<std::string> environment{"XDG_CACHE_HOME=" + cache.path().native(), "LANG=C.UTF-8"};
  const auto bare = measure({"/bin/true"}, environment);
  const auto version = measure({program.native(), "--version"}, environment);
  const auto demo = measure(
      {program.native(), "run", CAISSON_SOURCE_DIR "/examples/04-wasm-integration.yaml", "hello world"}, environment);
  if (!bare || !version || !demo) {
    return 1;
  }
  fmt::print("process start to exit, milliseconds; median and fastest of {}\n", kRuns);
  for (const auto& [name, samples] :
       {std::pair("/bin/true", *bare), {"caisson --version", *version}, {"caisson run of demo 04", *demo}}) {
    fmt::print("  {:24} {:7.2f} {:7.2f}\n", name, samples.median, samples.fastest);
  }
  fmt::print("demo 04: {:.2f} ms, {:.2f} ms above a process that does nothing; goal: below {:.0f} ms\n", demo->median,
             demo->median - bare->median, kGoalMilliseconds);
  return 0;
}
