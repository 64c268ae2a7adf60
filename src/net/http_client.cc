#include "net/http_client.h"

#include "base/control.h"
#include "base/unicode.h"
#include "net/internal/curl_session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace caisson::net {

namespace {

bool is_named(const Reach& reach, std::string_view host, const IpAddress& address) {
  if (std::ranges::any_of(reach.ranges, [&](const AddressRange& range) { return range.contains(address); })) {
    return true;
  }
  if (std::ranges::find(reach.hosts, host) == reach.hosts.end()) {
    return false;
  }
  return host == "localhost" ? special_range(address) == "loopback" : parse_address(host) == address;
}

class CurlClient final : public HttpClient {
 public:
  explicit CurlClient(HttpClientOptions options) : options_(std::move(options)) {}

  [[nodiscard]] std::unique_ptr<HttpSession> open(std::uint32_t most_connections) const override {
    return std::make_unique<CurlSession>(options_, most_connections);
  }

 private:
  HttpClientOptions options_;
};

}  // namespace

std::uint64_t sent_size(const HttpRequest& request) {
  std::uint64_t bytes = request.method.size() + request.url.text().size() + request.body.size();
  for (const Header& header : request.headers) {
    bytes += header.name.size() + header.value.size() + 4;
  }
  return bytes;
}

Status check_address(const Reach& reach, std::string_view host, const IpAddress& address) {
  const std::string_view special = special_range(address);
  if (special.empty() || !base::holds(base::Control::kHttpAddress) || is_named(reach, host, address)) {
    return {};
  }
  return Error{Category::kPermissionDenied, "net.address_denied",
               fmt::format("{} has the address {}, which is none of the public internet ({}); an operator may allow it "
                           "with `[net] addresses = [\"{}\"]` in the configuration",
                           base::quote(host), to_string(address), special, to_string(address))};
}

std::unique_ptr<HttpClient> make_http_client(HttpClientOptions options) {
  return std::make_unique<CurlClient>(std::move(options));
}

}  // namespace caisson::net
