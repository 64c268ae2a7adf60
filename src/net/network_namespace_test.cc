// Addresses that must not be reached, with a real server on each: in a network of this test's own, whose only device is
// a loopback that has them all. Nothing is injected, and no packet leaves it.

#include "net/http_client.h"
#include "net/http_server.h"

#include "base/control.h"
#include "net/testing/fake_resolver.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace caisson::net {
namespace {

using namespace std::chrono_literals;

/// A message to the kernel that a device has an address.
struct AddressMessage {
  nlmsghdr header{};
  ifaddrmsg about{};
  rtattr attribute{};
  std::array<std::uint8_t, 16> address{};
};

bool add_address(int netlink, unsigned device, const IpAddress& address) {
  const std::size_t size = address.is_v4 ? 4 : 16;
  AddressMessage message;
  message.header.nlmsg_len = static_cast<std::uint32_t>(sizeof message - sizeof message.address + size);
  message.header.nlmsg_type = RTM_NEWADDR;
  message.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE;
  message.about.ifa_family = address.is_v4 ? AF_INET : AF_INET6;
  message.about.ifa_prefixlen = static_cast<std::uint8_t>(size * 8);
  message.about.ifa_flags = IFA_F_NODAD;  // usable at once
  message.about.ifa_index = device;
  message.attribute.rta_type = IFA_LOCAL;
  message.attribute.rta_len = static_cast<std::uint16_t>(RTA_LENGTH(size));
  message.address = address.bytes;
  if (send(netlink, &message, message.header.nlmsg_len, 0) < 0) {
    return false;
  }
  struct {
    nlmsghdr header;
    nlmsgerr error;
    std::array<char, 1'024> rest;
  } answer{};
  return recv(netlink, &answer, sizeof answer, 0) > 0 && answer.header.nlmsg_type == NLMSG_ERROR &&
         (answer.error.error == 0 || answer.error.error == -EEXIST);
}

/// Moves this process, which has one thread, into a network of its own, with these addresses on its loopback. What went
/// wrong, otherwise empty.
std::string enter_network(const std::vector<IpAddress>& addresses) {
  if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) {
    return fmt::format("this machine gives no network namespace: {}", std::strerror(errno));
  }
  const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  ifreq loopback{};
  std::strcpy(static_cast<char*>(loopback.ifr_name), "lo");
  loopback.ifr_flags = IFF_UP;
  if (control < 0 || ioctl(control, SIOCSIFFLAGS, &loopback) != 0) {
    return fmt::format("the loopback of the namespace does not start: {}", std::strerror(errno));
  }
  close(control);
  const int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
  for (const IpAddress& address : addresses) {
    if (!add_address(netlink, if_nametoindex("lo"), address)) {
      return fmt::format("the namespace does not take the address {}", to_string(address));
    }
  }
  close(netlink);
  return {};
}

IpAddress address(std::string_view text) { return parse_address(text).value(); }

