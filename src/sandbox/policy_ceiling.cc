#include "sandbox/policy_ceiling.h"

#include "sandbox/net_pattern.h"
#include "sandbox/policy_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <ranges>
#include <utility>

namespace caisson::sandbox {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kProject = "a project's file never widens";
constexpr std::array<std::string_view, 9> kLockedGrants = {"read",    "write",    "env",   "net",   "secrets",
                                                           "imports", "features", "clock", "random"};

std::string locked_by(const Origin& lock) { return fmt::format("locked by {}", to_string(lock)); }

bool covers(const CeilingDirectory& outer, const CeilingDirectory& inner) {
  return !outer.strays && is_within(inner.real, outer.real);
}
bool covers(const std::string& outer, const std::string& inner) { return outer == inner || fits_pattern(outer, inner); }
bool covers(const NetGrant& outer, const NetGrant& inner) { return net_covers(outer, inner); }

std::string print(const CeilingDirectory& directory) { return directory.path; }
std::string print(const std::string& name) { return name; }
std::string print(const NetGrant& grant) { return print_net(grant); }

class CeilingBuilder {
 public:
  explicit CeilingBuilder(const base::Environment& environment) : environment_(environment) {
    for (const LimitRow& row : limit_table()) {
      ceiling_.limits.push_back({.amount = row.ceiling});
      ceiling_.defaults.push_back({.amount = row.get(Limits{})});
    }
    for (const LimitRow& row : run_limit_table()) {
      ceiling_.run_limits.push_back({.amount = row.ceiling});
    }
    ceiling_.clock.most.value = ClockMode::kReal;
    ceiling_.random.most.value = RandomMode::kReal;
    for (const std::string_view name : import_names()) {
      ceiling_.imports.allow.push_back({std::string(name), {}});
    }
    ceiling_.features.allow.push_back({"*", {}});
  }

  void add(const CeilingLayer& layer) {
    add_limits(layer.allow.limits, ceiling_.limits, layer.narrows_only);
    add_limits(layer.defaults.limits, ceiling_.defaults, layer.narrows_only);
    add_directories(layer.allow.read, layer.deny.read, ceiling_.read, layer);
    add_directories(layer.allow.write, layer.deny.write, ceiling_.write, layer);
    add_allowed(names(layer.allow.env), ceiling_.env, layer.narrows_only);
    std::ranges::move(names(layer.deny.env), std::back_inserter(ceiling_.env.deny));
    add_both(layer.allow.net, layer.deny.net, ceiling_.net, layer.narrows_only);
    add_both(layer.allow.secrets, layer.deny.secrets, ceiling_.secrets, layer.narrows_only);
    add_both(layer.allow.imports, layer.deny.imports, ceiling_.imports, layer.narrows_only);
    add_both(layer.allow.features, layer.deny.features, ceiling_.features, layer.narrows_only);
    add_mode(layer.allow.clock, layer.deny.clock, ceiling_.clock, layer.narrows_only);
    add_random(layer);
    deny(layer.deny.wasi, ceiling_.wasi_denied);
    deny(layer.deny.stdin_is_input, ceiling_.stdin_denied);
    if (layer.deny.args && !ceiling_.args_denied) {
      ceiling_.args_denied = layer.deny.args->origin;
    }
    for (const Written<std::string>& name : layer.locks) {
      if (!layer.narrows_only) {
        lock(name.value, name.origin);
      }
    }
  }

  Ceiling take() && { return std::move(ceiling_); }

 private:
  /// `calls`: the bounds for limits of a call; those of a run have one place.
  void add_limits(const std::vector<LimitRequest>& requests, std::vector<LimitBound>& calls, bool narrows_only) {
    for (const LimitRequest& request : requests) {
      const bool is_of_run = find_run_limit(request.row->key) == request.row;
      LimitBound& bound = is_of_run
                              ? ceiling_.run_limits[static_cast<std::size_t>(request.row - run_limit_table().data())]
                              : calls[static_cast<std::size_t>(request.row - limit_table().data())];
      const bool wider = is_wider(request.amount, bound.amount);
      if (wider && (bound.lock || narrows_only)) {
        bound.lost.push_back({print_limit(*request.row, request.amount), request.origin,
                              bound.lock ? locked_by(*bound.lock) : std::string(kProject), true});
        continue;
      }
      if (!wider && bound.amount != request.amount) {
        bound.lost.push_back({print_limit(*request.row, bound.amount), bound.origin,
                              fmt::format("{} says less", to_string(request.origin))});
      }
      bound.amount = request.amount;
      bound.origin = request.origin;
      bound.by_project = narrows_only;
    }
  }

