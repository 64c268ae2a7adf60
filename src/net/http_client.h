#pragma once

#include "base/environment.h"
#include "net/address.h"
#include "net/header.h"
#include "net/patience.h"
#include "net/resolver.h"
#include "net/url.h"

#include <caisson/result.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::net {

/// Which addresses may be connected to besides those of the public internet: only those an operator named.
struct Reach {
  std::vector<AddressRange> ranges{};  ///< whatever the host's name
  std::vector<std::string> hosts{};    ///< addresses that were named as hosts, and `localhost`: as themselves only

  friend bool operator==(const Reach&, const Reach&) = default;
};

struct HttpRequest {
  std::string method = "GET";
  Url url{};
  std::vector<Header> headers{};
  std::string body{};
};

struct HttpResponse {
  int status = 0;
  std::vector<Header> headers{};  ///< names in lower case, in their order; without those of trailers and 1xx answers
  std::string body{};             ///< as it came: nothing is unpacked
  IpAddress address{};            ///< it came from
};

/// What a request counts as sent: its method, URL, headers and body.
[[nodiscard]] std::uint64_t sent_size(const HttpRequest& request);

/// How far one request may go.
struct HttpAllowance {
  Patience patience{};
  std::uint64_t received_bytes = 0;  ///< head and body of the answer; more ends it
};

/// What a session used, failures included.
struct Traffic {
  std::uint64_t requests = 0;
  std::uint64_t connections = 0;     ///< that were opened
  std::uint64_t sent_bytes = 0;      ///< of heads and bodies
  std::uint64_t received_bytes = 0;  ///< likewise

  friend bool operator==(const Traffic&, const Traffic&) = default;
};

/// The requests of one call: connections are kept for the next request to the same host, and closed with the session.
///
/// Threads: one at a time.
class HttpSession {
 public:
  HttpSession() = default;
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;
  virtual ~HttpSession() = default;

  /// Sends one request and gives the answer, whatever its status. A redirect is an answer like any other: nothing is
  /// followed. Does not ask whether the URL is granted; its caller does.
  ///
  /// The host's addresses are looked up once and each of them is checked; the connection goes to one of these, and what
  /// it really goes to is checked again. Neither proxies, credentials, cookies nor encodings are used.
  ///
  /// Errors: invalid_argument / net.bad_header, net.bad_method, net.bad_body (GET or HEAD with a body);
  /// permission_denied / net.address_denied; unavailable / net.unknown_host, net.connect, net.tls, net.bad_answer;
  /// resource_exhausted / net.too_large, net.busy; deadline_exceeded / net.deadline; cancelled / net.stopped; internal
  /// / net.failed.
  [[nodiscard]] virtual Result<HttpResponse> fetch(const HttpRequest& request, const HttpAllowance& allowance) = 0;

  [[nodiscard]] virtual Traffic traffic() const noexcept = 0;
};

/// Makes HTTP requests for guests.
///
/// Threads: safe to call concurrently.
class HttpClient {
 public:
  HttpClient() = default;
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;
  virtual ~HttpClient() = default;

  /// `most_connections`: that are open at once. Lifetime: the client outlives its sessions.
  [[nodiscard]] virtual std::unique_ptr<HttpSession> open(std::uint32_t most_connections) const = 0;
};

struct HttpClientOptions {
  const base::Environment* environment = nullptr;  ///< required
  Resolver* resolver = nullptr;                    ///< required
  Reach reach{};
  std::string certificates{};  ///< file of the authorities to trust, in PEM; empty: the system's
  std::chrono::milliseconds connect_timeout{5'000};
  /// Asked before each connection is made; false: it is not. May be empty.
  std::function<bool(const IpAddress& address, std::uint16_t port)> on_connect{};
};

/// HTTP/1.1 and TLS 1.2 or later over libcurl. Everything named in the options outlives the client.
[[nodiscard]] std::unique_ptr<HttpClient> make_http_client(HttpClientOptions options);

/// Whether a request for `host` may go to `address`. Errors: permission_denied / net.address_denied, with the line of
/// configuration that would allow it.
[[nodiscard]] Status check_address(const Reach& reach, std::string_view host, const IpAddress& address);

}  // namespace caisson::net
