#pragma once

#include "base/guarded.h"
#include "net/http_server.h"
#include "net/resolver.h"
#include "net/server_identity.h"

#include <caisson/result.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::attack {

/// What a scene has in place of a network: servers on loopback, names that mean what the case says, and a connector
/// that makes no connection to anything else and remembers all that it was asked for.
///
/// Threads: safe to call concurrently once everything is set up.
class Network final : public net::Resolver {
 public:
  /// One thing that a server does with a request, in the order of its script.
  struct Act {
    enum class Kind : std::uint8_t {
      kSend,        ///< `text`, as it is
      kEcho,        ///< an answer whose body is the request
      kEchoBase64,  ///< an answer whose body is the value of the request's `Authorization`, in base64
      kStall,       ///< nothing any more
      kClose,
    };
    Kind kind = Kind::kSend;
    std::string text{};
    std::int64_t times = 1;             ///< negative: until the other side ends
    std::chrono::milliseconds wait{0};  ///< before each time
  };
  using Script = std::vector<Act>;

  Network() = default;
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;
  ~Network() override;

  /// Makes the certificate of a server that is started later, which then speaks TLS: the certificate in PEM.
  /// Errors: unavailable / attack.no_server.
  [[nodiscard]] Result<std::string> certify(const std::string& name, const net::ServerIdentity::Options& options);
  /// Starts a server; its script is set before it is asked. Errors: unavailable / attack.no_server.
  [[nodiscard]] Status start(const std::string& name);
  void set_script(const std::string& name, Script script);
  /// A name gives the next list each time it is asked for, the last one from then on.
  void set_name(const std::string& host, std::vector<std::vector<net::IpAddress>> answers);
  /// Ends all servers.
  void close();

  /// `{NAME}` as `127.0.0.1:8080`, `{NAME.port}` as `8080`, for each server.
  [[nodiscard]] std::string expand(std::string text) const;
  /// What reached the servers: the server's name, a blank, and the request with its body.
  [[nodiscard]] std::vector<std::string> served() const;
  /// What somebody wanted to be connected to: `10.0.0.5:80`, `[::1]:80`.
  [[nodiscard]] std::vector<std::string> connected() const;

  /// Errors: unavailable / net.unknown_host for a name that the case has not.
  [[nodiscard]] Result<std::vector<net::IpAddress>> resolve(const std::string& host,
                                                            const net::Patience& patience) override;
  /// Whether a connection is made: to loopback only.
  [[nodiscard]] bool connect(const net::IpAddress& address, std::uint16_t port);

 private:
  struct Server {
    Script script;
    std::unique_ptr<net::HttpServer> http;
  };
  struct Name {
    std::vector<std::vector<net::IpAddress>> answers;
    std::size_t asked = 0;
  };

  std::map<std::string, std::unique_ptr<net::ServerIdentity>> identities_;  // of servers that speak TLS
  std::map<std::string, Server> servers_;
  base::Guarded<std::map<std::string, Name>> names_;
  base::Guarded<std::vector<std::string>> connected_;
};

}  // namespace caisson::attack
