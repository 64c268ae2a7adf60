#include "runtime/network_settings.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "sandbox/net_pattern.h"
#include "sandbox/policy_ceiling.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>
#include <utility>

namespace caisson::runtime {

namespace {

using document::Entry;
using document::Value;
using sandbox::Origin;

constexpr std::size_t kMostName = 64;

class Reader {
 public:
  Reader(const std::string& file, const std::string& folder, std::vector<Diagnostic>& problems, NetworkSettings& out)
      : file_(file), folder_(folder), problems_(problems), out_(out) {}

  void read_net(const Value& value) {
    for (const Entry& entry : entries("net", value)) {
      const std::string name = "net." + entry.name;
      if (entry.name == "addresses") {
        for (const Value& item : items(name, entry.value)) {
          read_range(name, item);
        }
      } else if (entry.name == "certificates") {
        if (const std::string* path = text(name, entry.value)) {
          out_.certificates = {sandbox::absolute_path(*path, folder_), at(entry.value)};
        }
      } else {
        unknown("net", entry, {"addresses", "certificates"});
      }
    }
  }

  void read_secrets(const Value& value) {
    for (const Entry& entry : entries("secrets", value)) {
      const bool word =
          !entry.name.empty() && entry.name.size() <= kMostName && std::ranges::all_of(entry.name, [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                   c == '.';
          });
      if (!word) {
        problem("policy.bad_value", entry.name_mark,
                fmt::format("secrets: {} is no name; it has letters, digits, '_', '-' and '.'",
                            base::quote(base::shorten(entry.name, kMostName))));
        continue;
      }
      read_secret(entry);
    }
  }

 private:
  void read_range(std::string_view name, const Value& item) {
    const std::string* written = text(name, item);
    if (written == nullptr) {
      return;
    }
    auto range = net::parse_range(*written);
    if (!range) {
      problem("policy.bad_value", item.mark(), fmt::format("{}: {}", name, range.error().message));
      return;
    }
    out_.addresses.push_back({*range, at(item)});
  }

  void read_secret(const Entry& secret) {
    const std::string prefix = "secrets." + secret.name;
    SecretSource out{.name = secret.name, .origin = at(secret.value)};
    int sources = 0;
    for (const Entry& entry : entries(prefix, secret.value)) {
      const std::string name = fmt::format("{}.{}", prefix, entry.name);
      if (entry.name == "hosts") {
        for (const Value& item : items(name, entry.value)) {
          read_host(name, item, out);
        }
      } else if (entry.name == "file" || entry.name == "env") {
        ++sources;
        out.kind = entry.name == "file" ? SecretSource::Kind::kFile : SecretSource::Kind::kVariable;
        if (const std::string* from = text(name, entry.value)) {
          out.from = entry.name == "file" ? sandbox::absolute_path(*from, folder_) : *from;
        }
      } else if (entry.name == "command") {
        ++sources;
        read_command(name, entry.value, out);
      } else {
        unknown(prefix, entry, {"hosts", "file", "env", "command"});
      }
    }
    if (sources != 1) {
      problem("policy.bad_value", secret.name_mark,
              fmt::format("{} must have one of file, env and command: where its value is", prefix));
    }
    if (out.hosts.empty()) {
      problem("policy.bad_value", secret.name_mark,
              fmt::format("{} must have hosts: where it may be sent, such as [\"https://api.example.com\"]", prefix));
    }
    out_.secrets.push_back(std::move(out));
  }

  void read_host(std::string_view name, const Value& item, SecretSource& out) {
    const std::string* written = text(name, item);
    if (written == nullptr) {
      return;
    }
    const std::string pattern = written->find("://") == std::string::npos ? "https://" + *written : *written;
    if (auto parsed = sandbox::parse_net_pattern(pattern); !parsed) {
      problem("policy.bad_value", item.mark(), fmt::format("{}: {}", name, parsed.error().message));
      return;
    }
    out.hosts.push_back({pattern, {"*"}});
  }

  void read_command(std::string_view name, const Value& value, SecretSource& out) {
    out.kind = SecretSource::Kind::kCommand;
    for (const Value& item : items(name, value)) {
      if (const std::string* word = text(name, item)) {
        out.from.empty() ? void(out.from = *word) : out.arguments.push_back(*word);
      }
    }
    if (!out.from.starts_with('/')) {
      problem("policy.bad_value", value.mark(),
              fmt::format("{} must be a list that begins with the absolute path of a program", name));
    }
  }

  const document::Map& entries(std::string_view name, const Value& value) {
    static const document::Map none;
    if (value.as_map() == nullptr) {
      problem("policy.wrong_type", value.mark(),
              fmt::format("{} must be a map, got {}", name, to_string(value.kind())));
      return none;
    }
    return *value.as_map();
  }
  const document::List& items(std::string_view name, const Value& value) {
    static const document::List none;
    if (value.as_list() == nullptr) {
      problem("policy.wrong_type", value.mark(),
              fmt::format("{} must be a list, got {}", name, to_string(value.kind())));
      return none;
    }
    return *value.as_list();
  }
  const std::string* text(std::string_view name, const Value& value) {
    const std::string* out = value.as_string();
    if (out == nullptr || out->empty()) {
      problem("policy.wrong_type", value.mark(), fmt::format("{} must be a text that is not empty", name));
      return nullptr;
    }
    return out;
  }

  [[nodiscard]] Origin at(const Value& value) const {
    return {Origin::Kind::kFile, file_, value.mark().line, value.mark().column};
  }
  void unknown(std::string_view prefix, const Entry& entry, std::initializer_list<std::string_view> known) {
    problem("policy.unknown_key", entry.name_mark,
            fmt::format("there is no setting called {}{}",
                        base::quote(fmt::format("{}.{}", prefix, base::shorten(entry.name, kMostName))),
                        base::did_you_mean(entry.name, known)));
  }
  void problem(std::string_view reason, document::Mark mark, std::string message) {
    problems_.push_back(
        {Severity::kError, std::string(reason), std::move(message), Location{file_, mark.line, mark.column}});
  }

  const std::string& file_;
  const std::string& folder_;
  std::vector<Diagnostic>& problems_;
  NetworkSettings& out_;
};

}  // namespace

void NetworkSettings::add(const NetworkSettings& later) {
  addresses.insert(addresses.end(), later.addresses.begin(), later.addresses.end());
  if (later.certificates) {
    certificates = later.certificates;
  }
  for (const SecretSource& secret : later.secrets) {
    std::erase_if(secrets, [&](const SecretSource& known) { return known.name == secret.name; });
    secrets.push_back(secret);
  }
}

void read_net_section(const Value& value, const std::string& file, const std::string& folder,
                      std::vector<Diagnostic>& problems, NetworkSettings& out) {
  Reader(file, folder, problems, out).read_net(value);
}

void read_secrets_section(const Value& value, const std::string& file, const std::string& folder,
                          std::vector<Diagnostic>& problems, NetworkSettings& out) {
  Reader(file, folder, problems, out).read_secrets(value);
}

std::string describe(const SecretSource& source) {
  switch (source.kind) {
    case SecretSource::Kind::kFile:
      return "file " + source.from;
    case SecretSource::Kind::kVariable:
      return "variable " + source.from;
    case SecretSource::Kind::kCommand:
      break;
  }
  return fmt::format("command {}{}{}", source.from, source.arguments.empty() ? "" : " ",
                     fmt::join(source.arguments, " "));
}

}  // namespace caisson::runtime
