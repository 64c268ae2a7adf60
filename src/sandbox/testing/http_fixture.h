#pragma once

#include "base/wipe.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "sandbox/net_pattern.h"
#include "sandbox/secrets.h"
#include "sandbox/testing/wasi_fixture.h"

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::sandbox {

/// Secrets that a test sets, each bound to one origin.
class FakeSecrets final : public Secrets {
 public:
  void set(const std::string& name, std::string value, std::string origin) {
    values_[name] = {std::move(value), std::move(origin)};
  }
  [[nodiscard]] bool is_bound_to(std::string_view name, const net::Url& url) const override {
    const auto found = values_.find(name);
    return found != values_.end() && found->second.second == url.origin();
  }
  [[nodiscard]] Result<std::string> read(std::string_view name, const net::Patience& /*patience*/) const override {
    ++reads;
    const auto found = values_.find(name);
    if (found == values_.end() || found->second.first.empty()) {
      return Error{Category::kUnavailable, "secrets.unreadable", "it cannot be read"};
    }
    return found->second.first;
  }
  mutable int reads = 0;

 private:
  std::map<std::string, std::pair<std::string, std::string>, std::less<>> values_;
};

/// What a guest got from `http.fetch`.
struct Fetched {
  unsigned status = 0;
  std::string result;
  Outcome outcome;
};

/// Calls of the probe that ask a server on loopback, which is granted and named by the operator.
class HttpTest : public WasiTest {
 protected:
  HttpTest()
      : server_([this](net::HttpServer::Exchange& exchange) {
          if (handler_) {
            handler_(exchange);
          } else {
            exchange.answer("200 OK", "X-A: b\r\n", "hello");
          }
        }) {
    use_client({.hosts = {"127.0.0.1"}});
    secrets_ = &values_;
    grants_.net = {{server_.url(""), {"*"}}};
    grants_.secrets = {"KEY"};
  }

  void use_client(net::Reach reach) {
    resolver_ = net::make_resolver(*shared().environment);
    client_ = net::make_http_client({.environment = shared().environment.get(),
                                     .resolver = resolver_.get(),
                                     .reach = std::move(reach),
                                     .certificates = {},
                                     .on_connect = on_connect_});
    http_ = client_.get();
  }

  /// The script of one request.
  static std::string script(std::string_view head, std::string_view body = {}) {
    std::string out = cat("text @60000 http.fetch\ntext @61000 ", head, "\n");
    std::size_t size = head.size();
    if (!body.empty()) {
      out += cat("hex @", 61000 + size, " 0a\ntext @", 61001 + size, " ", body, "\n");
      size += 1 + body.size();
    }
    return cat(out, "call call @60000 10 @61000 ", size, "\n");
  }
  Fetched fetch(std::string_view head, std::string_view body = {}) {
    Fetched out;
    out.outcome = probe(script(head, body) + "call take @200000 100000\nstring @200000 20000\n");
    const std::string text(out.outcome.output.bytes());
    const std::size_t first = text.find('\n');
    if (first != std::string::npos) {
      out.status = static_cast<unsigned>(std::stoull(text) >> 32U);
      const std::size_t second = text.find('\n', first + 1);
      out.result = text.substr(second + 1);
      out.result.resize(out.result.find_last_not_of(std::string("\0\n", 2)) + 1);
    }
    return out;
  }
  Fetched get(std::string_view url) { return fetch(cat(R"({"url":")", url, R"("})")); }
  /// The violations of a call, one on each line.
  static std::string violations(const Outcome& outcome) {
    std::string out;
    for (const Violation& violation : outcome.violations) {
      out += cat(to_string(violation.kind), " ", to_string(violation.severity), " ", violation.description, "\n");
    }
    return out;
  }

  net::HttpServer::Handler handler_;
  net::HttpServer server_;
  FakeSecrets values_;
  std::function<bool(const net::IpAddress&, std::uint16_t)> on_connect_;
  std::unique_ptr<net::Resolver> resolver_;
  std::unique_ptr<net::HttpClient> client_;
};

}  // namespace caisson::sandbox
