#include "sandbox/internal/http_message.h"

#include "base/unicode.h"
#include "document/print.h"

#include <fmt/format.h>

#include <utility>

namespace caisson::sandbox {

namespace {

using document::Entry;
using document::Value;

Error bad(std::string message) { return {Category::kInvalidArgument, "sandbox.bad_request", std::move(message)}; }

Status read_text(const Entry& entry, std::string& out) {
  const std::string* text = entry.value.as_string();
  if (text == nullptr) {
    return bad(fmt::format("'{}' must be a text, got {}", base::printable(base::shorten(entry.name, 64)),
                           to_string(entry.value.kind())));
  }
  out = *text;
  return {};
}

Status unknown(const Entry& entry, std::string_view known) {
  return bad(fmt::format("{} is no member here; there are {}", base::quote(base::shorten(entry.name, 64)), known));
}

Result<SecretHeader> read_secret(const Entry& header) {
  SecretHeader out{.header = header.name, .secret = {}, .prefix = {}, .user = {}};
  for (const Entry& entry : *header.value.as_map()) {
    if (entry.name == "secret") {
      CAISSON_CHECK(read_text(entry, out.secret));
    } else if (entry.name == "prefix") {
      CAISSON_CHECK(read_text(entry, out.prefix));
    } else if (entry.name == "user") {
      CAISSON_CHECK(read_text(entry, out.user));
    } else {
      CAISSON_CHECK(unknown(entry, "secret, prefix and user"));
    }
  }
  if (out.secret.empty() || (!out.user.empty() && !out.prefix.empty()) || out.user.find(':') != std::string::npos) {
    return bad("a header with a secret names one, and either a prefix or a user without ':'");
  }
  return out;
}

Status read_headers(const Value& headers, HttpHead& out) {
  if (headers.as_map() == nullptr) {
    return bad(fmt::format("'headers' must be a map, got {}", to_string(headers.kind())));
  }
  for (const Entry& entry : *headers.as_map()) {
    if (entry.value.as_map() != nullptr) {
      CAISSON_TRY(SecretHeader secret, read_secret(entry));
      out.secrets.push_back(std::move(secret));
    } else {
      net::Header header{entry.name, {}};
      CAISSON_CHECK(read_text(entry, header.value));
      out.headers.push_back(std::move(header));
    }
  }
  return {};
}

}  // namespace

Result<HttpHead> decode_http_head(const Value& head) {
  HttpHead out;
  if (head.as_map() == nullptr) {
    return bad("the head must be a map");
  }
  for (const Entry& entry : *head.as_map()) {
    if (entry.name == "method") {
      CAISSON_CHECK(read_text(entry, out.method));
    } else if (entry.name == "url") {
      CAISSON_CHECK(read_text(entry, out.url));
    } else if (entry.name == "headers") {
      CAISSON_CHECK(read_headers(entry.value, out));
    } else {
      CAISSON_CHECK(unknown(entry, "method, url and headers"));
    }
  }
  if (out.url.empty()) {
    return bad("the head has no 'url'");
  }
  return out;
}

std::string encode_http_response(const net::HttpResponse& response) {
  Value headers = Value::list();
  for (const net::Header& header : response.headers) {
    headers.push(Value::list({header.name, header.value}));
  }
  const Value head = Value::map({{"status", response.status}, {"headers", std::move(headers)}});
  std::string out = document::to_json(head);
  out.reserve(out.size() + 1 + response.body.size());
  out += '\n';
  out += response.body;
  return out;
}

}  // namespace caisson::sandbox
