#pragma once

#include <caisson/run_event.h>

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace caisson::cli {

/// Collects the events of runs, and shows them as a trace in the format that Perfetto and chrome://tracing read: each
/// attempt of a node is a slice, in a lane that nothing else used at that time.
///
/// Threads: one call at a time.
class RunTrace {
 public:
  /// The events that follow are of this definition. Runs stand one behind the other on the axis of time.
  void begin(std::string definition);
  void add(const RunEvent& event);

  /// A whole document, whether the runs have ended or not.
  [[nodiscard]] std::string json() const;

 private:
  using Time = std::chrono::nanoseconds;

  struct Slice {
    std::size_t process = 0;
    std::string name;  ///< with the scope before it
    std::uint32_t attempt = 1;
    Time begin{};
    Time end{};
    std::string_view outcome;  ///< `succeeded`; a name is static
    std::string reason{};      ///< of a failure
  };
  struct Mark {
    std::size_t process = 0;
    std::string_view name;  ///< `node.retrying`
    std::string node{};
    Time at{};
  };

  [[nodiscard]] Time on_axis(const RunEvent& event);
  void end(const RunEvent& event, std::string_view outcome);

  std::vector<std::string> processes_;
  std::vector<Slice> slices_;
  std::vector<Mark> marks_;
  std::map<std::string, std::size_t> running_;  // the slice of a node
  Time begin_{};                                // of the run, on the axis
  Time last_{};                                 // the latest of all
};

/// A node with the scope that it is in: `each[3]/double`.
[[nodiscard]] std::string full_name(const RunEvent& event);

}  // namespace caisson::cli
