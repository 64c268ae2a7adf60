#include "sandbox/net_pattern.h"

#include "base/unicode.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace caisson::sandbox {

namespace {

constexpr std::size_t kMostBytes = 2'048;

Error bad(std::string_view text, std::string_view why) {
  return {Category::kInvalidArgument, "policy.bad_value",
          fmt::format("{} is no pattern of URLs: {}", base::quote(base::shorten(text, 80)), why)};
}

bool is_alnum(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }
char upper(char c) noexcept { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool is_port(std::string_view port) noexcept {
  std::uint16_t number = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  return read.ec == std::errc() && read.ptr == port.data() + port.size() && number > 0 && port.front() != '0';
}

/// What is wrong with a path; empty when nothing is.
std::string_view wrong_path(std::string_view path) noexcept {
  if (path.find('*') < path.size() - 1) {
    return "'*' stands at the end of a path only";
  }
  std::string folded(path);
  std::ranges::transform(folded, folded.begin(), lower);
  const auto has = [](const std::string& where, std::string_view what) {
    return where.find(what) != std::string::npos;
  };
  if (has(folded, "//") || has(folded, "%2e") || has(folded, "%2f") || has(folded, "%5c") || has(folded, "%25") ||
      has(folded, "%00") || has(folded, ";") || has(folded + '/', "/./") || has(folded + '/', "/../")) {
    return "the path has '.', '..', '//', ';' or an escape of '.', '/', '\\' or '%' in it";
  }
  return {};
}

std::vector<std::string> methods_of(const NetGrant& grant) {
  return grant.methods.empty() ? std::vector<std::string>{"GET", "HEAD"} : grant.methods;
}

bool has(const std::vector<std::string>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

bool host_covers(std::string_view outer, std::string_view inner) noexcept {
  if (outer == "*" || outer == inner) {
    return true;
  }
  return outer.starts_with("*.") && inner != "*" && inner.size() > outer.size() - 1 &&
         inner.ends_with(outer.substr(1)) && !is_address(inner);
}

bool path_covers(std::string_view outer, std::string_view inner) noexcept {
  if (outer.empty() || outer == inner) {
    return true;
  }
  if (!outer.ends_with('*') || inner.empty()) {
    return false;
  }
  return inner.starts_with(outer.substr(0, outer.size() - 1));
}

std::string folded(std::string text) {
  std::ranges::transform(text, text.begin(), lower);
  return text;
}

bool port_covers(std::string_view outer, std::string_view inner) noexcept { return outer == "*" || outer == inner; }

}  // namespace

Result<NetPattern> parse_net_pattern(std::string_view text) {
  NetPattern out;
  if (text.size() > kMostBytes) {
    return bad(text, fmt::format("it is longer than {} bytes", kMostBytes));
  }
  std::string_view rest = text;
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (rest.starts_with(scheme)) {
      out.scheme = scheme.substr(0, scheme.find(':'));
      rest.remove_prefix(scheme.size());
      break;
    }
  }
  if (out.scheme.empty()) {
    return bad(text, "it must begin with 'https://' or 'http://'");
  }
  const std::size_t slash = std::min(rest.find('/'), rest.size());
  std::string authority(rest.substr(0, slash));
  out.path = rest.substr(slash);
  if (authority.find('@') != std::string::npos) {
    return bad(text, "it must have no user name");
  }
  const std::size_t colon =
      authority.find(':', authority.starts_with('[') ? std::min(authority.find(']'), authority.size()) : 0);
  out.host = authority.substr(0, colon);
  const bool has_port = colon != std::string::npos;
  out.port = has_port ? authority.substr(colon + 1) : out.scheme == "https" ? "443" : "80";
  if (out.host != "*") {
    const bool wild = out.host.starts_with("*.");
    auto host = canonical_host(std::string_view(out.host).substr(wild ? 2 : 0));
    if (!host) {
      return bad(text, host.error().message);
    }
    if (wild && is_address(*host)) {
      return bad(text, "'*.' stands before a name only");
    }
    out.host = wild ? "*." + *host : *std::move(host);
  }
  if (out.port != "*" && (out.port.empty() || !is_port(out.port))) {
    return bad(text, "the port must be a number from 1 to 65535, or '*'");
  }
  if (out.path == "/") {
    out.path.clear();
  }
  if (const std::string_view wrong = wrong_path(out.path); !wrong.empty()) {
    return bad(text, wrong);
  }
  if (out.path == "/*" || out.path.empty()) {
    out.path.clear();
    return out;
  }
  const bool prefix = out.path.ends_with('*');
  auto path = canonical_path(std::string_view(out.path).substr(0, out.path.size() - (prefix ? 1 : 0)));
  if (!path) {
    return bad(text, path.error().message);
  }
  out.path = *std::move(path) + (prefix ? "*" : "");
  return out;
}

bool NetPattern::matches(const NetTarget& target) const {
  return scheme == target.scheme && host_covers(host, target.host) && port_covers(port, std::to_string(target.port)) &&
         (path.empty() || (!is_ambiguous_path(target.path) && path_covers(path, target.path)));
}

bool net_allows(const NetGrant& grant, const NetTarget& target) {
  const auto pattern = parse_net_pattern(grant.pattern);
  const std::vector<std::string> allowed = methods_of(grant);
  return pattern && pattern->matches(target) && (has(allowed, "*") || has(allowed, target.method));
}

bool net_covers(const NetGrant& outer, const NetGrant& inner) {
  const auto a = parse_net_pattern(outer.pattern);
  const auto b = parse_net_pattern(inner.pattern);
  const std::vector<std::string> allowed = methods_of(outer);
  const bool methods = has(allowed, "*") || std::ranges::all_of(methods_of(inner), [&](const std::string& method) {
                         return has(allowed, method);
                       });
  return a && b && methods && a->scheme == b->scheme && host_covers(a->host, b->host) &&
         port_covers(a->port, b->port) && path_covers(a->path, b->path);
}

bool net_meets(const NetGrant& denied, const NetGrant& asked) {
  const auto a = parse_net_pattern(denied.pattern);
  const auto b = parse_net_pattern(asked.pattern);
  if (!a || !b) {
    return true;  // what cannot be read is not known to be harmless
  }
  const std::vector<std::string> wanted = methods_of(asked);
  const bool methods =
      denied.methods.empty() || has(denied.methods, "*") || has(wanted, "*") ||
      std::ranges::any_of(wanted, [&](const std::string& method) { return has(denied.methods, method); });
  return methods && a->scheme == b->scheme && (host_covers(a->host, b->host) || host_covers(b->host, a->host)) &&
         (port_covers(a->port, b->port) || port_covers(b->port, a->port)) &&
         (path_covers(folded(a->path), folded(b->path)) || path_covers(folded(b->path), folded(a->path)));
}

std::string print_net(const NetGrant& grant) {
  return grant.methods.empty() ? grant.pattern : fmt::format("{} {}", fmt::join(grant.methods, "|"), grant.pattern);
}

Result<NetGrant> parse_net(std::string_view text) {
  NetGrant out;
  std::string_view methods;
  if (const std::size_t blank = text.find(' '); blank != std::string_view::npos) {
    methods = text.substr(0, blank);
    out.pattern = text.substr(std::min(text.find_first_not_of(' ', blank), text.size()));
  } else {
    out.pattern = text;
  }
  if (methods.find("://") != std::string_view::npos) {
    return bad(text, "methods stand before it, as in 'GET|POST https://api.example.com'");
  }
  CAISSON_CHECK([&]() -> Status {
    CAISSON_TRY([[maybe_unused]] const NetPattern pattern, parse_net_pattern(out.pattern));
    return {};
  }());
  for (bool more = !methods.empty(); more;) {
    const std::size_t end = methods.find('|');
    std::string method(methods.substr(0, end));
    std::ranges::transform(method, method.begin(), upper);
    const bool word = !method.empty() && method.size() <= 20 &&
                      std::ranges::all_of(method, [](char c) { return is_alnum(c) || c == '-'; });
    if (!word && method != "*") {
      return bad(text, fmt::format("{} is no HTTP method", base::quote(base::shorten(method, 20))));
    }
    out.methods.push_back(std::move(method));
    more = end != std::string_view::npos;
    methods.remove_prefix(more ? end + 1 : methods.size());
  }
  std::ranges::sort(out.methods);
  out.methods.erase(std::ranges::unique(out.methods).begin(), out.methods.end());
  return out;
}

}  // namespace caisson::sandbox
