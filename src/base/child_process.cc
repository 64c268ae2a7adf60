#include "base/child_process.h"

#include "base/descriptor.h"
#include "base/no_broken_pipe.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace caisson::base {

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kPiece = 64U << 10;

struct Pipe {
  Descriptor ours;
  Descriptor theirs;
};

Error no_child(const ChildOptions& options, int error) {
  return {Category::kUnavailable, "base.no_child",
          fmt::format("{} cannot be started: {}", options.program.string(), std::generic_category().message(error))};
}

enum class Direction : std::uint8_t { kToChild, kFromChild };

std::optional<Pipe> make_pipe(Direction direction) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return std::nullopt;
  }
  Pipe out;
  out.ours = Descriptor(direction == Direction::kToChild ? ends[1] : ends[0]);
  out.theirs = Descriptor(direction == Direction::kToChild ? ends[0] : ends[1]);
  ::fcntl(out.ours.get(), F_SETFL, O_NONBLOCK);
  return out;
}

std::vector<char*> pointers(const std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    out.push_back(const_cast<char*>(text.c_str()));
  }
  out.push_back(nullptr);
  return out;
}

/// 0, or the error.
int spawn(const ChildOptions& options, const Pipe& in, const Pipe& out, const Pipe& err, pid_t& pid) {
  posix_spawn_file_actions_t files;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&files, in.theirs.get(), 0);
  ::posix_spawn_file_actions_adddup2(&files, out.theirs.get(), 1);
  ::posix_spawn_file_actions_adddup2(&files, err.theirs.get(), 2);
  ::posix_spawn_file_actions_addclosefrom_np(&files, 3);
  sigset_t none;
  sigset_t all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &all);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> arguments = {options.program.string()};
  arguments.insert(arguments.end(), options.arguments.begin(), options.arguments.end());
  const int error = ::posix_spawn(&pid, options.program.c_str(), &files, &attributes, pointers(arguments).data(),
                                  pointers(options.environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&files);
  return error;
}

void limit(pid_t pid, __rlimit_resource resource, const std::optional<std::uint64_t>& most) {
  if (most) {
    const rlimit both{*most, *most};
    ::prlimit(pid, resource, &both, nullptr);
  }
}

/// A child that runs; killed with its group and reaped at the end of the scope, whatever happened.
class Child {
 public:
  explicit Child(pid_t pid) noexcept : pid_(pid), handle_(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0))) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ > 0) {
      ChildOutcome ignored;
      reap(ignored);
    }
  }

  /// Readable when the child has ended; -1 where the kernel has no such thing.
  [[nodiscard]] int handle() const noexcept { return handle_.get(); }

  void reap(ChildOutcome& outcome) noexcept {
    // The leader stays a zombie until it is waited for, so the group's number cannot be another's.
    siginfo_t info{};
    const bool ended =
        ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOWAIT | WNOHANG) == 0 && info.si_pid == pid_;
    ::kill(-pid_, SIGKILL);
    int status = 0;
    rusage used{};
    while (::wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) {
    }
    pid_ = 0;
    if (ended) {
      outcome.end = WIFEXITED(status) ? ChildEnd::kExited : ChildEnd::kSignalled;
    }
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status);
    const auto micros = [](const timeval& time) {
      return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
    };
    outcome.cpu = micros(used.ru_utime) + micros(used.ru_stime);
    outcome.max_resident_bytes = static_cast<std::uint64_t>(used.ru_maxrss) << 10U;
  }

 private:
  pid_t pid_;
  Descriptor handle_;
};

/// Sends what the pipe takes; closes it at the end, or when nobody reads.
void feed(Descriptor& to, std::string_view& input) {
  while (!input.empty()) {
    const ssize_t sent = ::write(to.get(), input.data(), std::min(input.size(), kPiece));
    if (sent < 0) {
      if (errno == EAGAIN || errno == EINTR) {
        return;
      }
      break;
    }
    input.remove_prefix(static_cast<std::size_t>(sent));
  }
  to.close();
}

