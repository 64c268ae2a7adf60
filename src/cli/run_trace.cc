#include "cli/run_trace.h"

#include "document/print.h"
#include "document/value.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <queue>
#include <utility>

namespace caisson::cli {

namespace {

using document::Value;
using Kind = RunEvent::Kind;
using Time = std::chrono::nanoseconds;

constexpr std::size_t kMarksLane = 0;

Value microseconds(Time time) { return std::chrono::duration<double, std::micro>(time).count(); }
Value whole(std::size_t number) { return static_cast<std::int64_t>(number); }

Value named(std::string_view what, std::size_t process, std::size_t lane, std::string name) {
  return Value::map({{"ph", "M"},
                     {"name", what},
                     {"pid", whole(process)},
                     {"tid", whole(lane)},
                     {"args", Value::map({{"name", std::move(name)}})}});
}

/// Gives out lanes: to each slice the lowest that is free when it begins. Slices come in the order of their beginnings.
class Lanes {
 public:
  std::size_t take(Time begin, Time end) {
    while (!busy_.empty() && busy_.top().first <= begin) {
      free_.push(busy_.top().second);
      busy_.pop();
    }
    std::size_t lane = count_ + 1;
    if (free_.empty()) {
      ++count_;
    } else {
      lane = free_.top();
      free_.pop();
    }
    busy_.emplace(end, lane);
    return lane;
  }

 private:
  template <typename T>
  using LowestFirst = std::priority_queue<T, std::vector<T>, std::greater<>>;

  LowestFirst<std::pair<Time, std::size_t>> busy_;
  LowestFirst<std::size_t> free_;
  std::size_t count_ = 0;
};

}  // namespace

std::string full_name(const RunEvent& event) {
  std::string out(event.scope);
  if (!out.empty() && !event.node.empty() && !event.node.starts_with('[')) {
    out += '/';
  }
  return out.append(event.node);
}

void RunTrace::begin(std::string definition) {
  processes_.push_back(std::move(definition));
  running_.clear();
  begin_ = last_;
}

RunTrace::Time RunTrace::on_axis(const RunEvent& event) {
  const Time at = begin_ + event.at;
  last_ = std::max(last_, at);
  return at;
}

void RunTrace::end(const RunEvent& event, std::string_view outcome) {
  const auto running = running_.find(full_name(event));
  if (running == running_.end()) {
    return;
  }
  Slice& slice = slices_[running->second];
  slice.end = on_axis(event);
  slice.outcome = outcome;
  slice.reason = event.error == nullptr ? "" : event.error->reason;
  running_.erase(running);
}

void RunTrace::add(const RunEvent& event) {
  const std::size_t process = processes_.size();
  const auto mark = [&] { marks_.push_back({process, event.name, full_name(event), on_axis(event)}); };
  switch (event.kind) {
    case Kind::kNodeStarted: {
      const Time at = on_axis(event);
      running_[full_name(event)] = slices_.size();
      slices_.push_back({process, full_name(event), event.attempt, at, at, {}});
      return;
    }
    case Kind::kNodeRetrying:
      end(event, "failed");
      mark();
      return;
    case Kind::kNodeSucceeded:
      end(event, "succeeded");
      return;
    case Kind::kNodeFailed:
      end(event, "failed");
      return;
    case Kind::kNodeCancelled:
      end(event, "cancelled");
      return;
    case Kind::kNodeSkipped:
    case Kind::kNodeWaiting:
    case Kind::kNodeLog:
    case Kind::kNodeEmitted:
    case Kind::kLevelStarted:
    case Kind::kStrategySwitched:
      mark();
      return;
    case Kind::kRunStarted:
    case Kind::kRunFinished:
      static_cast<void>(on_axis(event));
      return;
  }
}

std::string RunTrace::json() const {
  std::string out = "{\"displayTimeUnit\": \"ms\", \"traceEvents\": [";
  auto put = [&, first = true](const Value& value) mutable {
    out += std::exchange(first, false) ? "\n" : ",\n";
    out += document::to_json(value);
  };
  for (std::size_t i = 0; i < processes_.size(); ++i) {
    put(named("process_name", i + 1, kMarksLane, processes_[i]));
  }
  std::vector<std::size_t> order(slices_.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, {}, [this](std::size_t i) { return slices_[i].begin; });
  std::map<std::size_t, Lanes> lanes;
  for (const std::size_t i : order) {
    const Slice& slice = slices_[i];
    const Time end = slice.outcome.empty() ? last_ : slice.end;  // it has not ended: as far as anybody knows
    Value args =
        Value::map({{"attempt", whole(slice.attempt)}, {"outcome", slice.outcome.empty() ? "running" : slice.outcome}});
    if (!slice.reason.empty()) {
      args.set("reason", slice.reason);
    }
    put(Value::map({{"ph", "X"},
                    {"name", slice.name},
                    {"cat", "node"},
                    {"pid", whole(slice.process)},
                    {"tid", whole(lanes[slice.process].take(slice.begin, end))},
                    {"ts", microseconds(slice.begin)},
                    {"dur", microseconds(end - slice.begin)},
                    {"args", std::move(args)}}));
  }
  for (const Mark& mark : marks_) {
    Value args = Value::map();
    if (!mark.node.empty()) {
      args.set("node", mark.node);
    }
    put(Value::map({{"ph", "i"},
                    {"s", "p"},
                    {"name", mark.name},
                    {"cat", "run"},
                    {"pid", whole(mark.process)},
                    {"tid", whole(kMarksLane)},
                    {"ts", microseconds(mark.at)},
                    {"args", std::move(args)}}));
  }
  return out + "\n]}\n";
}

}  // namespace caisson::cli
