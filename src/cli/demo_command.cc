#include "cli/command.h"
#include "cli/exit_codes.h"
#include "cli/files.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"
#include "cli/stop_signals.h"
#include "cli/terminal.h"

#include <caisson/runtime.h>

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace caisson::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 5> kTour = {"01", "02", "03", "04", "05"};
constexpr std::string_view kInput = "hello world";
constexpr std::string_view kFolder = "examples/";

/// A folder with the modules of the examples, which is the working directory while it is there.
class DemoFolder {
 public:
  DemoFolder() = default;
  DemoFolder(const DemoFolder&) = delete;
  DemoFolder& operator=(const DemoFolder&) = delete;
  ~DemoFolder() {
    std::error_code ignored;
    if (!path_.empty()) {
      fs::current_path(before_, ignored);
      fs::remove_all(path_, ignored);
    }
  }

  [[nodiscard]] Status make() {
    std::error_code error;
    before_ = fs::current_path(error);
    std::string pattern = (fs::temp_directory_path(error) / "caisson-demo-XXXXXX").native();
    if (error || ::mkdtemp(pattern.data()) == nullptr) {
      return failed("cannot make a temporary folder");
    }
    path_ = pattern;
    for (const File& file : files()) {
      if (file.path.starts_with(kFolder) && file.path.ends_with(".wasm")) {
        const fs::path to = path_ / file.path.substr(kFolder.size());
        fs::create_directories(to.parent_path(), error);
        std::ofstream out(to, std::ios::binary);
        out << file.bytes;
        if (error || !out.flush()) {
          return failed("cannot write a module into a temporary folder");
        }
      }
    }
    fs::current_path(path_, error);
    return error ? Status(failed("cannot use a temporary folder")) : Status();
  }

 private:
  static Error failed(std::string what) { return {Category::kInternal, "file.io", std::move(what)}; }

  fs::path path_;
  fs::path before_;
};

class DemoCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS]")
        .about(
            "A guided tour: five workflows, from one node to two paths with a sandbox in them, each with what it "
            "shows, "
            "run on \"hello world\". On a terminal it waits for Enter before each.")
        .flag("--plain", "Prints no colour and no sign that is not ASCII; the data stays as it is", plain_)
        .example("caisson demo", "Shows the five demos.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (!operands.empty()) {
      return fail_usage(context, "demo", "the tour takes no arguments; `caisson run` runs a workflow of yours");
    }
    NoticePrinter notices(context, NoticePrinter::Detail::kWarnings);
    RuntimeOptions options;
    options.on_notice = notices.receiver();
    Result<std::unique_ptr<Runtime>> runtime = create_runtime(std::move(options));
    if (!runtime) {
      return fail(context, runtime.error());
    }
    DemoFolder folder;
    if (const Status made = folder.make(); !made) {
      return fail(context, made.error());
    }
    StopSignals signals;
    std::vector<const File*> tour;
    std::vector<std::string> names;
    for (const std::string_view number : kTour) {
      if (const File* example = find_example(number)) {
        tour.push_back(example);
        names.emplace_back(example->path);
      }
    }
    const Look look = plain_ ? Look::kPlain : Look::kNormal;
    const ReportOptions out = report_options(STDOUT_FILENO, look, context.environment);
    context.output.out(report_header(kInput, names, out));
    int status = 0;
    for (std::size_t i = 0; i < tour.size(); ++i) {
      context.output.out(i > 0 ? report_separator(out) : std::string());
      introduce(context, *tour[i], i + 1, tour.size());
      if (signals.token().stop_requested() || !wait_for_enter(context)) {
        return status;
      }
      const Result<Run> run = run_example(**runtime, *tour[i], signals.token());
      if (run) {
        context.output.out(run->report(out));
      }
      if (const std::optional<Error> error = run ? run->error() : std::optional(run.error())) {
        context.output.error(
            report_failure(names[i], *error, report_options(STDERR_FILENO, look, context.environment)));
        status = status == 0 ? exit_code(error->category) : status;
      }
    }
    context.output.out(report_footer(out));
    return status;
  }

 private:
  static Result<Run> run_example(Runtime& runtime, const File& example, const std::stop_token& stop) {
    CAISSON_TRY(const auto workflow, runtime.load_text(example.bytes, std::string(example.path)));
    return runtime.run(*workflow, Payload(std::string(kInput)), {.stop = stop});
  }

  static void introduce(Context& context, const File& example, std::size_t number, std::size_t count) {
    context.output.out(fmt::format("Demo {} of {}: {}\n", number, count, name_of(example)));
    for (const std::string_view line : comment_of(example)) {
      context.output.out(fmt::format("  {}\n", line));
    }
    context.output.out("\n");
  }

  /// False: there is no more to read, or somebody stopped the tour.
  static bool wait_for_enter(Context& context) {
    if (::isatty(STDIN_FILENO) == 0 || ::isatty(STDOUT_FILENO) == 0) {
      return true;
    }
    context.output.out("Press Enter to run it");
    static_cast<void>(context.output.flush());
    char byte = 0;
    while (byte != '\n') {
      if (::read(STDIN_FILENO, &byte, 1) != 1) {
        context.output.out("\n");
        return false;
      }
    }
    return true;
  }

  bool plain_ = false;
};

}  // namespace

std::unique_ptr<Command> make_demo_command() { return std::make_unique<DemoCommand>(); }

}  // namespace caisson::cli
