#pragma once

#include "cli/command.h"
#include "cli/output_file.h"
#include "cli/progress.h"
#include "cli/run_trace.h"
#include "cli/terminal.h"

#include <caisson/result.h>
#include <caisson/run_event.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace caisson::cli {

/// What happens in the runs of a command, for whoever asked to see it: in a file, as a trace, on the terminal.
class RunWatch {
 public:
  enum class Progress : std::uint8_t {
    kNone,
    kLines,    ///< every event is a line on standard error
    kDisplay,  ///< as ProgressDisplay
  };
  struct Options {
    std::optional<std::string> events{};  ///< where events go as JSON Lines; `-` is standard output
    std::optional<std::string> trace{};   ///< where the trace goes
    Progress progress = Progress::kNone;
    ReportOptions::Signs signs = ReportOptions::Signs::kUnicode;
  };

  /// Errors: those of OutputFile::create.
  [[nodiscard]] static Result<std::unique_ptr<RunWatch>> open(Context& context, const Options& options);
  RunWatch(const RunWatch&) = delete;
  RunWatch& operator=(const RunWatch&) = delete;
  ~RunWatch() = default;

  /// For RunOptions::on_event of a run of that definition; empty when nobody watches. It is used up by the next call.
  [[nodiscard]] std::function<void(const RunEvent&)> receiver(const std::string& definition);

  /// Prints what could not be written. Returns the exit code of the first such error, otherwise 0. Once, after the last
  /// run.
  [[nodiscard]] int finish();

 private:
  explicit RunWatch(Context& context) : context_(context) {}
  void add(const RunEvent& event);

  Context& context_;
  bool events_to_output_ = false;
  bool lines_ = false;
  std::unique_ptr<OutputFile> events_;
  std::unique_ptr<OutputFile> trace_file_;
  RunTrace trace_;
  std::unique_ptr<ProgressDisplay> display_;
};

}  // namespace caisson::cli
