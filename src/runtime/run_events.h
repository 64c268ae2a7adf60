#pragma once

#include "workflow/run_events.h"

#include <caisson/run_event.h>

#include <functional>
#include <string>

namespace caisson::runtime {

/// Gives the events of a run to whoever wants them, but the end of the run itself: `finished` does that, when it is
/// known whether the result fits.
class RunEventForwarder final : public workflow::RunSink {
 public:
  using Receiver = std::function<void(const RunEvent&)>;

  /// All of them outlive it. `receiver` is not empty.
  RunEventForwarder(const Receiver& receiver, const std::string& run, const std::string& definition)
      : receiver_(receiver), run_(run), definition_(definition) {}

  void on_event(const workflow::RunEvent& event, const workflow::RunScope& scope) noexcept override;

  void finished(const workflow::Plan& plan, const workflow::RunRecord& record) const;

 private:
  void forward(const workflow::RunEvent& event, const workflow::RunScope& scope) const;

  const Receiver& receiver_;
  const std::string& run_;
  const std::string& definition_;
};

}  // namespace caisson::runtime
