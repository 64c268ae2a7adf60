#pragma once

#include "base/guarded.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace caisson::net {

/// An HTTP server on loopback, as good or as bad as a test or an attack wants it: what it sends is the handler's, byte
/// for byte.
///
/// Threads: the handler is called on a thread of its connection's own. Lifetime: the destructor ends all connections
/// and waits for their threads.
class HttpServer {
 public:
  /// A connection with a request on it.
  class Exchange {
   public:
    Exchange() = default;
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    virtual ~Exchange() = default;

    /// Head and body as they came.
    [[nodiscard]] virtual const std::string& request() const noexcept = 0;
    /// False: the other side, or the server, has ended the connection.
    virtual bool send(std::string_view bytes) = 0;
    /// Sends nothing more, until the other side or the server ends the connection.
    virtual void stall() = 0;
    /// No more requests on this connection.
    virtual void close() = 0;

    /// The path with its query.
    [[nodiscard]] std::string target() const;
    /// A whole answer.
    void answer(std::string_view status, std::string_view headers, std::string_view body);
  };
  using Handler = std::function<void(Exchange&)>;

  /// What the bytes of a connection go through.
  class Wire {
   public:
    Wire() = default;
    Wire(const Wire&) = delete;
    Wire& operator=(const Wire&) = delete;
    virtual ~Wire() = default;

    /// How many bytes went; less than one: the connection has ended.
    virtual std::ptrdiff_t receive(std::span<char> bytes) = 0;
    virtual std::ptrdiff_t send(std::string_view bytes) = 0;
  };
  /// Makes the wire of a connection: TLS, under a certificate.
  class Identity {
   public:
    Identity() = default;
    Identity(const Identity&) = delete;
    Identity& operator=(const Identity&) = delete;
    virtual ~Identity() = default;

    /// nullptr: the other side would not have it.
    [[nodiscard]] virtual std::unique_ptr<Wire> accept(int socket) const = 0;
  };

  struct Options {
    const Identity* identity = nullptr;  ///< HTTPS
    std::string address = "127.0.0.1";
  };
  explicit HttpServer(Handler handler) : HttpServer(std::move(handler), Options{}) {}
  HttpServer(Handler handler, Options options);
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;
  ~HttpServer();

  /// 0: the machine gave none, and nothing is served.
  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// `http://127.0.0.1:PORT/path`; with another host in it if one is given.
  [[nodiscard]] std::string url(std::string_view path, std::string_view host = {}) const;
  /// What was asked so far, head and body.
  [[nodiscard]] std::vector<std::string> requests() const;
  /// Connections that were made so far.
  [[nodiscard]] std::size_t connections() const;

 private:
  class Connection;
  struct State {
    std::vector<int> sockets;
    std::vector<std::string> requests;
    bool ended = false;
  };

  void listen();
  void serve(int socket);

  Handler handler_;
  Options options_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  base::Guarded<State> state_;
  std::vector<std::thread> connections_;  // of the listening thread until it ends
  std::thread listening_;
};

}  // namespace caisson::net
