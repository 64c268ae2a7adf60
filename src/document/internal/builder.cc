#include "document/internal/builder.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <tuple>
#include <utility>

namespace caisson::document::internal {

bool Builder::expects_name() const noexcept {
  return !frames_.empty() && frames_.back().collection.is_map && frames_.back().next == Next::kName;
}

std::optional<OpenCollection> Builder::open() const noexcept {
  return frames_.empty() ? std::nullopt : std::optional(frames_.back().collection);
}

std::optional<std::size_t> Builder::name_offset() const noexcept {
  if (frames_.empty() || frames_.back().next != Next::kValue) {
    return std::nullopt;
  }
  return frames_.back().name_offset;
}

bool Builder::count(std::size_t offset) {
  if (++values_ > limits_.values) {
    report("document.too_large", offset, fmt::format("there are more than {} values", limits_.values));
    return false;
  }
  return !problems_.full();
}

bool Builder::fits(std::size_t bytes, std::string_view what, std::size_t offset) {
  if (bytes <= limits_.scalar_bytes) {
    return true;
  }
  report("document.too_large", offset,
         fmt::format("{} has {} bytes: at most {} are accepted", what, bytes, limits_.scalar_bytes));
  return false;
}

bool Builder::begin(const OpenCollection& collection) {
  const std::size_t depth = std::min(limits_.depth, ParseLimits::kMaxDepth);
  if (frames_.size() >= depth) {
    report("document.too_large", collection.offset,
           fmt::format("lists and maps are more than {} deep in each other", depth));
    return false;
  }
  if (!count(collection.offset)) {
    return false;
  }
  Frame& frame = frames_.emplace_back();
  frame.collection = collection;
  frame.value = collection.is_map ? Value(Map()) : Value(List());
  return true;
}

bool Builder::end() {
  Frame frame = std::move(frames_.back());
  frames_.pop_back();
  if (const Map* map = frame.value.as_map()) {
    report_duplicates(*map);
  }
  place(std::move(frame.value), frame.collection.offset);
  return !problems_.full();
}

bool Builder::scalar(Value value, std::size_t offset, std::size_t bytes) {
  if (!count(offset)) {
    return false;
  }
  if (!fits(bytes, to_string(value.kind()), offset)) {
    value = Value();
  }
  place(std::move(value), offset);
  return !problems_.full();
}

bool Builder::name(std::string name, std::size_t offset) {
  Frame& frame = frames_.back();
  frame.next = fits(name.size(), "a name", offset) ? Next::kValue : Next::kForgottenValue;
  frame.name = std::move(name);
  frame.name_offset = offset;
  return !problems_.full();
}

void Builder::place(Value value, std::size_t offset) {
  value.set_mark(index_.mark(offset));
  if (frames_.empty()) {
    root_ = std::move(value);
    return;
  }
  Frame& parent = frames_.back();
  if (List* list = parent.value.as_list()) {
    list->push_back(std::move(value));
    return;
  }
  switch (parent.next) {
    case Next::kName:
      report("document.complex_name", offset,
             fmt::format("{} cannot be a name: write the name as plain text or in quotes", to_string(value.kind())));
      parent.next = Next::kForgottenValue;
      return;
    case Next::kValue:
      parent.value.as_map()->push_back({std::move(parent.name), std::move(value), index_.mark(parent.name_offset)});
      break;
    case Next::kForgottenValue:
      break;
  }
  parent.next = Next::kName;
}

void Builder::report_duplicates(const Map& map) {
  // Sorted, not hashed: whoever writes the text must not be able to choose the running time.
  std::vector<std::size_t> order(map.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order,
                    [&](std::size_t a, std::size_t b) { return std::tie(map[a].name, a) < std::tie(map[b].name, b); });
  std::size_t first = 0;  // in `order`, of the run of equal names
  for (std::size_t i = 1; i < order.size(); ++i) {
    const Entry& entry = map[order[i]];
    const Entry& earlier = map[order[first]];
    if (entry.name != earlier.name) {
      first = i;
      continue;
    }
    problems_.add("document.duplicate_name", entry.name_mark,
                  fmt::format("duplicate name {}: it is already there at line {}, column {}", show(entry.name),
                              earlier.name_mark.line, earlier.name_mark.column));
  }
}

void Builder::abandon() {
  for (const Frame& frame : frames_) {
    if (const Map* map = frame.value.as_map()) {
      report_duplicates(*map);
    }
  }
}

}  // namespace caisson::document::internal