/// Takes what is there, at most `most` bytes in all. False: there was more, and it is lost.
bool drain(Descriptor& from, std::string& into, std::uint64_t most) {
  std::array<char, 16U << 10> piece{};
  while (true) {
    const ssize_t got = ::read(from.get(), piece.data(), piece.size());
    if (got <= 0) {
      if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        from.close();
      }
      return true;
    }
    const auto room = static_cast<std::size_t>(most - into.size());
    into.append(piece.data(), std::min(static_cast<std::size_t>(got), room));
    if (static_cast<std::size_t>(got) > room) {
      return false;
    }
  }
}

}  // namespace

Result<ChildOutcome> run_child(const ChildOptions& options, const std::stop_token& stop) {
  auto in = make_pipe(Direction::kToChild);
  auto out = make_pipe(Direction::kFromChild);
  auto err = make_pipe(Direction::kFromChild);
  const Descriptor wake(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!in || !out || !err || wake.get() < 0) {
    return no_child(options, errno);
  }
  const auto end_at = Clock::now() + options.deadline;
  pid_t pid = 0;
  if (const int error = spawn(options, *in, *out, *err, pid); error != 0) {
    return no_child(options, error);
  }
  Child child(pid);
  if (child.handle() < 0) {
    return no_child(options, errno);
  }
  const auto seconds = [](std::chrono::seconds s) { return static_cast<std::uint64_t>(s.count()); };
  limit(pid, RLIMIT_CPU, options.limits.cpu ? std::optional(seconds(*options.limits.cpu)) : std::nullopt);
  limit(pid, RLIMIT_AS, options.limits.memory_bytes);
  limit(pid, RLIMIT_FSIZE, options.limits.file_bytes);
  limit(pid, RLIMIT_CORE, 0);
  if (options.niceness > 0) {
    ::setpriority(PRIO_PROCESS, static_cast<id_t>(pid), options.niceness);  // a lower priority is always granted
  }
  in->theirs.close();
  out->theirs.close();
  err->theirs.close();

  const std::stop_callback on_stop(stop, [&] {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(wake.get(), &one, sizeof one);
  });
  const NoBrokenPipe no_broken_pipe;
  ChildOutcome outcome;
  std::string_view input = options.input;
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_at - Clock::now());
    if (left.count() <= 0) {
      outcome.end = ChildEnd::kDeadline;
      break;
    }
    std::array<pollfd, 5> watched = {{{in->ours.get(), POLLOUT, 0},
                                      {out->ours.get(), POLLIN, 0},
                                      {err->ours.get(), POLLIN, 0},
                                      {child.handle(), POLLIN, 0},
                                      {wake.get(), POLLIN, 0}}};
    ::poll(watched.data(), watched.size(), static_cast<int>(std::min<std::int64_t>(left.count(), 60'000)));
    if (watched[4].revents != 0) {
      outcome.end = ChildEnd::kCancelled;
      break;
    }
    if (watched[0].revents != 0) {
      feed(in->ours, input);
    }
    if (watched[1].revents != 0 && !drain(out->ours, outcome.output, options.max_output_bytes)) {
      outcome.end = ChildEnd::kOutput;
      break;
    }
    if (watched[2].revents != 0) {
      drain(err->ours, outcome.error, options.max_error_bytes);  // the rest is read, and dropped
    }
    if (watched[3].revents != 0) {
      // What it wrote before its end is in the pipes; what a grandchild may yet write is not waited for.
      if (out->ours.get() >= 0 && !drain(out->ours, outcome.output, options.max_output_bytes)) {
        outcome.end = ChildEnd::kOutput;
      }
      if (err->ours.get() >= 0) {
        drain(err->ours, outcome.error, options.max_error_bytes);
      }
      break;
    }
  }
  const ChildEnd why = outcome.end;
  child.reap(outcome);
  if (why != ChildEnd::kExited) {
    outcome.end = why;
  }
  return outcome;
}

}  // namespace caisson::base
