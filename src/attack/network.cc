#include "attack/network.h"

#include "base/encoding.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>
#include <utility>

namespace caisson::attack {

namespace {

/// The value of a field in the head of a request.
std::string_view header_of(std::string_view request, std::string_view name) {
  const std::size_t at = request.find(fmt::format("\r\n{}: ", name));
  if (at == std::string_view::npos) {
    return {};
  }
  const std::size_t begin = at + name.size() + 4;
  return request.substr(begin, request.find("\r\n", begin) - begin);
}

void perform(const Network::Act& act, net::HttpServer::Exchange& exchange) {
  using Kind = Network::Act::Kind;
  switch (act.kind) {
    case Kind::kSend:
      for (std::int64_t i = 0; act.times < 0 || i < act.times; ++i) {
        std::this_thread::sleep_for(act.wait);
        if (!exchange.send(act.text)) {
          return;
        }
      }
      return;
    case Kind::kEcho:
      return exchange.answer("200 OK", "", exchange.request());
    case Kind::kEchoBase64:
      return exchange.answer("200 OK", "", base::base64(header_of(exchange.request(), "Authorization")));
    case Kind::kStall:
      return exchange.stall();
    case Kind::kClose:
      return exchange.close();
  }
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

}  // namespace

Network::~Network() { close(); }

Result<std::string> Network::certify(const std::string& name, const net::ServerIdentity::Options& options) {
  auto& identity = identities_[name];
  identity = std::make_unique<net::ServerIdentity>(options);
  if (identity->certificate().empty()) {
    return Error{Category::kUnavailable, "attack.no_server", "no server can speak TLS: libssl.so.3 cannot be loaded"};
  }
  return identity->certificate();
}

Status Network::start(const std::string& name) {
  Server& server = servers_[name];
  server.http = std::make_unique<net::HttpServer>(
      [&server](net::HttpServer::Exchange& exchange) {
        for (const Act& act : server.script) {
          perform(act, exchange);
        }
      },
      net::HttpServer::Options{.identity = identities_[name].get()});
  if (server.http->port() == 0) {
    return Error{Category::kUnavailable, "attack.no_server", "no server can be started on 127.0.0.1"};
  }
  return {};
}

void Network::set_script(const std::string& name, Script script) { servers_[name].script = std::move(script); }

void Network::set_name(const std::string& host, std::vector<std::vector<net::IpAddress>> answers) {
  names_.with([&](auto& names) { names[host] = {std::move(answers), 0}; });
}

void Network::close() { servers_.clear(); }

std::string Network::expand(std::string text) const {
  for (const auto& [name, server] : servers_) {
    replace_all(text, fmt::format("{{{}}}", name), fmt::format("127.0.0.1:{}", server.http->port()));
    replace_all(text, fmt::format("{{{}.port}}", name), fmt::format("{}", server.http->port()));
  }
  return text;
}

std::vector<std::string> Network::served() const {
  std::vector<std::string> out;
  for (const auto& [name, server] : servers_) {
    for (const std::string& request : server.http->requests()) {
      out.push_back(fmt::format("{} {}", name, request));
    }
  }
  return out;
}

std::vector<std::string> Network::connected() const {
  return connected_.with_shared([](const auto& connected) { return connected; });
}

Result<std::vector<net::IpAddress>> Network::resolve(const std::string& host, const net::Patience& /*patience*/) {
  return names_.with([&](auto& names) -> Result<std::vector<net::IpAddress>> {
    const auto found = names.find(host);
    if (found == names.end() || found->second.answers.empty()) {
      return Error{Category::kUnavailable, "net.unknown_host", fmt::format("no name of this scene is '{}'", host)};
    }
    Name& name = found->second;
    return name.answers[std::min(name.asked++, name.answers.size() - 1)];
  });
}

bool Network::connect(const net::IpAddress& address, std::uint16_t port) {
  connected_.with([&](auto& connected) {
    const std::string text = net::to_string(address);
    connected.push_back(address.is_v4 ? fmt::format("{}:{}", text, port) : fmt::format("[{}]:{}", text, port));
  });
  return net::special_range(address) == "loopback";
}

}  // namespace caisson::attack
