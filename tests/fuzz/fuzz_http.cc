// Any bytes as what a guest gives to http.fetch. The first byte chooses:
//   u  a URL, and on the next lines patterns of grants: read as a plain second reading of the rules reads it; a grant
//      that allows it says its scheme, host, port and path
//   h  a header, `name\nvalue`: what passes is one line of a request and nothing that frames it
//   otherwise the head of a request: read or refused with good manners, and an answer made of it is one line and bytes

#include "document/parse.h"
#include "fuzz.h"
#include "net/header.h"
#include "net/url.h"
#include "sandbox/http_grants.h"
#include "sandbox/internal/http_message.h"
#include "sandbox/net_pattern.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <arpa/inet.h>

namespace document = caisson::document;
namespace fuzz = caisson::fuzz;
namespace net = caisson::net;
namespace sandbox = caisson::sandbox;

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// The rules of net::parse_url, without a library: what a text is for, or nothing.
struct Reading {
  std::string scheme;
  std::string host;
  unsigned port = 0;
  std::string path;
};

bool is_hex(char c) { return std::isxdigit(static_cast<unsigned char>(c)) != 0; }

std::optional<std::string> read_host(const std::string& written) {
  char address[16];
  if (written.starts_with('[')) {
    if (!written.ends_with(']') || inet_pton(AF_INET6, written.substr(1, written.size() - 2).c_str(), address) != 1) {
      return std::nullopt;
    }
    char text[INET6_ADDRSTRLEN];
    return inet_ntop(AF_INET6, address, text, sizeof text);
  }
  if (inet_pton(AF_INET, written.c_str(), address) == 1) {
    return written;
  }
  std::string host = lower(written);
  if (host.ends_with('.')) {
    host.pop_back();
  }
  std::vector<std::string> labels(1);
  for (const char c : host) {
    if (c == '.') {
      labels.emplace_back();
    } else if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_') {
      labels.back() += c;
    } else {
      return std::nullopt;
    }
  }
  const auto is_label = [](const std::string& label) { return !label.empty() && label.size() <= 63; };
  const bool good = std::ranges::all_of(labels, is_label) && host.size() <= 253 &&
                    std::isdigit(static_cast<unsigned char>(labels.back().front())) == 0;
  return good ? std::optional(host) : std::nullopt;
}

std::optional<Reading> read_url(const std::string& text) {
  if (text.size() > 4'096 || !std::ranges::all_of(text, [](char c) { return c > ' ' && c < 0x7F; }) ||
      text.find_first_of("\\#") != std::string::npos) {
    return std::nullopt;
  }
  for (std::size_t i = text.find('%'); i != std::string::npos; i = text.find('%', i + 1)) {
    if (i + 2 >= text.size() || !is_hex(text[i + 1]) || !is_hex(text[i + 2])) {
      return std::nullopt;
    }
  }
  Reading out;
  const std::size_t scheme = text.find("://");
  out.scheme = lower(text.substr(0, std::min(scheme, text.size())));
  if (scheme == std::string::npos || (out.scheme != "http" && out.scheme != "https")) {
    return std::nullopt;
  }
  const std::string rest = text.substr(scheme + 3);
  const std::string authority = rest.substr(0, rest.find_first_of("/?"));
  if (authority.find_first_of("@%") != std::string::npos) {
    return std::nullopt;
  }
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string::npos ? 0 : bracket);
  const auto host = read_host(authority.substr(0, colon));
  out.port = out.scheme == "https" ? 443 : 80;
  if (colon != std::string::npos) {
    const std::string digits = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), out.port);
    if (digits.empty() || digits.starts_with('0') || digits.size() > 5 || error != std::errc() ||
        end != digits.data() + digits.size() || out.port == 0 || out.port > 65'535) {
      return std::nullopt;
    }
  }
  const std::string behind = rest.substr(authority.size());
  out.path = behind.substr(0, behind.find('?'));
  out.path = out.path.empty() ? "/" : out.path;
  std::string plain = lower(out.path) + "/";
  for (std::size_t i = plain.find("%2e"); i != std::string::npos; i = plain.find("%2e", i + 1)) {
    plain.replace(i, 3, ".");
  }
  if (!host || plain.find("/./") != std::string::npos || plain.find("/../") != std::string::npos) {
    return std::nullopt;
  }
  out.host = *host;
  return out;
}

