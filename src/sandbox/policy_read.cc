#include "sandbox/policy_read.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "sandbox/net_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

namespace caisson::sandbox {

namespace {

using document::Entry;
using document::Value;

constexpr std::array<std::string_view, 13> kGrants = {"preset",  "wasi",    "read",    "write",  "env",
                                                      "args",    "stdin",   "clock",   "random", "net",
                                                      "secrets", "imports", "features"};
constexpr std::array<std::string_view, 2> kImports = {"kv", "emit"};
constexpr std::array<std::string_view, 4> kPresets = {"none", "compute", "wasi", "network"};
constexpr std::array<std::string_view, 4> kClocks = {"denied", "real", "coarse", "virtual"};
constexpr std::array<std::string_view, 3> kRandoms = {"denied", "real", "seeded"};
constexpr std::string_view kFileBytes = "file_bytes";  // stands for file_read and file_write
constexpr std::size_t kMostItems = 1'000;
constexpr std::size_t kMostPathBytes = 4'095;
constexpr std::size_t kMostNameBytes = 256;
constexpr std::size_t kMostTextBytes = 64 << 10;

std::string shown(std::string_view text) { return base::quote(base::shorten(text, 64)); }

std::vector<std::string_view> limit_names(LimitScope scope) {
  std::vector<std::string_view> out;
  std::ranges::transform(limit_table(), std::back_inserter(out), &LimitRow::key);
  out.push_back(kFileBytes);
  if (scope == LimitScope::kCallAndRun) {
    std::ranges::transform(run_limit_table(), std::back_inserter(out), &LimitRow::key);
  }
  return out;
}

/// The text of a scalar as parse_amount reads it.
std::optional<std::string> amount_text(const Value& value) {
  if (const auto* text = value.as_string()) {
    return *text;
  }
  if (const auto* integer = value.as_integer()) {
    return std::to_string(*integer);
  }
  if (const auto* number = value.as_number(); number != nullptr && std::isfinite(*number)) {
    return fmt::format("{}", *number);
  }
  return std::nullopt;
}

/// A scalar as a guest is given it: a literal value of a variable, an argument.
std::optional<std::string> literal_text(const Value& value) {
  if (const bool* boolean = value.as_bool()) {
    return *boolean ? "true" : "false";
  }
  return amount_text(value);
}

/// `{from: host}`: the value that the host has.
bool is_from_host(const Value& value) {
  const document::Map* map = value.as_map();
  const std::string* from =
      map != nullptr && map->size() == 1 && map->front().name == "from" ? map->front().value.as_string() : nullptr;
  return from != nullptr && *from == "host";
}

bool has_nul(std::string_view text) noexcept { return text.find('\0') != std::string_view::npos; }

/// Rows that a name stands for.
std::vector<const LimitRow*> rows_of(std::string_view key, LimitScope scope) {
  if (key == kFileBytes) {
    return {find_limit("file_read"), find_limit("file_write")};
  }
  const LimitRow* row = find_limit(key);
  if (row == nullptr && scope == LimitScope::kCallAndRun) {
    row = find_run_limit(key);
  }
  return row == nullptr ? std::vector<const LimitRow*>() : std::vector{row};
}

/// For the end of a message: the grant that was meant, otherwise all of them.
std::string which_grant(std::string_view name) {
  const std::string near = base::did_you_mean(name, kGrants);
  return near.empty() ? fmt::format("; it must be one of {}", fmt::join(kGrants, ", ")) : near;
}

}  // namespace

std::span<const std::string_view> grant_names() noexcept { return kGrants; }
std::span<const std::string_view> import_names() noexcept { return kImports; }

std::span<const std::string_view> feature_names() noexcept {
  static const auto names = [] {
    std::array<std::string_view, engine::kProposals> out{};
    std::ranges::transform(engine::Proposals::all().list(), out.begin(),
                           [](engine::Proposal proposal) { return engine::to_string(proposal); });
    return out;
  }();
  return names;
}

bool fits_pattern(std::string_view pattern, std::string_view name) noexcept {
  std::size_t at = 0;       // in the pattern
  std::size_t in_name = 0;  // in the name
  std::size_t star = std::string_view::npos;
  std::size_t after_star = 0;
  while (in_name < name.size()) {
    if (at < pattern.size() && pattern[at] == '*') {
      star = at++;
      after_star = in_name;
    } else if (at < pattern.size() && pattern[at] == name[in_name]) {
      ++at;
      ++in_name;
    } else if (star != std::string_view::npos) {
      at = star + 1;
      in_name = ++after_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', at) == std::string_view::npos;
}

Origin RequestReader::at(const Value& value) const {
  return origin_ ? *origin_ : Origin{Origin::Kind::kFile, file_, value.mark().line, value.mark().column};
}

void RequestReader::problem(std::string_view reason, document::Mark mark, std::string message) {
  if (!what_.empty()) {
    message = fmt::format("{}: {}", what_, message);
  }
  problems_.push_back(
      {Severity::kError, std::string(reason), std::move(message), Location{file_, mark.line, mark.column}});
}

void RequestReader::bad(std::string_view key, const Value& value, std::string_view why) {
  problem("policy.bad_value", value.mark(), fmt::format("{}: {}", key, why));
}

void RequestReader::wrong_kind(std::string_view key, const Value& value, std::string_view expected) {
  problem("policy.wrong_type", value.mark(),
          fmt::format("{} must be {}, got {}", key, expected, to_string(value.kind())));
}

bool RequestReader::is_map(const Value& value) {
  if (value.as_map() == nullptr && !value.is_null()) {
    problem("policy.wrong_type", value.mark(), fmt::format("this must be a map, got {}", to_string(value.kind())));
  }
  return value.as_map() != nullptr;
}

std::vector<const Value*> RequestReader::items(const Entry& entry) {
  const document::List* list = entry.value.as_list();
  if (list == nullptr) {
    if (entry.value.as_string() == nullptr) {
      wrong_kind(entry.name, entry.value, "a list");
      return {};
    }
    return {&entry.value};
  }
  if (list->size() > kMostItems) {
    bad(entry.name, entry.value, fmt::format("it has {} items; at most {} are allowed", list->size(), kMostItems));
    return {};
  }
  std::vector<const Value*> out;
  std::ranges::transform(*list, std::back_inserter(out), [](const Value& item) { return &item; });
  return out;
}

void RequestReader::read_limits(const Value& map, LimitScope scope) {
  if (!is_map(map)) {
    return;
  }
  for (const Entry& entry : *map.as_map()) {
    if (!entry.value.is_null()) {
      read_limit(entry, scope);
    }
  }
}

void RequestReader::read_limit(const Entry& entry, LimitScope scope) {
  const auto rows = rows_of(entry.name, scope);
  if (rows.empty()) {
    const auto known = limit_names(scope);
    problem("policy.unknown_key", entry.name_mark,
            fmt::format("there is no limit called {}{}", shown(entry.name), base::did_you_mean(entry.name, known)));
    return;
  }
  const auto text = amount_text(entry.value);
  if (!text) {
    wrong_kind(entry.name, entry.value, describe(rows.front()->unit));
    return;
  }
  for (const LimitRow* row : rows) {
    const auto amount = parse_limit(*row, *text);
    if (!amount) {
      bad(entry.name, entry.value, amount.error().message);
      return;
    }
    // `file_bytes` gives way to the names it stands for, whichever comes first.
    if (entry.name != kFileBytes || out_.find(*row) == nullptr) {
      out_.set(*row, *amount, at(entry.value));
    }
  }
}

void RequestReader::read_grants(const Value& map, RequestUse use) {
  if (!is_map(map)) {
    return;
  }
  for (const Entry& entry : *map.as_map()) {
    if (!entry.value.is_null()) {
      read_grant(entry, use);
    }
  }
}

void RequestReader::read_grant(const Entry& entry, RequestUse use) {
  const std::string_view key = entry.name;
  // A later `false` would take back what somebody denied.
  if (const bool* denied = entry.value.as_bool(); use == RequestUse::kDeny && denied != nullptr && !*denied) {
    bad(key, entry.value, "a denial is written as true, and ends only where it is written");
    return;
  }
  // Nobody has to allow these, so leaving them out of `allow` forbids nothing.
  if (use == RequestUse::kAllow && (key == "args" || key == "stdin" || key == "wasi")) {
    const bool* allowed = entry.value.as_bool();
    if (key == "args" || (allowed != nullptr && !*allowed)) {
      bad(key, entry.value,
          fmt::format("this is allowed unless it is denied: to forbid it, write `{}: true` in `deny`", key));
      return;
    }
  }
  if (key == "read") {
    read_directories(entry, Access::kRead, use, out_.read);
  } else if (key == "write") {
    read_directories(entry, Access::kWrite, use, out_.write);
  } else if (key == "env") {
    read_env(entry, use);
  } else if (key == "net") {
    read_net(entry);
  } else if (key == "clock") {
    read_clock(entry, use);
  } else if (key == "random") {
    read_random(entry, use);
  } else if (key == "secrets") {
    read_names(entry, out_.secrets, use);
  } else if (key == "imports") {
    read_names(entry, out_.imports, use);
  } else if (key == "features") {
    read_names(entry, out_.features, use);
  } else if (key == "args") {
    read_args(entry);
  } else if (key == "stdin") {
    read_stdin(entry);
  } else if (key == "preset") {
    read_preset(entry, use);
  } else if (key == "wasi") {
    if (const bool* wasi = entry.value.as_bool()) {
      out_.wasi = {*wasi, at(entry.value)};
    } else {
      wrong_kind(key, entry.value, "true or false");
    }
  } else {
    problem("policy.unknown_key", entry.name_mark,
            fmt::format("there is no grant called {}{}", shown(key), which_grant(key)));
  }
}

std::optional<DirectoryGrant> RequestReader::directory(std::string_view key, const Value& value, Access access,
                                                       RequestUse use) {
  DirectoryGrant out;
  out.access = access;
  if (const auto* text = value.as_string()) {
    // An operator allows and denies paths, with whatever is in their names; only who asks gives them names.
    const std::size_t colon = use == RequestUse::kAsk ? text->find(':') : std::string::npos;
    out.host = text->substr(0, colon);
    out.guest = colon == std::string::npos ? out.host : text->substr(colon + 1);
  } else if (const document::Map* map = value.as_map()) {
    constexpr std::array<std::string_view, 3> kNames = {"host", "guest", "links"};
    for (const Entry& entry : *map) {
      const std::string* part = entry.value.as_string();
      const bool* links = entry.value.as_bool();
      if (entry.name == "links" && links != nullptr) {
        out.links = *links;
      } else if ((entry.name == "host" || entry.name == "guest") && part != nullptr) {
        (entry.name == "host" ? out.host : out.guest) = *part;
      } else if (std::ranges::find(kNames, entry.name) == kNames.end()) {
        problem(
            "policy.unknown_key", entry.name_mark,
            fmt::format("{}: a directory has no {}{}", key, shown(entry.name), base::did_you_mean(entry.name, kNames)));
        return std::nullopt;
      } else {
        wrong_kind(fmt::format("{}: {}", key, entry.name), entry.value,
                   entry.name == "links" ? "true or false" : "a path");
        return std::nullopt;
      }
    }
    out.guest = out.guest.empty() ? out.host : out.guest;
  } else {
    wrong_kind(key, value, "paths, HOST:GUEST pairs, or maps of host, guest and links");
    return std::nullopt;
  }
  for (const std::string& path : {out.host, out.guest}) {
    if (path.empty() || has_nul(path) || path.size() > kMostPathBytes) {
      bad(key, value, fmt::format("{} is no path of a directory; write HOST or HOST:GUEST", shown(path)));
      return std::nullopt;
    }
  }
  return out;
}

void RequestReader::read_directories(const Entry& entry, Access access, RequestUse use,
                                     WrittenList<DirectoryGrant>& out) {
  out.emplace();
  for (const Value* item : items(entry)) {
    if (auto grant = directory(entry.name, *item, access, use)) {
      out->push_back({*std::move(grant), at(*item)});
    }
  }
}

void RequestReader::read_env(const Entry& entry, RequestUse use) {
  out_.env.emplace();
  const auto add = [&](const std::string& name, std::optional<std::string> value, const Value& where) {
    const bool pattern = use != RequestUse::kAsk && !value;
    if (name.empty() || name.size() > kMostNameBytes || has_nul(name) || name.find('=') != std::string::npos) {
      bad("env", where, fmt::format("{} is no name of a variable", shown(name)));
    } else if (!pattern && name != "*" && name.find('*') != std::string::npos) {
      bad("env", where, fmt::format("{}: name the variables one by one", shown(name)));
    } else if (value && (has_nul(*value) || value->size() > kMostTextBytes)) {
      bad("env", where,
          fmt::format("the value of {} has a zero byte or more than {} bytes", shown(name), kMostTextBytes));
    } else {
      out_.env->push_back({VariableGrant{name, std::move(value)}, at(where)});
    }
  };
  if (const document::Map* map = entry.value.as_map(); map != nullptr && use == RequestUse::kAsk) {
    for (const Entry& variable : *map) {
      auto value = literal_text(variable.value);
      if (!value && !is_from_host(variable.value)) {
        wrong_kind(fmt::format("env: {}", shown(variable.name)), variable.value,
                   "a text; to pass on a variable of the host, write {from: host}, or list its name");
        continue;
      }
      add(variable.name, std::move(value), variable.value);
    }
    return;
  }
  for (const Value* item : items(entry)) {
    if (const auto* name = item->as_string()) {
      add(*name, std::nullopt, *item);
    } else {
      wrong_kind("env", *item, "names of variables");
    }
  }
}

void RequestReader::read_args(const Entry& entry) {
  std::vector<std::string> args;
  for (const Value* item : items(entry)) {
    auto text = literal_text(*item);
    if (!text) {
      wrong_kind("args", *item, "a list of texts");
    } else if (has_nul(*text) || text->size() > kMostTextBytes) {
      bad("args", *item, fmt::format("an argument has a zero byte or more than {} bytes", kMostTextBytes));
    } else {
      args.push_back(*std::move(text));
    }
  }
  out_.args = {std::move(args), at(entry.value)};
}

void RequestReader::read_stdin(const Entry& entry) {
  if (const bool* input = entry.value.as_bool()) {
    out_.stdin_is_input = {*input, at(entry.value)};
  } else {
    wrong_kind("stdin", entry.value, "true (the input of the node) or false (empty)");
  }
}

void RequestReader::read_clock(const Entry& entry, RequestUse use) {
  const auto set = [&](ClockMode mode) { out_.clock = {mode, at(entry.value)}; };
  if (const bool* granted = entry.value.as_bool()) {
    set(*granted ? ClockMode::kReal : ClockMode::kDenied);
    return;
  }
  if (const auto* name = entry.value.as_string(); name != nullptr && use != RequestUse::kDeny) {
    for (const ClockMode mode : {ClockMode::kDenied, ClockMode::kReal, ClockMode::kCoarse, ClockMode::kVirtual}) {
      if (*name == to_string(mode)) {
        set(mode);
        return;
      }
    }
    bad("clock", entry.value,
        fmt::format("{} is none of denied, real, coarse, virtual{}", shown(*name), base::did_you_mean(*name, kClocks)));
    return;
  }
  wrong_kind("clock", entry.value, use == RequestUse::kDeny ? "true" : "true, real, coarse, virtual or denied");
}

void RequestReader::read_random(const Entry& entry, RequestUse use) {
  const auto set = [&](RandomMode mode, std::uint64_t seed = 0) {
    out_.random = {RandomRequest{mode, seed}, at(entry.value)};
  };
  if (const bool* granted = entry.value.as_bool()) {
    set(*granted ? RandomMode::kReal : RandomMode::kDenied);
    return;
  }
  if (use == RequestUse::kDeny) {
    wrong_kind("random", entry.value, "true");
    return;
  }
  if (const auto* name = entry.value.as_string()) {
    for (const RandomMode mode : {RandomMode::kDenied, RandomMode::kReal, RandomMode::kSeeded}) {
      if (*name == to_string(mode)) {
        set(mode);
        return;
      }
    }
    bad("random", entry.value,
        fmt::format("{} is none of denied, real, seeded{}", shown(*name), base::did_you_mean(*name, kRandoms)));
    return;
  }
  const document::Map* map = entry.value.as_map();
  if (map != nullptr && map->size() == 1 && map->front().name == "seed") {
    const Value& seed = map->front().value;
    if (const auto* number = seed.as_integer(); number != nullptr && *number >= 0) {
      set(RandomMode::kSeeded, static_cast<std::uint64_t>(*number));
    } else {
      bad("random", seed, "a seed is a whole number that is not negative");
    }
    return;
  }
  wrong_kind("random", entry.value, "true, real, seeded, denied or {seed: N}");
}

std::optional<NetGrant> RequestReader::net(const Value& value) {
  std::string text;
  if (const auto* pattern = value.as_string()) {
    text = *pattern;
  } else if (const document::Map* map = value.as_map()) {
    constexpr std::array<std::string_view, 2> kNames = {"url", "methods"};
    std::string methods;
    for (const Entry& entry : *map) {
      if (const auto* url = entry.value.as_string(); entry.name == "url" && url != nullptr) {
        text = *url;
      } else if (entry.name == "methods") {
        for (const Value* item : items(entry)) {
          const auto* method = item->as_string();
          methods += (methods.empty() ? "" : "|") + (method == nullptr ? "?" : *method);
        }
      } else if (entry.name == "url") {
        wrong_kind("net: url", entry.value, "a pattern of URLs");
        return std::nullopt;
      } else {
        problem("policy.unknown_key", entry.name_mark,
                fmt::format("net: there is no {}{}", shown(entry.name), base::did_you_mean(entry.name, kNames)));
        return std::nullopt;
      }
    }
    text = methods.empty() ? text : methods + ' ' + text;
  } else {
    wrong_kind("net", value, "patterns of URLs, or maps of url and methods");
    return std::nullopt;
  }
  auto grant = parse_net(text);
  if (!grant) {
    bad("net", value, grant.error().message);
    return std::nullopt;
  }
  return *std::move(grant);
}

void RequestReader::read_net(const Entry& entry) {
  out_.net.emplace();
  for (const Value* item : items(entry)) {
    if (auto grant = net(*item)) {
      out_.net->push_back({*std::move(grant), at(*item)});
    }
  }
}

void RequestReader::read_names(const Entry& entry, WrittenList<std::string>& out, RequestUse use) {
  out.emplace();
  const std::span<const std::string_view> known = entry.name == "imports"    ? import_names()
                                                  : entry.name == "features" ? feature_names()
                                                                             : std::span<const std::string_view>();
  for (const Value* item : items(entry)) {
    const auto* name = item->as_string();
    if (name == nullptr) {
      wrong_kind(entry.name, *item, "a list of names");
    } else if (name->empty() || name->size() > kMostNameBytes || has_nul(*name)) {
      bad(entry.name, *item, fmt::format("{} is no name", shown(*name)));
    } else if (use == RequestUse::kAsk && name->find('*') != std::string::npos) {
      bad(entry.name, *item, fmt::format("{}: name them one by one", shown(*name)));
    } else if (!known.empty() && *name != "*" && std::ranges::find(known, *name) == known.end()) {
      bad(entry.name, *item,
          fmt::format("{} is none of {}{}", shown(*name), fmt::join(known, ", "), base::did_you_mean(*name, known)));
    } else {
      out->push_back({*name, at(*item)});
    }
  }
}

void RequestReader::read_preset(const Entry& entry, RequestUse use) {
  const auto* name = entry.value.as_string();
  if (name == nullptr || use != RequestUse::kAsk) {
    use == RequestUse::kAsk ? wrong_kind("preset", entry.value, "none, compute, wasi or network")
                            : bad("preset", entry.value, "a preset is asked for; name what is allowed or denied");
    return;
  }
  for (const Preset preset : {Preset::kNone, Preset::kCompute, Preset::kWasi, Preset::kNetwork}) {
    if (*name == to_string(preset)) {
      out_.preset = {preset, at(entry.value)};
      return;
    }
  }
  bad("preset", entry.value,
      fmt::format("{} is none of none, compute, wasi, network{}", shown(*name), base::did_you_mean(*name, kPresets)));
}

}  // namespace caisson::sandbox
