#include "net/resolver.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include <netdb.h>
#include <sys/socket.h>

namespace caisson::net {

namespace {

constexpr int kMostLookups = 32;

/// One look-up. Shared, because whoever asked may have gone before the system answers.
struct Lookup {
  std::mutex mutex;
  std::condition_variable answered;
  std::optional<Result<std::vector<IpAddress>>> answer;
};

class SystemResolver final : public Resolver {
 public:
  SystemResolver(const base::Environment& environment, SystemLookup lookup)
      : environment_(environment), ask_(std::move(lookup)) {}

  Result<std::vector<IpAddress>> resolve(const std::string& host, const Patience& patience) override {
    auto lookup = std::make_shared<Lookup>();
    if (!start(lookup, host)) {
      return Error{Category::kResourceExhausted, "net.busy",
                   fmt::format("{} look-ups of names are under way already; try again later", kMostLookups)};
    }
    std::unique_lock lock(lookup->mutex);
    while (!lookup->answer) {
      if (patience.stop && patience.stop()) {
        return Error{Category::kCancelled, "net.stopped", "the look-up of a name was cancelled"};
      }
      const auto left = patience.deadline - environment_.now();
      if (left <= left.zero()) {
        return Error{Category::kDeadlineExceeded, "net.deadline",
                     fmt::format("no address of {} was found in time", base::quote(host))};
      }
      lookup->answered.wait_for(lock, std::min<std::chrono::nanoseconds>(left, Patience::kSlice));
    }
    return std::move(*lookup->answer);
  }

 private:
  /// False when there are too many, or the system gives no thread.
  bool start(const std::shared_ptr<Lookup>& lookup, const std::string& host) {
    if (under_way_->fetch_add(1) >= kMostLookups) {
      under_way_->fetch_sub(1);
      return false;
    }
    try {
      // Detached: nothing ends a look-up of the system, and nobody should wait for one that hangs.
      std::thread([lookup, host, ask = ask_, count = under_way_] {
        auto answer = ask(host);
        count->fetch_sub(1);
        const std::scoped_lock lock(lookup->mutex);
        lookup->answer = std::move(answer);
        lookup->answered.notify_all();
      }).detach();
    } catch (const std::system_error&) {
      under_way_->fetch_sub(1);
      return false;
    }
    return true;
  }

  const base::Environment& environment_;
  SystemLookup ask_;
  // shared_ptr: a look-up may outlive the resolver.
  std::shared_ptr<std::atomic<int>> under_way_ = std::make_shared<std::atomic<int>>(0);
};

}  // namespace

Result<std::vector<IpAddress>> ask_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* list = nullptr;
  const int code = getaddrinfo(host.c_str(), nullptr, &hints, &list);
  std::vector<IpAddress> addresses;
  for (const addrinfo* at = list; at != nullptr; at = at->ai_next) {
    const auto address = address_of(*at->ai_addr);
    if (address && std::ranges::find(addresses, *address) == addresses.end()) {
      addresses.push_back(*address);
    }
  }
  if (list != nullptr) {
    freeaddrinfo(list);
  }
  if (addresses.empty()) {
    return Error{Category::kUnavailable, "net.unknown_host",
                 fmt::format("there is no address for the host {}: {}", base::quote(host),
                             code == 0 ? "none is known" : gai_strerror(code))};
  }
  return addresses;
}

std::unique_ptr<Resolver> make_resolver(const base::Environment& environment, SystemLookup lookup) {
  return std::make_unique<SystemResolver>(environment, std::move(lookup));
}

}  // namespace caisson::net