  std::vector<Written<CeilingDirectory>> directories(const WrittenList<DirectoryGrant>& list,
                                                     const std::string& folder) const {
    std::vector<Written<CeilingDirectory>> out;
    for (const Written<DirectoryGrant>& item : list.value_or(std::vector<Written<DirectoryGrant>>())) {
      std::string path = absolute_path(item.value.host, folder);
      std::string real = follow_links(path, environment_);
      const bool strays = !item.value.host.starts_with('/') && strays_from(folder, path, environment_);
      out.push_back({{std::move(path), std::move(real), strays}, item.origin});
    }
    return out;
  }

  void add_directories(const WrittenList<DirectoryGrant>& allow, const WrittenList<DirectoryGrant>& deny,
                       GrantBound<CeilingDirectory>& bound, const CeilingLayer& layer) const {
    add_allowed(directories(allow, layer.folder), bound, layer.narrows_only);
    std::ranges::move(directories(deny, layer.folder), std::back_inserter(bound.deny));
  }

  static std::vector<Written<std::string>> names(const WrittenList<VariableGrant>& list) {
    std::vector<Written<std::string>> out;
    for (const Written<VariableGrant>& item : list.value_or(std::vector<Written<VariableGrant>>())) {
      out.push_back({item.value.name, item.origin});
    }
    return out;
  }

  template <typename T>
  static void add_allowed(const std::vector<Written<T>>& items, GrantBound<T>& bound, bool narrows_only) {
    for (const Written<T>& item : items) {
      const bool known = std::ranges::any_of(bound.allow, [&](const auto& a) { return covers(a.value, item.value); });
      if (!known && (bound.lock || narrows_only)) {
        bound.lost.push_back(
            {print(item.value), item.origin, bound.lock ? locked_by(*bound.lock) : std::string(kProject), true});
      } else if (!known) {
        bound.allow.push_back(item);
      }
    }
  }

  template <typename T>
  static void add_both(const WrittenList<T>& allow, const WrittenList<T>& deny, GrantBound<T>& bound,
                       bool narrows_only) {
    add_allowed(allow.value_or(std::vector<Written<T>>()), bound, narrows_only);
    std::ranges::copy(deny.value_or(std::vector<Written<T>>()), std::back_inserter(bound.deny));
  }

  template <typename Mode>
  static void add_mode(const std::optional<Written<Mode>>& allow, const std::optional<Written<Mode>>& deny,
                       ModeBound<Mode>& bound, bool narrows_only) {
    if (deny && reach(deny->value) > 0 && !bound.deny) {
      bound.deny = deny->origin;
    }
    if (!allow) {
      return;
    }
    const bool wider = reach(allow->value) > reach(bound.most.value);
    if (wider && (bound.lock || narrows_only)) {
      bound.lost.push_back({std::string(to_string(allow->value)), allow->origin,
                            bound.lock ? locked_by(*bound.lock) : std::string(kProject), true});
      return;
    }
    if (!wider && allow->value != bound.most.value) {
      bound.lost.push_back({std::string(to_string(bound.most.value)), bound.most.origin,
                            fmt::format("{} says less", to_string(allow->origin))});
    }
    bound.most = *allow;
    bound.by_project = narrows_only;
  }

  void add_random(const CeilingLayer& layer) {
    const auto mode = [](const std::optional<Written<RandomRequest>>& random) {
      return random ? std::optional(Written<RandomMode>{random->value.mode, random->origin}) : std::nullopt;
    };
    add_mode(mode(layer.allow.random), mode(layer.deny.random), ceiling_.random, layer.narrows_only);
  }

  static void deny(const std::optional<Written<bool>>& word, std::optional<Origin>& denied) {
    if (word && word->value && !denied) {
      denied = word->origin;
    }
  }

