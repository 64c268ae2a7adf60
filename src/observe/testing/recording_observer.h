#pragma once

#include "base/guarded.h"
#include "observe/observer.h"

#include <cstddef>
#include <string>
#include <vector>

namespace caisson::observe {

/// Keeps what it is told, as `name{attribute=value,...}`, for tests.
class RecordingObserver final : public Observer {
 public:
  [[nodiscard]] bool enabled() const noexcept override { return true; }
  [[nodiscard]] bool wants_host_calls() const noexcept override { return host_calls; }
  void on_event(const Event& event) noexcept override;

  [[nodiscard]] std::vector<std::string> events() const;
  /// How many events have that name.
  [[nodiscard]] std::size_t count(std::string_view name) const;

  bool host_calls = false;  ///< whether host calls are wanted

 private:
  base::Guarded<std::vector<std::string>> events_;
};

}  // namespace caisson::observe
