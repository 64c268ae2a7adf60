#include "net/http_server.h"

#include "base/no_broken_pipe.h"
#include "net/address.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <utility>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace caisson::net {

namespace {

class PlainWire final : public HttpServer::Wire {
 public:
  explicit PlainWire(int socket) noexcept : socket_(socket) {}
  std::ptrdiff_t receive(std::span<char> bytes) override { return ::recv(socket_, bytes.data(), bytes.size(), 0); }
  std::ptrdiff_t send(std::string_view bytes) override { return ::send(socket_, bytes.data(), bytes.size(), 0); }

 private:
  int socket_;
};

}  // namespace

class HttpServer::Connection final : public Exchange {
 public:
  Connection(int socket, const Identity* identity)
      : socket_(socket),
        wire_(identity != nullptr ? identity->accept(socket) : std::make_unique<PlainWire>(socket)),
        good_(wire_ != nullptr) {}

  /// The next request, or false.
  bool next() {
    request_.clear();
    while (good_ && request_.find("\r\n\r\n") == std::string::npos) {
      read_some();
    }
    const std::size_t head = request_.find("\r\n\r\n") + 4;
    while (good_ && request_.size() < head + content_length()) {
      read_some();
    }
    return good_;
  }

  [[nodiscard]] const std::string& request() const noexcept override { return request_; }

  bool send(std::string_view bytes) override {
    while (good_ && !bytes.empty()) {
      const std::ptrdiff_t sent = wire_->send(bytes.substr(0, 1U << 16));
      good_ = sent > 0;
      bytes.remove_prefix(good_ ? static_cast<std::size_t>(sent) : bytes.size());
    }
    return good_;
  }

  void stall() override {
    pollfd ended{socket_, POLLRDHUP | POLLHUP, 0};
    while (poll(&ended, 1, -1) < 0) {
    }
    good_ = false;
  }

  void close() override { good_ = false; }

 private:
  void read_some() {
    std::array<char, 4'096> buffer{};
    const std::ptrdiff_t count = wire_->receive(buffer);
    good_ = count > 0;
    request_.append(buffer.data(), good_ ? static_cast<std::size_t>(count) : 0);
  }

  [[nodiscard]] std::size_t content_length() const {
    constexpr std::string_view kName = "\r\nContent-Length: ";
    const std::size_t at = request_.find(kName);
    std::size_t out = 0;
    if (at != std::string::npos) {
      std::from_chars(request_.data() + at + kName.size(), request_.data() + request_.size(), out);
    }
    return out;
  }

  int socket_;
  std::unique_ptr<Wire> wire_;
  bool good_;
  std::string request_;
};

std::string HttpServer::Exchange::target() const {
  const std::size_t begin = request().find(' ') + 1;
  return request().substr(begin, request().find(' ', begin) - begin);
}

void HttpServer::Exchange::answer(std::string_view status, std::string_view headers, std::string_view body) {
  send(fmt::format("HTTP/1.1 {}\r\nContent-Length: {}\r\n{}\r\n{}", status, body.size(), headers, body));
}

HttpServer::HttpServer(Handler handler, Options options) : handler_(std::move(handler)), options_(std::move(options)) {
  const IpAddress address = parse_address(options_.address).value_or(IpAddress{});
  sockaddr_storage place{};
  socklen_t size = 0;
  if (address.is_v4) {
    sockaddr_in v4{};
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, address.bytes.data(), sizeof v4.sin_addr);
    std::memcpy(&place, &v4, size = sizeof v4);
  } else {
    sockaddr_in6 v6{};
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, address.bytes.data(), sizeof v6.sin6_addr);
    std::memcpy(&place, &v6, size = sizeof v6);
  }
  listener_ = socket(place.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (listener_ < 0 || bind(listener_, reinterpret_cast<sockaddr*>(&place), size) != 0 ||
      ::listen(listener_, 64) != 0 || getsockname(listener_, reinterpret_cast<sockaddr*>(&place), &size) != 0) {
    return;
  }
  // The port lies at the same place in both.
  sockaddr_in v4{};
  std::memcpy(&v4, &place, sizeof v4);
  port_ = ntohs(v4.sin_port);
  listening_ = std::thread([this] { listen(); });
}

HttpServer::~HttpServer() {
  state_.with([](State& state) {
    state.ended = true;
    for (const int socket : state.sockets) {
      shutdown(socket, SHUT_RDWR);
    }
  });
  if (listening_.joinable()) {
    shutdown(listener_, SHUT_RDWR);
    listening_.join();
  }
  for (std::thread& connection : connections_) {
    connection.join();
  }
  state_.with([](const State& state) { std::ranges::for_each(state.sockets, ::close); });
  if (listener_ >= 0) {
    ::close(listener_);
  }
}

void HttpServer::listen() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) {
      return;
    }
    const bool ended = state_.with([&](State& state) {
      state.sockets.push_back(socket);
      return state.ended;
    });
    if (ended) {
      return;
    }
    connections_.emplace_back([this, socket] { serve(socket); });
  }
}

void HttpServer::serve(int socket) {
  const base::NoBrokenPipe no_signal;
  Connection connection(socket, options_.identity);
  while (connection.next()) {
    state_.with([&](State& state) { state.requests.push_back(connection.request()); });
    handler_(connection);
  }
  shutdown(socket, SHUT_RDWR);  // closed with the server: until then no other socket gets its number
}

std::string HttpServer::url(std::string_view path, std::string_view host) const {
  const bool v6 = options_.address.find(':') != std::string::npos;
  const std::string own = v6 ? "[" + options_.address + "]" : options_.address;
  return fmt::format("{}://{}:{}{}", options_.identity != nullptr ? "https" : "http", host.empty() ? own : host, port_,
                     path);
}

std::vector<std::string> HttpServer::requests() const {
  return state_.with_shared([](const State& state) { return state.requests; });
}

std::size_t HttpServer::connections() const {
  return state_.with_shared([](const State& state) { return state.sockets.size(); });
}

}  // namespace caisson::net
