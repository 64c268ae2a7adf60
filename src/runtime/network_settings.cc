#include "runtime/network_settings.h"

#include "base/unicode.h"
#include "runtime/section_reader.h"
#include "sandbox/net_pattern.h"
#include "sandbox/policy_ceiling.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace caisson::runtime {

namespace {

using document::Entry;
using document::Value;

constexpr std::size_t kMostName = 64;

constexpr std::array<std::string_view, 2> kNetNames = {"addresses", "certificates"};
constexpr std::array<std::string_view, 4> kSecretNames = {"hosts", "file", "env", "command"};

class Reader : SectionReader {
 public:
  Reader(const std::string& file, const std::string& folder, std::vector<Diagnostic>& problems, NetworkSettings& out)
      : SectionReader(file, problems), folder_(folder), out_(out) {}

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
        unknown("net", entry, kNetNames);
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
        unknown(prefix, entry, kSecretNames);
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

  const std::string& folder_;
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
