#include "observe/testing/recording_observer.h"

#include <fmt/format.h>

#include <algorithm>

namespace caisson::observe {

void RecordingObserver::on_event(const Event& event) noexcept {
  std::string text(event.name);
  text += '{';
  for (const Attribute& attribute : event.attributes) {
    text += text.back() == '{' ? "" : ",";
    text += std::visit([&](const auto& value) { return fmt::format("{}={}", attribute.name, value); }, attribute.value);
  }
  text += '}';
  events_.with([&](auto& events) { events.push_back(std::move(text)); });
}

std::vector<std::string> RecordingObserver::events() const {
  return events_.with_shared([](const auto& events) { return events; });
}

std::size_t RecordingObserver::count(std::string_view name) const {
  return events_.with_shared([&](const auto& events) {
    return static_cast<std::size_t>(std::count_if(events.begin(), events.end(), [&](const std::string& event) {
      return event.starts_with(name) && event.substr(name.size(), 1) == "{";
    }));
  });
}

}  // namespace caisson::observe
