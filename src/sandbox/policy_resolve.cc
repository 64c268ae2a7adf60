#include "sandbox/policy_resolve.h"

#include "base/unicode.h"
#include "sandbox/internal/lifted.h"
#include "sandbox/internal/policy_advice.h"
#include "sandbox/internal/policy_asked.h"
#include "sandbox/net_pattern.h"
#include "sandbox/policy_read.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <utility>

namespace caisson::sandbox {

namespace {

constexpr std::string_view kRefused = "policy.refused";

/// Why a limit is refused, and what to do.
std::string limit_refusal(const LimitRequest& asked, const LimitBound& most, const Advice& advice) {
  const LimitRow& row = *asked.row;
  const std::string value = print_limit(row, asked.amount);
  return fmt::format("{} {} is above what is allowed, {} ({}); {}", row.key, value, print_limit(row, most.amount),
                     to_string(most.origin),
                     advice(most, most.origin, fmt::format("{}={}", row.key, value),
                            fmt::format("[limits] {} = \"{}\"", row.key, value)));
}

/// What was refused, where it was written.
Diagnostic refusal_at(std::string message, const Origin& origin, std::string_view reason) {
  const bool is_file = origin.kind == Origin::Kind::kFile;
  if (!is_file && origin.kind != Origin::Kind::kBuiltIn) {
    message = fmt::format("{}: {}", to_string(origin), message);
  }
  return {Severity::kError, std::string(reason), std::move(message),
          is_file ? Location{origin.name, origin.line, origin.column} : Location{}};
}

class Resolver {
 public:
  Resolver(const Ceiling& ceiling, const ResolveContext& context, std::vector<Decision>* decisions)
      : ceiling_(ceiling), context_(context), advice_(context.configuration_file), decisions_(decisions) {}

  Result<Policy> resolve(std::span<const PolicyRequest* const> requests) && {
    std::vector<const PolicyRequest*> all(requests.begin(), requests.end());
    if (context_.operators != nullptr) {
      all.push_back(context_.operators);
    }
    resolve_limits(all);
    asked_ = put_together(requests, context_.operators);
    resolve_plain();
    resolve_directories();
    resolve_env();
    resolve_net();
    resolve_names("secrets", asked_.grants.secrets, ceiling_.secrets, policy_.grants.secrets);
    resolve_names("imports", asked_.grants.imports, ceiling_.imports, policy_.grants.imports);
    resolve_features();
    if (ceiling_.wasi_denied && policy_.grants.wants_wasi()) {
      denied("wasi", "WASI", {}, *ceiling_.wasi_denied);
    }
    if (!problems_.empty()) {
      return error();
    }
    return std::move(policy_);
  }

 private:
  void resolve_limits(std::span<const PolicyRequest* const> requests) {
    const auto table = limit_table();
    for (std::size_t i = 0; i < table.size(); ++i) {
      resolve_limit(table[i], ceiling_.limits[i], ceiling_.defaults[i], requests);
    }
  }

  void resolve_limit(const LimitRow& row, const LimitBound& most, const LimitBound& standard,
                     std::span<const PolicyRequest* const> requests) {
    const LimitRequest* asked = nullptr;
    for (const PolicyRequest* request : requests) {
      const LimitRequest* nearer = request->find(row);
      asked = nearer == nullptr ? asked : nearer;
    }
    const bool cut = asked == nullptr && is_wider(standard.amount, most.amount);
    const Amount amount = asked != nullptr ? asked->amount : tighter(standard.amount, most.amount);
    const Origin& origin = asked != nullptr ? asked->origin : cut ? most.origin : standard.origin;
    if (is_wider(amount, most.amount)) {
      problem(limit_refusal(*asked, most, advice_), asked->origin);
      return;
    }
    row.set(policy_.limits, amount);
    if (decisions_ == nullptr) {
      return;
    }
    Decision out{fmt::format("limits.{}", row.key), print_limit(row, amount), origin, {}, {}};
    if (most.amount) {
      out.at_most = {print_limit(row, most.amount), most.origin};
    }
    const auto lose = [&](Amount value, const Origin& where, std::string_view why) {
      if (is_wider(value, amount)) {
        out.lost.push_back({print_limit(row, value), where, std::string(why)});
      }
    };
    for (const PolicyRequest* request : requests) {
      if (const LimitRequest* other = request->find(row); other != nullptr && other != asked) {
        lose(other->amount, other->origin, kNearer);
      }
    }
    if (asked == nullptr) {
      lose(standard.amount, standard.origin, "above what is allowed");
    } else {
      lose(standard.amount, standard.origin, "a default: something is named");
    }
    out.lost.insert(out.lost.end(), most.lost.begin(), most.lost.end());
    out.lost.insert(out.lost.end(), standard.lost.begin(), standard.lost.end());
    decisions_->push_back(std::move(out));
  }

