#include "net/url.h"

#include "base/unicode.h"
#include "net/internal/curl_library.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

namespace caisson::net {

namespace {

constexpr std::size_t kMostBytes = 4'096;
constexpr std::size_t kMostHost = 253;
constexpr std::size_t kMostLabel = 63;

Error bad(std::string_view text, std::string_view why) {
  return {Category::kInvalidArgument, "net.bad_url",
          fmt::format("{} cannot be asked for: {}", base::quote(base::shorten(text, 80)), why)};
}

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_hex(char c) noexcept { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) { return lower(c); });
  return out;
}

/// Labels of letters, digits, `-` and `_`; the last one does not begin with a digit, as only an address's would.
bool is_name(std::string_view host) noexcept {
  std::size_t label = 0;
  char first = '\0';
  for (const char c : host) {
    if (c == '.') {
      if (label == 0) {
        return false;
      }
      label = 0;
    } else if (is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '_') {
      first = label++ == 0 ? c : first;
      if (label > kMostLabel) {
        return false;
      }
    } else {
      return false;
    }
  }
  return label > 0 && !is_digit(first) && host.size() <= kMostHost;
}

/// What is wrong with the text as a whole; empty when nothing is.
std::string_view wrong_text(std::string_view text) noexcept {
  if (text.size() > kMostBytes) {
    return "it is longer than 4096 bytes";
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c <= ' ' || static_cast<unsigned char>(c) > 0x7E || c == '\\') {
      return "it has a character that no URL has; write a name in its 'xn--' form, and others as %XX";
    }
    if (c == '#') {
      return "what is behind '#' is never sent; leave it out";
    }
    if (c == '%' && (text.size() - i < 3 || !is_hex(text[i + 1]) || !is_hex(text[i + 2]))) {
      return "a '%' is not followed by two hexadecimal digits";
    }
  }
  return {};
}

/// Whether the path has a segment `.` or `..`, also with `.` written as an escape.
bool has_dot_segment(std::string_view path) {
  std::string plain;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%' && path[i + 1] == '2' && lower(path[i + 2]) == 'e') {
      plain += '.';
      i += 2;
    } else {
      plain += path[i];
    }
  }
  plain += '/';
  return plain.find("/./") != std::string::npos || plain.find("/../") != std::string::npos;
}

struct CurlUrl {
  void operator()(CURLU* url) const noexcept { curl_library()->url_cleanup(url); }
};

/// One part of a URL as curl reads it; empty when it has none.
std::string part(const CurlLibrary& curl, CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl.url_get(url, which, &text, 0) != CURLUE_OK) {
    return {};
  }
  std::string out(text);
  curl.free(text);
  return out;
}

/// What libcurl will connect to.
struct Parts {
  std::string host;  ///< in lower case; of IPv6 with brackets
  std::optional<std::uint16_t> port;
};

Result<Parts> read_by_curl(std::string_view text) {
  const CurlLibrary* const curl = curl_library();
  if (curl == nullptr) {
    return Error{
        Category::kFailedPrecondition, "net.no_library",
        "HTTP needs libcurl (libcurl.so.4, version 7.88 or later), which this machine does not have: install it"};
  }
  const std::unique_ptr<CURLU, CurlUrl> parsed(curl->url());
  if (parsed == nullptr ||
      curl->url_set(parsed.get(), CURLUPART_URL, std::string(text).c_str(), CURLU_PATH_AS_IS) != CURLUE_OK) {
    return bad(text, "it is no URL");
  }
  Parts out{lower(part(*curl, parsed.get(), CURLUPART_HOST)), std::nullopt};
  if (const std::string port = part(*curl, parsed.get(), CURLUPART_PORT); !port.empty()) {
    std::uint16_t number = 0;
    std::from_chars(port.data(), port.data() + port.size(), number);
    out.port = number;
  }
  return out;
}

/// The same text, or the same IPv6 address.
bool is_same_host(std::string_view a, std::string_view b) {
  const auto address = [](std::string_view host) {
    return host.starts_with('[') && host.ends_with(']') ? parse_address(host.substr(1, host.size() - 2)) : std::nullopt;
  };
  return a == b || (address(a) && address(a) == address(b));
}

/// Takes brackets and a dot at the end away. False: it is neither a name nor an address.
bool read_host(Url& url) {
  const bool bracketed = url.host.starts_with('[') && url.host.ends_with(']');
  if (bracketed) {
    url.host = url.host.substr(1, url.host.size() - 2);
  }
  url.address = parse_address(url.host);
  if (url.address) {
    url.host = to_string(*url.address);
    return url.address->is_v4 != bracketed;
  }
  if (url.host.ends_with('.')) {
    url.host.pop_back();
  }
  return !bracketed && is_name(url.host);
}

}  // namespace

std::string Url::origin() const {
  const bool v6 = address && !address->is_v4;
  const std::uint16_t usual = scheme == "https" ? 443 : 80;
  return fmt::format("{}://{}{}{}{}", scheme, v6 ? "[" : "", host, v6 ? "]" : "",
                     port == usual ? std::string() : fmt::format(":{}", port));
}

std::string Url::text() const { return fmt::format("{}{}{}{}", origin(), path, has_query ? "?" : "", query); }

Result<Url> parse_url(std::string_view text) {
  if (const std::string_view wrong = wrong_text(text); !wrong.empty()) {
    return bad(text, wrong);
  }
  const std::size_t colon = text.find("://");
  Url out;
  out.scheme = lower(text.substr(0, std::min(colon, text.size())));
  if (colon == std::string_view::npos || (out.scheme != "http" && out.scheme != "https")) {
    return bad(text, "it must begin with 'https://' or 'http://'");
  }
  const std::string_view rest = text.substr(colon + 3);
  const std::string_view authority = rest.substr(0, std::min(rest.find_first_of("/?"), rest.size()));
  if (authority.find_first_of("@%") != std::string_view::npos) {
    return bad(text, "a user name or an escape stands before the path");
  }
  const std::size_t bracket = authority.find(']');
  const std::size_t port = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  out.host = lower(authority.substr(0, port));
  CAISSON_TRY(const Parts parts, read_by_curl(text));
  if (out.host.empty() || !is_same_host(parts.host, out.host)) {
    return bad(text,
               "its host is none, or is read in another way by other programs; an address is written like "
               "192.0.2.1 or [2001:db8::1]");
  }
  out.port = parts.port.value_or(out.scheme == "https" ? 443 : 80);
  if (out.port == 0 || (port != std::string_view::npos && authority.substr(port + 1) != std::to_string(out.port))) {
    return bad(text, "the port must be a number from 1 to 65535, without zeros in front");
  }
  if (!read_host(out)) {
    return bad(text, "its host is neither a name in ASCII nor an address such as 192.0.2.1 or [2001:db8::1]");
  }
  // Path and query are the text's own: curl would only repair them.
  std::string_view behind = rest.substr(authority.size());
  const std::size_t question = behind.find('?');
  out.has_query = question != std::string_view::npos;
  out.query = out.has_query ? behind.substr(question + 1) : std::string_view();
  behind = behind.substr(0, question);
  out.path = behind.empty() ? std::string_view("/") : behind;
  if (has_dot_segment(out.path)) {
    return bad(text, "its path has a segment '.' or '..'");
  }
  return out;
}

}  // namespace caisson::net
