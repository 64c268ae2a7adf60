#pragma once

#include "cli/command.h"

#include <caisson/run_event.h>
#include <caisson/runtime.h>

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

namespace caisson::cli {

/// What a run is at: how many of its steps are done, and which run.
class ProgressState {
 public:
  using Signs = ReportOptions::Signs;

  void add(const RunEvent& event);

  /// `⠹ 3/7 fetch, each[2]/double +4 1.2s`, in at most so many code points; empty when there is no room for it.
  [[nodiscard]] std::string line(std::chrono::nanoseconds elapsed, std::size_t columns, Signs signs) const;

 private:
  [[nodiscard]] bool has_inner(const std::string& name) const;

  std::size_t total_ = 0;
  std::size_t done_ = 0;
  std::map<std::string, int> running_;  // how many of that name
};

/// `  0.012s each[3]/double started`, with the line break: what happened, for somebody who reads it later.
[[nodiscard]] std::string progress_line(const RunEvent& event);

/// What a progress display shows for good: that a step failed, or is tried again; empty: nothing of the sort happened.
[[nodiscard]] std::string progress_warning(const RunEvent& event, ReportOptions::Signs signs);

/// A line at the bottom of the terminal, on standard error, while a run lasts: redrawn ten times a second, for the
/// first time when the run has lasted a while, and gone in the end.
///
/// Threads: `add` is called by one thread at a time, any one.
class ProgressDisplay {
 public:
  ProgressDisplay(Context& context, ReportOptions::Signs signs);
  ProgressDisplay(const ProgressDisplay&) = delete;
  ProgressDisplay& operator=(const ProgressDisplay&) = delete;
  ~ProgressDisplay();

  void add(const RunEvent& event);

 private:
  void draw(const std::stop_token& stop);

  Context& context_;
  const ReportOptions::Signs signs_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  ProgressState state_;
  bool active_ = false;
  std::chrono::steady_clock::time_point began_;
  std::jthread drawer_;
};

}  // namespace caisson::cli
