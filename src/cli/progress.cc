#include "cli/progress.h"

#include "base/unicode.h"
#include "cli/run_trace.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

namespace caisson::cli {

namespace {

using Kind = RunEvent::Kind;
using Signs = ReportOptions::Signs;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;

constexpr milliseconds kBetweenFrames{100};
constexpr milliseconds kBeforeFirstFrame{300};
constexpr std::size_t kShownName = 32;
constexpr std::size_t kShownMessage = 200;
constexpr std::size_t kFewestColumns = 20;
constexpr std::size_t kUsualColumns = 80;

constexpr std::array<std::string_view, 10> kSpinner{"⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"};
constexpr std::array<std::string_view, 4> kAsciiSpinner{"|", "/", "-", "\\"};

std::string seconds(nanoseconds time, int digits) {
  return fmt::format("{:.{}f}s", std::chrono::duration<double>(time).count(), digits);
}

std::string shown_name(std::string_view name, Signs signs) {
  const std::string out = base::shorten(base::printable(name), kShownName);
  return signs == Signs::kAscii && out.ends_with("…") ? out.substr(0, out.size() - 3) + "..." : out;
}

std::string shown_message(const Error* error) {
  return error == nullptr ? std::string() : base::printable(base::shorten(error->message, kShownMessage));
}

/// What became of a node, or of the run.
std::string_view verb(const RunEvent& event) { return event.name.substr(event.name.find('.') + 1); }

std::size_t terminal_columns() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : kUsualColumns;
}

}  // namespace

void ProgressState::add(const RunEvent& event) {
  const bool outermost = event.scope.empty();
  const std::string name = full_name(event);
  const auto stopped = [&] {
    if (const auto running = running_.find(name); running != running_.end() && --running->second == 0) {
      running_.erase(running);
    }
  };
  switch (event.kind) {
    case Kind::kRunStarted:
      if (outermost) {
        *this = {};
        total_ = event.nodes;
      }
      return;
    case Kind::kNodeStarted:
      ++running_[name];
      return;
    case Kind::kNodeRetrying:
      stopped();
      return;
    case Kind::kNodeSucceeded:
    case Kind::kNodeFailed:
    case Kind::kNodeSkipped:
    case Kind::kNodeCancelled:
      stopped();
      done_ += outermost ? 1 : 0;
      return;
    case Kind::kNodeWaiting:
    case Kind::kNodeLog:
    case Kind::kNodeEmitted:
    case Kind::kLevelStarted:
    case Kind::kStrategySwitched:
    case Kind::kRunFinished:
      return;
  }
}

/// Whether nodes run inside of it: they say what it is at.
bool ProgressState::has_inner(const std::string& name) const {
  return std::ranges::any_of(std::string_view("/["), [&](char sign) {
    const auto inner = running_.upper_bound(name + sign);
    return inner != running_.end() && inner->first.starts_with(name + sign);
  });
}

std::string ProgressState::line(nanoseconds elapsed, std::size_t columns, Signs signs) const {
  const auto frame = static_cast<std::size_t>(elapsed / kBetweenFrames);
  const std::string_view spinner =
      signs == Signs::kAscii ? kAsciiSpinner.at(frame % kAsciiSpinner.size()) : kSpinner.at(frame % kSpinner.size());
  std::string out = fmt::format("{} {}/{}", spinner, done_, total_);
  const std::string time = " " + seconds(elapsed, 1);
  constexpr std::size_t kRoomForMore = 8;  // ` +12345`
  std::size_t room = columns - std::min(columns, base::count_code_points(out) + time.size() + kRoomForMore);
  if (columns < kFewestColumns) {
    return {};
  }
  std::size_t more = 0;
  std::string_view before = " ";
  for (const auto& [name, count] : running_) {
    if (has_inner(name)) {
      continue;
    }
    const std::string shown = shown_name(name, signs);
    const std::size_t size = before.size() + base::count_code_points(shown);
    if (more > 0 || size > room) {
      ++more;
      continue;
    }
    room -= size;
    out.append(before).append(shown);
    before = ", ";
  }
  if (more > 0) {
    out += fmt::format(" +{}", more);
  }
  return out + time;
}

std::string progress_line(const RunEvent& event) {
  std::string what;
  if (event.node.empty()) {
    what = event.scope.empty() ? "run" : fmt::format("{}: run", base::printable(event.scope));
  } else {
    what = base::printable(full_name(event));
  }
  switch (event.kind) {
    case Kind::kLevelStarted:
    case Kind::kStrategySwitched:
      what = event.scope.empty() ? "" : fmt::format("{}: ", base::printable(event.scope));
      what += event.kind == Kind::kLevelStarted ? "next level" : "strategy switched";
      break;
    case Kind::kNodeRetrying:
      what += fmt::format(" failed (attempt {}), will be tried again: {}", event.attempt, shown_message(event.error));
      break;
    case Kind::kNodeLog:
    case Kind::kNodeEmitted:
      what += fmt::format(" {} {}", event.kind == Kind::kNodeLog ? "|" : "emitted", base::printable(event.text));
      break;
    default:
      what += fmt::format(" {}", event.kind == Kind::kRunFinished && event.error != nullptr ? "failed" : verb(event));
      if (event.kind == Kind::kNodeStarted && event.attempt > 1) {
        what += fmt::format(" (attempt {})", event.attempt);
      }
      if (event.error != nullptr) {
        what += ": " + shown_message(event.error);
      }
  }
  return fmt::format("{:>9} {}\n", seconds(event.at, 3), what);
}

std::string progress_warning(const RunEvent& event, Signs signs) {
  const bool again = event.kind == Kind::kNodeRetrying;
  if (!again && event.kind != Kind::kNodeFailed) {
    return {};
  }
  const bool ascii = signs == Signs::kAscii;
  const std::string how = again ? fmt::format(" (attempt {}), will be tried again", event.attempt) : std::string();
  return fmt::format("{} {} failed{}: {}\n", again ? (ascii ? "-" : "↻") : (ascii ? "x" : "✗"),
                     base::printable(full_name(event)), how, shown_message(event.error));
}

ProgressDisplay::ProgressDisplay(Context& context, Signs signs)
    : context_(context), signs_(signs), drawer_([this](const std::stop_token& stop) { draw(stop); }) {}

ProgressDisplay::~ProgressDisplay() {
  drawer_.request_stop();
  drawer_.join();
  context_.output.status({});
}

void ProgressDisplay::add(const RunEvent& event) {
  {
    const std::scoped_lock lock(mutex_);
    state_.add(event);
    if (event.scope.empty() && event.kind == Kind::kRunStarted) {
      active_ = true;
      began_ = context_.environment.now();
      changed_.notify_all();
    }
    if (event.scope.empty() && event.kind == Kind::kRunFinished) {
      active_ = false;
      context_.output.status({});
    }
  }
  if (const std::string warning = progress_warning(event, signs_); !warning.empty()) {
    context_.output.error(warning);
  }
}

void ProgressDisplay::draw(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (changed_.wait(lock, stop, [this] { return active_; })) {
    changed_.wait_for(lock, stop, kBetweenFrames, [this] { return !active_; });
    const nanoseconds elapsed = context_.environment.now() - began_;
    if (active_ && elapsed >= kBeforeFirstFrame) {
      context_.output.status(state_.line(elapsed, terminal_columns() - 1, signs_));
    }
  }
}

}  // namespace caisson::cli