void check_grant(const net::Url& url, const std::string& pattern) {
  if (!sandbox::is_granted(std::vector<sandbox::NetGrant>{{pattern, {"*"}}}, "GET", url)) {
    return;
  }
  const auto parts = sandbox::parse_net_pattern(pattern);
  fuzz::require(parts.has_value(), "what allows something is a pattern");
  fuzz::require(parts->scheme == url.scheme, "the scheme is the pattern's");
  fuzz::require(parts->port == "*" || parts->port == std::to_string(url.port), "the port is the pattern's");
  const std::string host = url.address && !url.address->is_v4 ? "[" + url.host + "]" : url.host;
  const bool below = parts->host.starts_with("*.") && host.size() >= parts->host.size() &&
                     host.ends_with(parts->host.substr(1)) && !url.address;
  fuzz::require(parts->host == "*" || parts->host == host || below, "the host is the pattern's");
  if (!parts->path.empty()) {
    const bool prefix = parts->path.ends_with('*');
    const std::string path = parts->path.substr(0, parts->path.size() - (prefix ? 1 : 0));
    fuzz::require(prefix ? url.path.starts_with(path) : url.path == path, "the path is the pattern's");
    fuzz::require(lower(url.path).find("%2f") == std::string::npos && url.path.find("//") == std::string::npos,
                  "and can be read in one way only");
  }
}

void check_url(const std::string& text, const std::vector<std::string>& patterns) {
  const auto url = net::parse_url(text);
  const auto reading = read_url(text);
  fuzz::require(url.has_value() == reading.has_value(), "both accept it, or none");
  if (!url) {
    return;
  }
  fuzz::require(url->scheme == reading->scheme && url->host == reading->host && url->port == reading->port &&
                    url->path == reading->path,
                "both read the same");
  const auto again = net::parse_url(url->text());
  fuzz::require(again.has_value() && *again == *url, "it prints as itself");
  const auto canonical = sandbox::canonical_url(*url);
  if (!canonical) {
    return;
  }
  const auto twice = sandbox::canonical_url(*canonical);
  fuzz::require(twice.has_value() && *twice == *canonical, "the canonical form is its own");
  for (const std::string& pattern : patterns) {
    check_grant(*canonical, pattern);
  }
}

void check_header(const net::Header& header) {
  if (!net::check_request_headers({header})) {
    return;
  }
  const std::string line = header.name + ": " + header.value;
  fuzz::require(std::ranges::all_of(line, [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); }), "one line");
  fuzz::require(line.find(':') == header.name.size() && header.name.find_first_of(" \t") == std::string::npos,
                "the name ends where it should");
  const std::string name = lower(header.name);
  for (const char* frame : {"host", "content-length", "transfer-encoding", "connection", "te", "trailer", "upgrade",
                            "expect", "keep-alive", "accept-encoding"}) {
    fuzz::require(name != frame, "nothing that frames the message");
  }
  fuzz::require(!name.starts_with("proxy-"), "nothing for a proxy");
}

void check_head(std::string_view text) {
  const auto head = document::parse_json(text, "head", {.bytes = 64 << 10, .depth = 4});
  if (!head) {
    return;
  }
  const auto decoded = sandbox::decode_http_head(*head);
  if (!decoded) {
    fuzz::require(decoded.error().reason == "sandbox.bad_request" && !decoded.error().message.empty(), "it says why");
    return;
  }
  fuzz::require(!decoded->url.empty(), "there is a URL");
  for (const sandbox::SecretHeader& secret : decoded->secrets) {
    fuzz::require(!secret.secret.empty() && (secret.prefix.empty() || secret.user.empty()), "a secret is named");
  }
  const std::string answer =
      sandbox::encode_http_response({.status = 200, .headers = decoded->headers, .body = decoded->url, .address = {}});
  const std::size_t end = answer.find('\n');
  fuzz::require(end != std::string::npos && answer.substr(end + 1) == decoded->url,
                "the body is behind the first line");
  fuzz::require(document::parse_json(answer.substr(0, end), "answer").has_value(), "which is JSON");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  std::vector<std::string> lines(1);
  for (const char c : input.substr(std::min<std::size_t>(1, size))) {
    c == '\n' ? void(lines.emplace_back()) : lines.back().push_back(c);
  }
  if (input.starts_with('u')) {
    check_url(lines.front(), {lines.begin() + 1, lines.end()});
  } else if (input.starts_with('h')) {
    check_header({lines.front(), lines.size() > 1 ? lines[1] : std::string()});
  } else {
    check_head(input);
  }
  return 0;
}
