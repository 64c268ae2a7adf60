#include "net/address.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <span>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace caisson::net {

namespace {

struct Special {
  std::string_view range;
  std::string_view name;
};

constexpr std::array kSpecialV4 = {
    Special{"0.0.0.0/8", "this network"},
    Special{"10.0.0.0/8", "private"},
    Special{"100.64.0.0/10", "shared by a provider's customers"},
    Special{"127.0.0.0/8", "loopback"},
    Special{"169.254.169.254/32", "metadata"},
    Special{"168.63.129.16/32", "metadata"},
    Special{"169.254.0.0/16", "link-local"},
    Special{"172.16.0.0/12", "private"},
    Special{"192.0.0.0/24", "reserved"},
    Special{"192.0.2.0/24", "documentation"},
    Special{"192.88.99.0/24", "IPv4 inside IPv6"},
    Special{"192.168.0.0/16", "private"},
    Special{"198.18.0.0/15", "benchmarking"},
    Special{"198.51.100.0/24", "documentation"},
    Special{"203.0.113.0/24", "documentation"},
    Special{"224.0.0.0/4", "multicast"},
    Special{"240.0.0.0/4", "reserved"},
};

constexpr std::array kSpecialV6 = {
    Special{"::/128", "this network"},
    Special{"::1/128", "loopback"},
    Special{"::ffff:0:0/96", "IPv4 inside IPv6"},
    Special{"::/96", "IPv4 inside IPv6"},
    Special{"64:ff9b:1::/48", "IPv4 inside IPv6"},
    Special{"2001::/23", "reserved"},
    Special{"2001:db8::/32", "documentation"},
    Special{"2002::/16", "IPv4 inside IPv6"},
    Special{"3fff::/20", "documentation"},
    Special{"fd00:ec2::254/128", "metadata"},
    Special{"fc00::/7", "private"},
    Special{"fe80::/10", "link-local"},
    Special{"fec0::/10", "private"},
    Special{"ff00::/8", "multicast"},
};

/// A range of a table above, whose texts are right.
AddressRange made(std::string_view text) {
  const std::size_t slash = text.find('/');
  AddressRange out{parse_address(text.substr(0, slash)).value_or(IpAddress{}), 0};
  std::from_chars(text.data() + slash + 1, text.data() + text.size(), out.bits);
  return out;
}

std::string_view find_in(std::span<const Special> table, const IpAddress& address) {
  const auto found =
      std::ranges::find_if(table, [&](const Special& special) { return made(special.range).contains(address); });
  return found == table.end() ? std::string_view() : found->name;
}

}  // namespace

std::optional<IpAddress> parse_address(std::string_view text) {
  const std::string terminated(text);
  if (terminated.size() != std::strlen(terminated.c_str())) {
    return std::nullopt;
  }
  IpAddress out;
  out.is_v4 = text.find(':') == std::string_view::npos;
  if (inet_pton(out.is_v4 ? AF_INET : AF_INET6, terminated.c_str(), out.bytes.data()) != 1) {
    return std::nullopt;
  }
  return out;
}

std::string to_string(const IpAddress& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  inet_ntop(address.is_v4 ? AF_INET : AF_INET6, address.bytes.data(), text.data(), text.size());
  return text.data();
}

std::optional<IpAddress> address_of(const sockaddr& address) noexcept {
  IpAddress out;
  if (address.sa_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    std::memcpy(out.bytes.data(), &v4.sin_addr, sizeof v4.sin_addr);
    return out;
  }
  if (address.sa_family == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &address, sizeof v6);
    std::memcpy(out.bytes.data(), &v6.sin6_addr, sizeof v6.sin6_addr);
    out.is_v4 = false;
    return out;
  }
  return std::nullopt;
}

bool AddressRange::contains(const IpAddress& address) const noexcept {
  if (address.is_v4 != first.is_v4) {
    return false;
  }
  const auto whole = static_cast<std::size_t>(bits / 8);
  if (std::memcmp(address.bytes.data(), first.bytes.data(), whole) != 0) {
    return false;
  }
  const int rest = bits % 8;
  return rest == 0 || ((address.bytes[whole] ^ first.bytes[whole]) >> (8 - rest)) == 0;
}

Result<AddressRange> parse_range(std::string_view text) {
  const Error error{Category::kInvalidArgument, "net.bad_range",
                    fmt::format("{} is no range of addresses: write one like '10.0.0.0/8', 'fd00::/8' or '127.0.0.1', "
                                "with zeros behind the prefix",
                                base::quote(base::shorten(text, 60)))};
  const std::size_t slash = text.find('/');
  const auto first = parse_address(text.substr(0, slash));
  if (!first) {
    return error;
  }
  const int most = first->is_v4 ? 32 : 128;
  AddressRange out{*first, most};
  if (slash != std::string_view::npos) {
    const std::string_view bits = text.substr(slash + 1);
    const auto read = std::from_chars(bits.data(), bits.data() + bits.size(), out.bits);
    const bool whole = read.ec == std::errc() && read.ptr == bits.data() + bits.size();
    if (!whole || out.bits < 0 || out.bits > most || (bits.size() > 1 && bits.front() == '0')) {
      return error;
    }
  }
  for (int bit = out.bits; bit < most; ++bit) {
    if (((out.first.bytes[static_cast<std::size_t>(bit / 8)] >> (7 - bit % 8)) & 1) != 0) {
      return error;
    }
  }
  return out;
}

std::string to_string(const AddressRange& range) { return fmt::format("{}/{}", to_string(range.first), range.bits); }

std::string_view special_range(const IpAddress& address) {
  if (address.is_v4) {
    return find_in(kSpecialV4, address);
  }
  if (made("64:ff9b::/96").contains(address)) {
    IpAddress inside;
    std::copy_n(address.bytes.begin() + 12, 4, inside.bytes.begin());
    return special_range(inside);
  }
  const std::string_view special = find_in(kSpecialV6, address);
  return special.empty() && !made("2000::/3").contains(address) ? "reserved" : special;
}

}  // namespace caisson::net
