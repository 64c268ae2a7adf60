#pragma once

#include "net/http_client.h"
#include "net/internal/curl_library.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace caisson::net {

/// A session over one multi handle, which keeps the connections. Each request has an easy handle of its own, so that no
/// setting of one is left for the next.
class CurlSession final : public HttpSession {
 public:
  /// `options` outlives the session.
  CurlSession(const HttpClientOptions& options, std::uint32_t most_connections);

  [[nodiscard]] Result<HttpResponse> fetch(const HttpRequest& request, const HttpAllowance& allowance) override;
  [[nodiscard]] Traffic traffic() const noexcept override { return traffic_; }

 private:
  struct CleanUp {
    void operator()(CURLM* multi) const noexcept;
  };

  /// The addresses of the request's host, each of them checked.
  [[nodiscard]] Result<std::vector<IpAddress>> checked_addresses(const Url& url, const Patience& patience);

  const HttpClientOptions& options_;
  const CurlLibrary* curl_;
  std::unique_ptr<CURLM, CleanUp> multi_;
  Traffic traffic_;
};

}  // namespace caisson::net
