#pragma once

#include "base/environment.h"
#include "base/testing/temporary_folder.h"
#include "net/http_client.h"
#include "net/http_server.h"
#include "net/server_identity.h"
#include "net/testing/fake_resolver.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::net {

inline IpAddress address(std::string_view text) { return parse_address(text).value(); }

/// A client that may reach 127.0.0.1, under that name only, and names that the test sets. Options count until the first
/// request.
class HttpClientTest : public testing::Test {
 protected:
  HttpClientTest() { options_.reach.hosts = {"127.0.0.1"}; }

  HttpSession& session() {
    if (session_ == nullptr) {
      options_.environment = environment_.get();
      options_.resolver = &resolver_;
      client_ = make_http_client(options_);
      session_ = client_->open(4);
    }
    return *session_;
  }

  Result<HttpResponse> fetch(HttpRequest request, std::uint64_t most = 1 << 20) {
    const HttpAllowance allowance{{environment_->now() + std::chrono::seconds(20), {}}, most};
    return session().fetch(request, allowance);
  }
  Result<HttpResponse> get(const std::string& url, std::uint64_t most = 1 << 20) {
    auto parsed = parse_url(url);
    if (!parsed) {
      return std::move(parsed).error();
    }
    return fetch({.url = std::move(parsed).value()}, most);
  }
  std::string reason(const std::string& url, std::uint64_t most = 1 << 20) {
    const auto response = get(url, most);
    return response ? "" : response.error().reason;
  }

  /// From now on connections are recorded and not made.
  void record_connections() {
    options_.on_connect = [this](const IpAddress& to, std::uint16_t /*port*/) {
      connected_.push_back(to_string(to));
      return false;
    };
  }
  /// The one authority of HTTPS servers.
  void trust(const ServerIdentity& identity) {
    const std::string file = (folder_ / "authorities.pem").native();
    std::ofstream(file) << identity.certificate();
    options_.certificates = file;
  }

  base::TemporaryFolder folder_;
  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  FakeResolver resolver_;
  HttpClientOptions options_;
  std::vector<std::string> connected_;
  std::unique_ptr<HttpClient> client_;
  std::unique_ptr<HttpSession> session_;
};

/// A good answer.
inline void hello(HttpServer::Exchange& exchange) { exchange.answer("200 OK", "X-A:  b \r\nx-c: d\r\n", "hello"); }

}  // namespace caisson::net
