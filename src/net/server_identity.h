#pragma once

#include "net/http_server.h"

#include <memory>
#include <string>
#include <vector>

struct ssl_ctx_st;

namespace caisson::net {

/// A certificate, made now and signed by itself, with its key: what an HTTPS server of a test or an attack shows.
class ServerIdentity final : public HttpServer::Identity {
 public:
  struct Options {
    std::vector<std::string> names = {"localhost"};  ///< names and addresses it is for
    bool expired = false;
  };
  ServerIdentity() : ServerIdentity(Options{}) {}
  explicit ServerIdentity(const Options& options);
  ~ServerIdentity() override;

  /// In PEM: for a file of authorities that a client trusts. Empty when this machine has no libssl.so.3: then nothing
  /// is accepted.
  [[nodiscard]] const std::string& certificate() const noexcept { return certificate_; }
  [[nodiscard]] std::unique_ptr<HttpServer::Wire> accept(int socket) const override;

 private:
  struct CleanUp {
    void operator()(ssl_ctx_st* context) const noexcept;
  };
  std::unique_ptr<ssl_ctx_st, CleanUp> context_;
  std::string certificate_;
};

}  // namespace caisson::net
