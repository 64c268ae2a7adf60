#pragma once

#include <caisson/result.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

struct sockaddr;

namespace caisson::net {

/// An IP address. An IPv4 address inside an IPv6 one is another address than the IPv4 one.
struct IpAddress {
  std::array<std::uint8_t, 16> bytes{};  ///< in network order; of IPv4 the first four
  bool is_v4 = true;

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;
};

/// `192.0.2.1`, `2001:db8::1`. Reads only what it prints: no other forms of numbers, no zones, no brackets.
[[nodiscard]] std::optional<IpAddress> parse_address(std::string_view text);
[[nodiscard]] std::string to_string(const IpAddress& address);
/// Nothing for a family that is neither IPv4 nor IPv6.
[[nodiscard]] std::optional<IpAddress> address_of(const sockaddr& address) noexcept;

/// All addresses that begin with the same bits.
struct AddressRange {
  IpAddress first{};
  int bits = 32;

  [[nodiscard]] bool contains(const IpAddress& address) const noexcept;

  friend bool operator==(const AddressRange&, const AddressRange&) = default;
};

/// `10.0.0.0/8`, `fd00::/8`, `127.0.0.1`.
/// Errors: invalid_argument / net.bad_range for anything else, and for bits behind the prefix that are not zero.
[[nodiscard]] Result<AddressRange> parse_range(std::string_view text);
[[nodiscard]] std::string to_string(const AddressRange& range);

/// Why an address is none of the public internet: `loopback`, `private`, `link-local`, `metadata`, `IPv4 inside IPv6`
/// ... Empty when it is. An address of NAT64 (64:ff9b::/96) is what it stands for; every other way of carrying IPv4
/// inside IPv6 (mapped, compatible, 6to4, Teredo) is refused as such.
///
/// Source: the special-purpose registries of IANA (RFC 6890), RFC 6052.
[[nodiscard]] std::string_view special_range(const IpAddress& address);

}  // namespace caisson::net