/// Does `body` in a process of its own, in a network with these addresses. What its machine lacks for that, otherwise
/// empty.
std::string in_network(const std::vector<IpAddress>& addresses, const std::function<void()>& body) {
  std::array<int, 2> ends{};
  EXPECT_EQ(pipe(ends.data()), 0);
  std::fflush(nullptr);
  const pid_t child = fork();
  if (child == 0) {
    const std::string lacks = enter_network(addresses);
    if (lacks.empty()) {
      body();
    }
    const bool told = write(ends[1], lacks.data(), lacks.size()) == static_cast<ssize_t>(lacks.size());
    std::fflush(nullptr);
    _exit(told && !testing::Test::HasFailure() ? 0 : 1);
  }
  close(ends[1]);
  std::string lacks(1'000, '\0');
  const ssize_t size = read(ends[0], lacks.data(), lacks.size());
  close(ends[0]);
  int status = -1;
  EXPECT_EQ(waitpid(child, &status, 0), child);
  EXPECT_EQ(status, 0) << "what failed is said above";
  lacks.resize(static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  return lacks;
}

/// A place that must not be reached, and the range by which an operator may allow it.
struct Place {
  std::string_view address;
  std::string_view range;
};

constexpr std::array kPlaces = {
    Place{"10.1.2.3", "10.0.0.0/8"},
    Place{"100.64.0.1", "100.64.0.0/10"},
    Place{"127.0.0.2", "127.0.0.0/8"},
    Place{"169.254.1.1", "169.254.0.0/17"},
    Place{"169.254.169.254", "169.254.169.254/32"},
    Place{"172.16.9.9", "172.16.0.0/12"},
    Place{"192.0.0.1", "192.0.0.0/24"},
    Place{"192.168.7.7", "192.168.0.0/16"},
    Place{"198.18.0.1", "198.18.0.0/15"},
    Place{"240.0.0.1", "240.0.0.0/4"},
    Place{"::1", "::1/128"},
    Place{"::ffff:10.1.2.4", "::ffff:10.0.0.0/104"},
    Place{"64:ff9b::a01:203", "64:ff9b::a00:0/104"},
    Place{"64:ff9b:1::1", "64:ff9b:1::/48"},
    Place{"2001:0:a01:203::1", "2001::/32"},
    Place{"2002:a01:203::1", "2002::/16"},
    Place{"fc00::1", "fc00::/8"},
    Place{"fd00::1", "fd00::/32"},
    Place{"fd00:ec2::254", "fd00:ec2::/32"},
    Place{"fec0::1", "fec0::/10"},
};

class NetworkNamespaceTest : public testing::Test {
 protected:
  struct Server {
    Place place;
    std::unique_ptr<HttpServer> http;
  };

  /// What is to be on the loopback: it has its own already, and an IPv4 address inside IPv6 is the IPv4 one.
  static std::vector<IpAddress> addresses() {
    std::vector<IpAddress> out = {address("10.1.2.4")};
    for (const Place& place : kPlaces) {
      if (!place.address.starts_with("::")) {
        out.push_back(address(place.address));
      }
    }
    return out;
  }

  void start_servers() {
    for (const Place& place : kPlaces) {
      auto http = std::make_unique<HttpServer>(
          [](HttpServer::Exchange& exchange) { exchange.answer("200 OK", "", "CANARY-SECRET"); },
          HttpServer::Options{.address = std::string(place.address)});
      ASSERT_NE(http->port(), 0) << place.address;
      servers_.push_back({place, std::move(http)});
    }
  }

  /// Asks one server, by its address or by a name that has it: its answer, or the reason for none.
  std::string ask(const Server& server, const Reach& reach, std::string_view name = {}) {
    resolver_.set("inside.example.com", {{std::string(server.place.address)}});
    const auto client = make_http_client({.environment = environment_.get(), .resolver = &resolver_, .reach = reach});
    const auto session = client->open(1);
    const HttpAllowance allowance{{environment_->now() + 20s, {}}, 1 << 20};
    const auto response = session->fetch({.url = parse_url(server.http->url("/", name)).value()}, allowance);
    return response ? response->body : response.error().reason;
  }

  [[nodiscard]] std::size_t connections() const {
    std::size_t out = 0;
    std::ranges::for_each(servers_, [&](const Server& server) { out += server.http->connections(); });
    return out;
  }

  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  FakeResolver resolver_;
  std::vector<Server> servers_;
};

// SA-084, SA-085, SA-086, SA-088
TEST_F(NetworkNamespaceTest, WhatIsNotPublicIsNotConnectedTo) {
  const std::string lacks = in_network(addresses(), [&] {
    start_servers();
    for (const Server& server : servers_) {
      EXPECT_EQ(ask(server, {}), "net.address_denied") << server.place.address;
      EXPECT_EQ(ask(server, {}, "inside.example.com"), "net.address_denied") << server.place.address;
    }
    EXPECT_EQ(connections(), 0U);
#if CAISSON_SWITCHABLE_CONTROLS
    base::switch_control(base::Control::kHttpAddress, false);
    for (const Server& server : servers_) {
      EXPECT_EQ(ask(server, {}), "CANARY-SECRET") << server.place.address;
      EXPECT_EQ(ask(server, {}, "inside.example.com"), "CANARY-SECRET") << server.place.address;
      EXPECT_EQ(server.http->connections(), 2U) << server.place.address;
    }
#endif
  });
  if (!lacks.empty()) {
    GTEST_SKIP() << lacks;
  }
}

TEST_F(NetworkNamespaceTest, ARangeThatAnOperatorNamesIsReachedAndNoOther) {
  const std::string lacks = in_network(addresses(), [&] {
    start_servers();
    for (const Server& named : servers_) {
      const Reach reach{.ranges = {parse_range(named.place.range).value()}};
      for (const Server& server : servers_) {
        const std::size_t before = connections();
        const bool is_named = &server == &named;
        EXPECT_EQ(ask(server, reach), is_named ? "CANARY-SECRET" : "net.address_denied")
            << server.place.address << " when " << named.place.range << " is named";
        EXPECT_EQ(connections() - before, is_named ? 1U : 0U);
      }
    }
  });
  if (!lacks.empty()) {
    GTEST_SKIP() << lacks;
  }
}

}  // namespace
}  // namespace caisson::net