  /// What has no list: it is granted or not.
  void resolve_plain() {
    const auto flag = [&](std::string_view key, const std::optional<Written<bool>>& asked,
                          const std::optional<Origin>& deny, bool& target) {
      target = asked && asked->value;
      if (target && deny) {
        denied(key, key, asked->origin, *deny);
      }
      decide(key, asked);
    };
    // Whether WASI is denied is asked at the end: other grants want it too.
    flag("wasi", asked_.grants.wasi, std::nullopt, policy_.grants.wasi);
    flag("stdin", asked_.grants.stdin_is_input, ceiling_.stdin_denied, policy_.grants.stdin_is_input);
    if (const auto& args = asked_.grants.args; args && !args->value.empty()) {
      policy_.grants.args = args->value;
      if (ceiling_.args_denied) {
        denied("args", "args", args->origin, *ceiling_.args_denied);
      }
    }
    decide("args", asked_.grants.args);
    if (const auto& clock = asked_.grants.clock) {
      policy_.grants.clock = clock->value;
      check_mode("clock", clock->value, clock->origin, ceiling_.clock);
    }
    decide("clock", asked_.grants.clock);
    if (const auto& random = asked_.grants.random) {
      policy_.grants.random = random->value.mode;
      policy_.grants.random_seed = random->value.seed;
      check_mode("random", random->value.mode, random->origin, ceiling_.random);
    }
    decide("random", asked_.grants.random);
  }

  template <typename Mode>
  void check_mode(std::string_view key, Mode mode, const Origin& origin, const ModeBound<Mode>& bound) {
    if (reach(mode) > 0 && bound.deny) {
      denied(key, fmt::format("{} {}", key, to_string(mode)), origin, *bound.deny);
    } else if (reach(mode) > reach(bound.most.value)) {
      std::string message = fmt::format("{} {} is more than what is allowed, {} ({}); ", key, to_string(mode),
                                        to_string(bound.most.value), to_string(bound.most.origin));
      message += advice_(bound, bound.most.origin, fmt::format("{}={}", key, to_string(mode)),
                         fmt::format("[allow] {} = \"{}\"", key, to_string(mode)));
      problem(std::move(message), origin);
    }
  }

  void resolve_directories() {
    for (const auto* list : {&asked_.grants.write, &asked_.grants.read}) {
      for (const Written<DirectoryGrant>& item : list->value_or(std::vector<Written<DirectoryGrant>>())) {
        resolve_directory(item);
      }
    }
    auto& directories = policy_.grants.directories;
    std::ranges::sort(directories, {}, &DirectoryGrant::guest);
    decide_directories("read", asked_.grants.read);
    decide_directories("write", asked_.grants.write);
  }

  /// Writing comes first, so that a directory that is asked for both ways is one that may be written.
  void resolve_directory(const Written<DirectoryGrant>& asked) {
    DirectoryGrant grant = asked.value;
    const std::string_view key = grant.access == Access::kWrite ? "write" : "read";
    if (!context_.folder && !grant.host.starts_with('/')) {
      problem(fmt::format("{} '{}' is relative, and this definition is no file: write an absolute path", key,
                          shown(grant.host)),
              asked.origin, Category::kInvalidArgument, "policy.bad_value");
      return;
    }
    const std::string path = absolute_path(grant.host, context_.folder.value_or("/"));
    const auto found = context_.environment->real_directory(path);
    const std::string real = found ? *found : follow_links(path, *context_.environment);
    if (const Origin* deny = denied_directory(path, real, grant.access)) {
      denied(key, fmt::format("{} '{}'{}", key, shown(path), leads_to(path, real)), asked.origin, *deny);
      return;
    }
    if (!may_use(real, grant.access)) {
      refuse_directory(key, path, real, asked.origin);
      return;
    }
    if (!found) {
      problem(fmt::format("{} '{}' cannot be used as a directory: {}", key, shown(path), found.error().message),
              asked.origin, Category::kNotFound, "policy.no_directory");
      return;
    }
    grant.host = real;
    auto& directories = policy_.grants.directories;
    const auto same = std::ranges::find(directories, grant.guest, &DirectoryGrant::guest);
    if (same == directories.end()) {
      directories.push_back(std::move(grant));
    } else if (same->host != grant.host) {
      problem(
          fmt::format("{} '{}': the guest already has a directory '{}', which is '{}'; give one of them another name, "
                      "as HOST:GUEST",
                      key, shown(path), shown(grant.guest), shown(same->host)),
          asked.origin, Category::kInvalidArgument, "policy.bad_value");
    } else {
      same->links = same->links || grant.links;
    }
  }

