#pragma once

#include "document/value.h"
#include "net/http_client.h"

#include <caisson/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

/// A header whose value has a secret in it, which the host fills in.
struct SecretHeader {
  std::string header;
  std::string secret;  ///< its name
  std::string prefix;  ///< `Bearer `
  std::string user;    ///< HTTP basic authentication with this name; empty: the value stands as it is

  friend bool operator==(const SecretHeader&, const SecretHeader&) = default;
};

/// What the head of `http.fetch` says (api/abi.md).
struct HttpHead {
  std::string method = "GET";
  std::string url;
  std::vector<net::Header> headers;
  std::vector<SecretHeader> secrets;

  friend bool operator==(const HttpHead&, const HttpHead&) = default;
};

/// Errors: invalid_argument / sandbox.bad_request for members that are absent, unknown or of another type. What the
/// texts in it say is not looked at.
[[nodiscard]] Result<HttpHead> decode_http_head(const document::Value& head);

/// The result of `http.fetch`: `{"status":200,"headers":[["name","value"]]}`, a line feed, the body.
[[nodiscard]] std::string encode_http_response(const net::HttpResponse& response);

}  // namespace caisson::sandbox
