#pragma once

#include <caisson/error.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace caisson {

/// Something that happened in a run, told while it happens (RunOptions::on_event). What there is to know of it is in
/// `json`; the members are what a display needs. Names and meanings: docs/reference/events.md.
///
/// Lifetime: everything in it is borrowed, as long as the call that it is given to.
struct RunEvent {
  enum class Kind : std::uint8_t {
    kRunStarted,
    kLevelStarted,
    kStrategySwitched,
    kNodeWaiting,
    kNodeStarted,
    kNodeLog,
    kNodeEmitted,
    kNodeRetrying,
    kNodeSucceeded,
    kNodeFailed,
    kNodeSkipped,
    kNodeCancelled,
    kRunFinished,
  };

  Kind kind = Kind::kRunStarted;
  std::string_view name{};  ///< `node.started`
  std::string_view run{};   ///< id of the run
  /// Empty: the run itself. Otherwise the node inside of which this happened, and which time: `each[3]`.
  std::string_view scope{};
  std::string_view node{};        ///< its id; empty: the event is of no node
  std::chrono::nanoseconds at{};  ///< since the run started
  std::size_t nodes = 0;          ///< how many there are in this scope
  std::uint32_t attempt = 0;      ///< of the node, from 1; 0: none is running
  const Error* error = nullptr;   ///< why it failed; nullptr: it did not
  /// What the code of the node wrote to its log; the topic of a record that it emitted. As it gave them: escape before
  /// printing.
  std::string_view text{};
  std::function<std::string()> json{};  ///< everything about it as a line of JSON, without the line break
};

}  // namespace caisson