  /// Proposals that nobody names are whatever the profile compiles, less what is denied.
  void resolve_features() {
    const auto& asked = asked_.grants.features;
    const auto& deny = ceiling_.features.deny;
    engine::Proposals allowed = engine::Proposals::all();
    if (asked) {
      std::vector<std::string> names;
      resolve_names("features", asked, ceiling_.features, names);
      allowed = engine::Proposals::baseline();
      for (const std::string& name : names) {
        allowed = allowed.with(engine::proposal_named(name).value_or(engine::Proposal::kMutableGlobals));
      }
    } else {
      for (const engine::Proposal proposal : allowed.without(engine::Proposals::baseline()).list()) {
        const auto denies = [&](const auto& d) { return fits_pattern(d.value, engine::to_string(proposal)); };
        if (std::ranges::any_of(deny, denies)) {
          allowed = allowed.without(engine::Proposals().with(proposal));
        }
      }
      if (decisions_ != nullptr) {
        Decision out{"grants.features", "any", deny.empty() ? Origin() : deny.front().origin, {}, {}};
        for (const Written<std::string>& item : deny) {
          out.value += (&item == deny.data() ? " but " : ", ") + text_of(item.value);
        }
        decisions_->push_back(std::move(out));
      }
    }
    if (asked || !deny.empty()) {
      policy_.grants.features = allowed;
    }
  }

  /// The definition's own folder may be read.
  [[nodiscard]] bool may_use(const std::string& real, Access access) const {
    const auto covers = [&](const Written<CeilingDirectory>& allowed) {
      return is_within(real, allowed.value.real) && !strays(allowed.value);
    };
    if (std::ranges::any_of(ceiling_.write.allow, covers)) {
      return true;
    }
    const bool own = context_.folder && is_within(real, follow_links(*context_.folder, *context_.environment));
    return access == Access::kRead && (own || std::ranges::any_of(ceiling_.read.allow, covers));
  }

  /// Whether a link decides what an operator allowed: one beneath the folder where a relative path begins, or one that
  /// came with the definition.
  [[nodiscard]] bool strays(const CeilingDirectory& allowed) const {
    return allowed.strays || (context_.folder && strays_from(*context_.folder, allowed.path, *context_.environment));
  }

  /// A directory is denied when it is within a denied one, and also when a denied one is within it: a grant holds all
  /// that is beneath it.
  [[nodiscard]] const Origin* denied_directory(const std::string& path, const std::string& real, Access access) const {
    const auto meets = [](const std::string& a, const std::string& b) { return is_within(a, b) || is_within(b, a); };
    for (const auto* bound : {&ceiling_.read, &ceiling_.write}) {
      if (bound == &ceiling_.write && access == Access::kRead) {
        continue;
      }
      for (const Written<CeilingDirectory>& deny : bound->deny) {
        if (meets(real, deny.value.real) || meets(path, deny.value.path)) {
          return &deny.origin;
        }
      }
    }
    return nullptr;
  }

  static std::string leads_to(const std::string& path, const std::string& real) {
    return path == real ? "" : fmt::format(", which leads to '{}',", shown(real));
  }

  void refuse_directory(std::string_view key, const std::string& path, const std::string& real, const Origin& origin) {
    const auto& lock = key == "write" ? ceiling_.write.lock : ceiling_.read.lock;
    std::string message = fmt::format("{} '{}'{} is not allowed; ", key, shown(path), leads_to(path, real));
    for (const auto* bound : {&ceiling_.read, &ceiling_.write}) {
      for (const Written<CeilingDirectory>& allowed : bound->allow) {
        if (is_within(real, allowed.value.real) && strays(allowed.value)) {
          message += fmt::format("{} does not allow it, because a link leads there; ", to_string(allowed.origin));
        }
      }
    }
    message += lock
                   ? Advice::locked(*lock)
                   : advice_(fmt::format("{}={}", key, real), fmt::format("[allow] {} = [{}]", key, base::quote(real)));
    problem(std::move(message), origin);
  }

