#pragma once

#include "observe/event.h"

namespace caisson::observe {

/// Is told what happens. Libraries call it where they do something worth knowing; what becomes of it (a log line, a
/// metric, a span, an audit record) is decided by whoever implements it. The base class does nothing.
///
/// Threads: called concurrently, from whatever thread the event happens on; it must return quickly and not throw.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer();

  /// Whether `on_event` does anything at all. Callers on a hot path ask before they build an Event.
  [[nodiscard]] virtual bool enabled() const noexcept { return false; }

  /// Whether it wants an event for each call that a guest makes of the host (sandbox.host_call). There may be millions.
  [[nodiscard]] virtual bool wants_host_calls() const noexcept { return false; }

  virtual void on_event(const Event& /*event*/) noexcept {}
};

}  // namespace caisson::observe
