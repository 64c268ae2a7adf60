#include "workflow/internal/gates.h"

#include <algorithm>
#include <utility>

namespace caisson::workflow {

bool Gates::enter(const Groups& groups, Visitor visitor) {
  const std::scoped_lock lock(mutex_);
  const auto found = lines_.find({visitor.owner, groups});
  const bool nobody_waits = found == lines_.end();
  const bool is_first = !nobody_waits && found->second.waiting.front().visitor.node == visitor.node;
  if ((nobody_waits || is_first) && has_places(groups)) {
    std::ranges::for_each(groups, [this](std::uint32_t group) { --free_[group]; });
    if (is_first) {
      found->second.waiting.pop_front();
      found->second.called = false;
      if (found->second.waiting.empty()) {
        lines_.erase(found);
      }
      call();  // the next of that line may find a place too
    }
    return true;
  }
  if (is_first) {
    found->second.waiting.front().visitor = std::move(visitor);
    found->second.called = false;
  } else {
    const auto full = std::ranges::find(groups, 0U, [this](std::uint32_t group) { return free_[group]; });
    visitor.waits(full == groups.end() ? groups.front() : *full);
    lines_[{visitor.owner, groups}].waiting.push_back({++last_number_, std::move(visitor)});
  }
  return false;
}

void Gates::leave(const Groups& groups) {
  const std::scoped_lock lock(mutex_);
  std::ranges::for_each(groups, [this](std::uint32_t group) { ++free_[group]; });
  call();
}

void Gates::forget(const void* owner) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(lines_, [owner](const auto& line) { return line.first.first == owner; });
}

/// Tells the first of every line that could be let in, who has waited longest first.
void Gates::call() {
  std::vector<Line*> lines;
  for (auto& [whose, line] : lines_) {
    if (!line.called && has_places(whose.second)) {
      lines.push_back(&line);
    }
  }
  std::ranges::sort(lines, {}, [](const Line* line) { return line->waiting.front().number; });
  for (Line* const line : lines) {
    line->called = true;
    line->waiting.front().visitor.called();
  }
}

bool Gates::has_places(const Groups& groups) const noexcept {
  return std::ranges::all_of(groups, [this](std::uint32_t group) { return free_[group] > 0; });
}

}  // namespace caisson::workflow