  void resolve_env() {
    for (const Written<VariableGrant>& item : asked_.grants.env.value_or(std::vector<Written<VariableGrant>>())) {
      if (item.value.value) {
        add_variable(item.value);  // data of the definition, no authority
      } else if (item.value.name == "*") {
        resolve_all_variables(item.origin);
      } else if (check_name("env", item.value.name, item.origin, ceiling_.env)) {
        add_from_host(item.value.name);
      }
    }
    std::ranges::sort(policy_.grants.env, {}, &VariableGrant::name);
    decide_list("env", asked_.grants.env);
  }

  /// All variables of the host, but those that are denied: nobody named them one by one.
  void resolve_all_variables(const Origin& origin) {
    const auto& allow = ceiling_.env.allow;
    if (std::ranges::none_of(allow, [](const Written<std::string>& item) { return item.value == "*"; })) {
      refuse_name("env", "*", origin, ceiling_.env);
      return;
    }
    for (const std::string& name : context_.environment->variable_names()) {
      const bool is_denied = std::ranges::any_of(
          ceiling_.env.deny, [&](const Written<std::string>& deny) { return fits_pattern(deny.value, name); });
      if (!is_denied) {
        add_from_host(name);
      }
    }
  }

  void add_from_host(const std::string& name) {
    policy_.grants.wasi = true;  // also where the host has no such variable: the guest is to find none, not no WASI
    if (auto value = context_.environment->variable(name)) {
      add_variable({name, std::move(value), true});
    }
  }

  void add_variable(VariableGrant variable) {
    auto& env = policy_.grants.env;
    if (std::ranges::find(env, variable.name, &VariableGrant::name) == env.end()) {
      env.push_back(std::move(variable));
    }
  }

  void resolve_net() {
    for (const Written<NetGrant>& item : asked_.grants.net.value_or(std::vector<Written<NetGrant>>())) {
      const auto& bound = ceiling_.net;
      const auto deny = std::ranges::find_if(bound.deny, [&](const auto& d) { return net_meets(d.value, item.value); });
      if (deny != bound.deny.end()) {
        denied("net", fmt::format("net {}", text_of(item.value)), item.origin, deny->origin);
      } else if (std::ranges::any_of(bound.allow, [&](const auto& a) { return net_covers(a.value, item.value); })) {
        policy_.grants.net.push_back(item.value);
      } else {
        const std::string text = print_net(item.value);
        std::string message = fmt::format("net {} is not allowed; ", shown(text));
        message += bound.lock
                       ? Advice::locked(*bound.lock)
                       : advice_(fmt::format("net={}", text), fmt::format("[allow] net = [{}]", base::quote(text)));
        problem(std::move(message), item.origin);
      }
    }
    unique(policy_.grants.net);
    decide_list("net", asked_.grants.net);
  }

  void resolve_names(std::string_view key, const WrittenList<std::string>& asked, const GrantBound<std::string>& bound,
                     std::vector<std::string>& out) {
    for (const Written<std::string>& item : asked.value_or(std::vector<Written<std::string>>())) {
      if (check_name(key, item.value, item.origin, bound)) {
        out.push_back(item.value);
      }
    }
    unique(out);
    decide_list(key, asked);
  }

  bool check_name(std::string_view key, const std::string& name, const Origin& origin,
                  const GrantBound<std::string>& bound) {
    const auto fits = [&](const Written<std::string>& item) { return fits_pattern(item.value, name); };
    const auto deny = std::ranges::find_if(bound.deny, fits);
    if (deny != bound.deny.end()) {
      denied(key, fmt::format("{} {}", key, shown(name)), origin, deny->origin);
      return false;
    }
    if (std::ranges::none_of(bound.allow, fits)) {
      refuse_name(key, name, origin, bound);
      return false;
    }
    return true;
  }

  void refuse_name(std::string_view key, const std::string& name, const Origin& origin,
                   const GrantBound<std::string>& bound) {
    std::string message = fmt::format("{} {} is not allowed; ", key, shown(name));
    message += bound.lock
                   ? Advice::locked(*bound.lock)
                   : advice_(fmt::format("{}={}", key, name), fmt::format("[allow] {} = [{}]", key, base::quote(name)));
    problem(std::move(message), origin);
  }

