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

/// Labels of letters, digits, `-` and `_`, none of them empty.
bool is_host_name(std::string_view host) noexcept {
  std::size_t label = 0;
  for (const char c : host) {
    if (c == '.') {
      if (label == 0) {
        return false;
      }
      label = 0;
    } else if (is_alnum(c) || c == '-' || c == '_') {
      ++label;
    } else {
      return false;
    }
  }
  return label > 0 && host.size() <= 253;
}

bool is_ipv6(std::string_view host) noexcept {
  return host.size() > 3 && host.starts_with('[') && host.ends_with(']') &&
         host.find_first_not_of("0123456789abcdef:.", 1) == host.size() - 1;
}

bool is_port(std::string_view port) noexcept {
  std::uint16_t number = 0;
  const auto read = std::from_chars(port.data(), port.data() + port.size(), number);
  return read.ec == std::errc() && read.ptr == port.data() + port.size() && number > 0 && port.front() != '0';
}

/// What is wrong with a path; empty when nothing is.
std::string_view wrong_path(std::string_view path) noexcept {
  for (const char c : path) {
    if (c <= ' ' || c == '\\' || c == '?' || c == '#' || static_cast<unsigned char>(c) > 0x7E) {
      return "the path has a character that it cannot have; write others as %XX, and no query";
    }
  }
  if (path.find('*') < path.size() - 1) {
    return "'*' stands at the end of a path only";
  }
  std::string folded(path);
  std::ranges::transform(folded, folded.begin(), lower);
  const auto has = [](const std::string& where, std::string_view what) {
    return where.find(what) != std::string::npos;
  };
  if (has(folded, "//") || has(folded, "%2e") || has(folded, "%2f") || has(folded, "%5c") || has(folded + '/', "/./") ||
      has(folded + '/', "/../")) {
    return "the path has '.', '..', '//' or an escape of '.', '/' or '\\' in it";
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
         inner.ends_with(outer.substr(1)) && !inner.starts_with('[');
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
  std::ranges::transform(authority, authority.begin(), lower);
  const std::size_t colon =
      authority.find(':', authority.starts_with('[') ? std::min(authority.find(']'), authority.size()) : 0);
  out.host = authority.substr(0, colon);
  const bool has_port = colon != std::string::npos;
  out.port = has_port ? authority.substr(colon + 1) : out.scheme == "https" ? "443" : "80";
  const std::string_view name =
      std::string_view(out.host).starts_with("*.") ? std::string_view(out.host).substr(2) : std::string_view(out.host);
  if (out.host != "*" && !is_host_name(name) && !is_ipv6(out.host)) {
    return bad(text, "the host must be a name in ASCII such as 'api.example.com', '*.example.com' or '*'");
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
  if (out.path == "/*") {
    out.path.clear();
  }
  return out;
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
         (path_covers(a->path, b->path) || path_covers(b->path, a->path));
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
