#pragma once

#include "cli/command.h"
#include "cli/terminal.h"

#include <caisson/runtime.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace caisson::cli {

/// What `run` shows of its runs, in the order of the calls: `begin`, `add` for each definition, `end`.
///
/// Failures are on standard error in every view.
class RunView {
 public:
  RunView() = default;
  RunView(const RunView&) = delete;
  RunView& operator=(const RunView&) = delete;
  virtual ~RunView() = default;

  virtual void begin(const Payload& input, const std::vector<std::string>& files) = 0;
  /// `run` holds an error when there was no run.
  virtual void add(const std::string& file, const Result<Run>& run) = 0;
  virtual void end() = 0;
};

enum class ViewKind : std::uint8_t {
  kReport,   ///< for people
  kOutput,   ///< the bytes that a workflow made; with several definitions each output ends with a line break
  kNothing,  ///< failures alone
  kJson,     ///< an object for one definition, an array of objects for several
};

/// `context` outlives the view.
[[nodiscard]] std::unique_ptr<RunView> make_run_view(ViewKind kind, Context& context, Look look);

}  // namespace caisson::cli