  /// The first lock of a name counts.
  void lock(std::string_view name, const Origin& origin) {
    const auto close = [&](std::optional<Origin>& target) { target = target ? target : std::optional(origin); };
    const auto close_limits = [&](std::string_view section, std::span<const LimitRow> table,
                                  std::vector<LimitBound>& bounds) {
      for (std::size_t i = 0; i < bounds.size(); ++i) {
        if (name == section || name == fmt::format("{}.{}", section, table[i].key)) {
          close(bounds[i].lock);
        }
      }
    };
    close_limits("limits", limit_table(), ceiling_.limits);
    close_limits("limits", run_limit_table(), ceiling_.run_limits);
    close_limits("defaults", limit_table(), ceiling_.defaults);
    const auto is = [&](std::string_view key) { return name == "allow" || name == fmt::format("allow.{}", key); };
    if (is("read")) {
      close(ceiling_.read.lock);
    }
    if (is("write")) {
      close(ceiling_.write.lock);
    }
    if (is("env")) {
      close(ceiling_.env.lock);
    }
    if (is("net")) {
      close(ceiling_.net.lock);
    }
    if (is("secrets")) {
      close(ceiling_.secrets.lock);
    }
    if (is("imports")) {
      close(ceiling_.imports.lock);
    }
    if (is("features")) {
      close(ceiling_.features.lock);
    }
    if (is("clock")) {
      close(ceiling_.clock.lock);
    }
    if (is("random")) {
      close(ceiling_.random.lock);
    }
  }

  const base::Environment& environment_;
  Ceiling ceiling_;
};

}  // namespace

bool is_lock_name(std::string_view name) noexcept {
  if (name == "limits" || name == "allow" || name == "defaults") {
    return true;
  }
  const std::size_t dot = name.find('.');
  if (dot == std::string_view::npos) {
    return false;
  }
  const std::string_view section = name.substr(0, dot);
  const std::string_view key = name.substr(dot + 1);
  if (section == "limits" || section == "defaults") {
    return find_limit(key) != nullptr || (section == "limits" && find_run_limit(key) != nullptr);
  }
  return section == "allow" && std::ranges::find(kLockedGrants, key) != kLockedGrants.end();
}

int reach(ClockMode mode) noexcept {
  switch (mode) {
    case ClockMode::kDenied:
      return 0;
    case ClockMode::kVirtual:
      return 1;
    case ClockMode::kCoarse:
      return 2;
    case ClockMode::kReal:
      break;
  }
  return 3;
}

int reach(RandomMode mode) noexcept { return mode == RandomMode::kDenied ? 0 : mode == RandomMode::kSeeded ? 1 : 2; }

std::string absolute_path(std::string_view path, std::string_view folder) {
  fs::path out = (fs::path(folder) / fs::path(path)).lexically_normal();
  if (!out.has_filename() && out.has_relative_path()) {
    out = out.parent_path();  // a slash at the end
  }
  return out.native();
}

bool is_within(std::string_view path, std::string_view folder) noexcept {
  return path == folder || folder == "/" ||
         (path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/');
}

std::string follow_links(const std::string& path, const base::Environment& environment) {
  fs::path rest;
  for (fs::path at = path;; at = at.parent_path()) {
    if (const auto real = environment.real_path(at)) {
      return rest.empty() ? *real : (fs::path(*real) / rest).lexically_normal().native();
    }
    if (!at.has_relative_path()) {
      return path;
    }
    rest = rest.empty() ? at.filename() : at.filename() / rest;
  }
}

bool strays_from(const std::string& folder, const std::string& path, const base::Environment& environment) {
  const std::string real = follow_links(folder, environment);
  if (is_within(follow_links(path, environment), real)) {
    return false;
  }
  for (fs::path at = path; at.has_relative_path(); at = at.parent_path()) {
    if (is_within(follow_links(at.native(), environment), real)) {
      return true;
    }
  }
  return false;
}

Ceiling make_ceiling(std::span<const CeilingLayer> layers, const base::Environment& environment) {
  CeilingBuilder builder(environment);
  for (const CeilingLayer& layer : layers) {
    builder.add(layer);
  }
  return std::move(builder).take();
}

}  // namespace caisson::sandbox
