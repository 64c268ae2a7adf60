#include "net/header.h"

#include "base/control.h"
#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace caisson::net {

namespace {

constexpr std::size_t kMostHeaders = 100;
constexpr std::size_t kMostBytes = 32U << 10;
constexpr std::size_t kMostMethod = 20;

constexpr std::array<std::string_view, 14> kForbidden = {
    "accept-encoding", "connection", "content-length", "expect",   "host",     "http2-settings",
    "keep-alive",      "te",         "trailer",        "trailers", "alt-used", "transfer-encoding",
    "upgrade",         "via"};

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// A character of a token (RFC 9110, section 5.6.2).
bool is_token(char c) noexcept {
  return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

bool is_value(char c) noexcept { return c == '\t' || (c >= ' ' && c <= '~'); }

Error bad(const Header& header, std::string_view why) {
  return {Category::kInvalidArgument, "net.bad_header",
          fmt::format("the header {} {}", base::quote(base::shorten(header.name, 64)), why)};
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) noexcept { return std::ranges::equal(a, b, {}, lower, lower); }

Status check_request_headers(const std::vector<Header>& headers) {
  if (!base::holds(base::Control::kHttpHeaders)) {
    return {};
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    const Header& header = headers[i];
    if (header.name.empty() || !std::ranges::all_of(header.name, is_token)) {
      return bad(header, "has a name that is none: letters, digits and some signs");
    }
    if (!std::ranges::all_of(header.value, is_value)) {
      return bad(header, "has a value with a character other than visible ASCII and blanks");
    }
    std::string name = header.name;
    std::ranges::transform(name, name.begin(), lower);
    if (name.starts_with("proxy-") || std::ranges::find(kForbidden, name) != kForbidden.end()) {
      return bad(header, "belongs to the connection, and is not the sender's to choose");
    }
    for (std::size_t before = 0; before < i; ++before) {
      if (same_name(headers[before].name, name)) {
        return bad(header, "is there twice");
      }
    }
    bytes += header.name.size() + header.value.size() + 4;
    if (i >= kMostHeaders || bytes > kMostBytes) {
      return bad(header, fmt::format("is one too many: at most {}, and {} bytes", kMostHeaders, kMostBytes));
    }
  }
  return {};
}

Status check_method(std::string_view method) {
  const bool word = !method.empty() && method.size() <= kMostMethod &&
                    std::ranges::all_of(method, [](char c) { return (c >= 'A' && c <= 'Z') || c == '-'; });
  if (!word || method == "CONNECT" || method == "TRACE" || method == "TRACK") {
    return Error{Category::kInvalidArgument, "net.bad_method",
                 fmt::format("{} is no method that can be sent; write one like GET or POST in upper case",
                             base::quote(base::shorten(method, 20)))};
  }
  return {};
}

}  // namespace caisson::net