  template <typename T>
  static void unique(std::vector<T>& list) {
    std::ranges::sort(list);
    list.erase(std::ranges::unique(list).begin(), list.end());
  }

  void denied(std::string_view key, std::string_view what, const Origin& origin, const Origin& deny) {
    problem(fmt::format("{} is denied by {}; what is denied cannot be allowed: remove it there, or do not ask for {}",
                        what, to_string(deny), key),
            origin);
  }

  template <typename T>
  void decide(std::string_view key, const std::optional<Written<T>>& asked) {
    if (decisions_ == nullptr) {
      return;
    }
    Decision out{fmt::format("grants.{}", key),
                 asked ? text_of(asked->value) : "none",
                 asked ? asked->origin : Origin{},
                 {},
                 {}};
    add_lost(key, out);
    decisions_->push_back(std::move(out));
  }

  /// As decide_list, with the directory that a link leads to.
  void decide_directories(std::string_view key, const WrittenList<DirectoryGrant>& asked) {
    const std::size_t first = decisions_ == nullptr ? 0 : decisions_->size();
    decide_list(key, asked);
    for (std::size_t i = first; decisions_ != nullptr && asked && i < first + asked->size(); ++i) {
      const DirectoryGrant& grant = (*asked)[i - first].value;
      const std::string path = absolute_path(grant.host, context_.folder.value_or("/"));
      if (const std::string real = follow_links(path, *context_.environment); real != path) {
        (*decisions_)[i].value += fmt::format(", which is '{}'", shown(real));
      }
    }
  }

  template <typename T>
  void decide_list(std::string_view key, const WrittenList<T>& asked) {
    if (decisions_ == nullptr) {
      return;
    }
    const bool any = asked && !asked->empty();
    std::vector<Decision> out;
    for (std::size_t i = 0; any && i < asked->size(); ++i) {
      out.push_back({fmt::format("grants.{}", key), text_of((*asked)[i].value), (*asked)[i].origin, {}, {}});
    }
    if (!any) {
      out.push_back({fmt::format("grants.{}", key), "none", {}, {}, {}});
    }
    add_lost(key, out.front());
    std::ranges::move(out, std::back_inserter(*decisions_));
  }

  void add_lost(std::string_view key, Decision& decision) const {
    for (const auto& [name, value] : asked_.lost) {
      if (name == key) {
        decision.lost.push_back(value);
      }
    }
  }

  void problem(std::string message, const Origin& origin, Category category = Category::kPermissionDenied,
               std::string_view reason = kRefused) {
    problems_.push_back(refusal_at(std::move(message), origin, reason));
    categories_.push_back(category);
  }

  /// A refusal counts more than what else is wrong.
  Error error() {
    std::size_t main = 0;
    for (std::size_t i = 0; i < categories_.size(); ++i) {
      if (categories_[i] == Category::kPermissionDenied) {
        main = i;
        break;
      }
    }
    std::vector<std::string> messages;
    std::ranges::transform(problems_, std::back_inserter(messages), &Diagnostic::message);
    return {categories_[main], problems_[main].reason, fmt::format("{}", fmt::join(messages, "; and ")),
            std::move(problems_)};
  }

  const Ceiling& ceiling_;
  const ResolveContext& context_;
  Advice advice_;
  std::vector<Decision>* decisions_;
  Asked asked_;
  Policy policy_;
  std::vector<Diagnostic> problems_;
  std::vector<Category> categories_;
};

}  // namespace

Status check_run_limit(const LimitRequest& asked, const Ceiling& ceiling, const ResolveContext& context) {
  const LimitBound& most = ceiling.run_limits[static_cast<std::size_t>(asked.row - run_limit_table().data())];
  if (!is_wider(asked.amount, most.amount)) {
    return {};
  }
  Diagnostic refusal =
      refusal_at(limit_refusal(asked, most, Advice(context.configuration_file)), asked.origin, kRefused);
  Error error{Category::kPermissionDenied, std::string(kRefused), refusal.message, {}};
  error.diagnostics.push_back(std::move(refusal));
  return error;
}

Result<Policy> resolve_policy(std::span<const PolicyRequest* const> requests, const Ceiling& ceiling,
                              const ResolveContext& context, std::vector<Decision>* decisions) {
  if constexpr (base::controls_can_be_switched()) {
    const Ceiling without = lifted(ceiling);
    return Resolver(without, context, decisions).resolve(requests);
  }
  return Resolver(ceiling, context, decisions).resolve(requests);
}

}  // namespace caisson::sandbox
