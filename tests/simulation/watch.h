#pragma once

#include "case.h"

#include "base/environment.h"
#include "workflow/run_events.h"
#include "workflow/run_record.h"

#include <chrono>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace caisson::simulation {

/// Looks on while a run lasts, and says the first thing that must not happen.
///
/// Checked: a node begins once for each attempt, after all that it depends on, not before its wait is over, not after a
/// stop, in the strategy's order; it ends once; never more are in flight than allowed, in all, in a run and in a group;
/// no worker is free while a node is ready.
class Watch final : public workflow::RunSink {
 public:
  Watch(const Scenario& scenario, const base::Environment& environment);

  void on_event(const workflow::RunEvent& event, const workflow::RunScope& scope) noexcept override;

  /// The function of a node begins and ends.
  void enter(const Case& graph, workflow::NodeIndex node);
  void leave(const Case& graph, workflow::NodeIndex node);

  /// The run was told to stop.
  void stopped() { stopped_ = true; }
  /// Nothing can go on before time passes.
  void rest();
  /// The run has returned.
  void ended(const workflow::RunRecord& record);

  /// Empty: none.
  [[nodiscard]] const std::string& problem() const noexcept { return problem_; }
  /// How often it happened that the order was looked at, a retry waited and so on: a watch that sees nothing is none.
  [[nodiscard]] std::size_t seen(const std::string& what) const { return seen_.contains(what) ? seen_.at(what) : 0; }
  [[nodiscard]] const std::map<std::string, std::size_t>& seen() const noexcept { return seen_; }

 private:
  enum class State : std::uint8_t { kPending, kRunning, kWaiting, kEnded };
  struct NodeWatch {
    State state = State::kPending;
    bool lets_others_run = false;  // of one that has ended
    std::uint32_t attempts = 0;
    workflow::RunTime not_before{};
  };
  struct ScopeWatch {
    const Case* graph = nullptr;
    workflow::Strategy strategy = workflow::Strategy::kWorkQueue;
    std::vector<NodeWatch> nodes{};
    bool failed_fast = false;
    bool ended = false;
  };

  [[nodiscard]] const Case& graph_of(std::string_view path) const;
  [[nodiscard]] ScopeWatch& scope_of(std::string_view path);
  [[nodiscard]] bool is_ready(const ScopeWatch& scope, workflow::NodeIndex node) const;
  void started(ScopeWatch& scope, std::string_view path, const workflow::NodeStarted& event);
  void check_order(const ScopeWatch& scope, workflow::NodeIndex node);
  void end(ScopeWatch& scope, workflow::NodeIndex node, State expected, bool lets_others_run);
  void complain(const ScopeWatch& scope, workflow::NodeIndex node, std::string_view what);

  const Scenario& scenario_;
  const base::Environment& environment_;
  bool has_nested_ = false;
  std::size_t most_ = 1;
  std::chrono::steady_clock::time_point begin_;
  std::map<std::string, ScopeWatch, std::less<>> scopes_;
  std::vector<workflow::RunEvent> events_;  // of the run itself
  std::size_t in_flight_ = 0;               // nodes without nested ones
  std::map<const Case*, std::size_t> in_flight_of_;
  std::vector<std::size_t> in_group_;
  bool stopped_ = false;
  std::string problem_;
  std::map<std::string, std::size_t> seen_;
};

}  // namespace caisson::simulation
