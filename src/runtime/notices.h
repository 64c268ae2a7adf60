#pragma once

#include "observe/observer.h"

#include <caisson/runtime.h>

#include <functional>
#include <mutex>

namespace caisson::runtime {

/// Turns the libraries' events into lines of text for RuntimeOptions::on_notice.
class Notices final : public observe::Observer {
 public:
  explicit Notices(std::function<void(const Notice&)> receiver) : receiver_(std::move(receiver)) {}

  [[nodiscard]] bool enabled() const noexcept override { return static_cast<bool>(receiver_); }
  void on_event(const observe::Event& event) noexcept override;

 private:
  std::function<void(const Notice&)> receiver_;
  std::mutex mutex_;  // the receiver is promised one call at a time
};

}  // namespace caisson::runtime
