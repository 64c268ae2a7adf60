#include "runtime/policies.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "workflow/expression_evaluator.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <span>
#include <utility>

namespace caisson::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kConcurrency = "max_concurrency";

/// The first thing that `inner` has and `outer` has not; empty: there is none.
std::string grant_beyond(const sandbox::Grants& inner, const sandbox::Grants& outer) {
  const auto missing = [](const auto& some, const auto& all) {
    return std::ranges::find_if(some, [&](const auto& one) { return std::ranges::find(all, one) == all.end(); });
  };
  for (const sandbox::DirectoryGrant& directory : inner.directories) {
    const bool covered = std::ranges::any_of(outer.directories, [&](const sandbox::DirectoryGrant& most) {
      return sandbox::is_within(directory.host, most.host) &&
             (directory.access == sandbox::Access::kRead || most.access == sandbox::Access::kWrite) &&
             (!directory.links || most.links);
    });
    if (!covered) {
      return fmt::format("the directory '{}'", base::printable(directory.host));
    }
  }
  if (const auto one = missing(inner.net, outer.net); one != inner.net.end()) {
    return fmt::format("the address '{}'", base::printable(one->pattern));
  }
  if (const auto one = missing(inner.env, outer.env); one != inner.env.end()) {
    return fmt::format("the variable '{}'", base::printable(one->name));
  }
  if (const auto one = missing(inner.secrets, outer.secrets); one != inner.secrets.end()) {
    return fmt::format("the secret '{}'", base::printable(*one));
  }
  if (const auto one = missing(inner.imports, outer.imports); one != inner.imports.end()) {
    return fmt::format("the import '{}'", base::printable(*one));
  }
  const bool more_features =
      inner.features && outer.features && !inner.features->without(*outer.features).list().empty();
  return more_features || (outer.features && !inner.features)          ? "a WebAssembly proposal"
         : sandbox::reach(inner.clock) > sandbox::reach(outer.clock)   ? "this clock"
         : sandbox::reach(inner.random) > sandbox::reach(outer.random) ? "this randomness"
         : inner.wants_wasi() && !outer.wants_wasi()                   ? "WASI"
         : inner.stdin_is_input && !outer.stdin_is_input               ? "standard input"
                                                                       : "";
}

std::string conditions_disabled(const sandbox::Origin& by) {
  return fmt::format("a condition (`when`) is evaluated in a sandbox, and these are disabled by {}", to_string(by));
}

/// Resolves node after node, and keeps what is wrong with all of them.
class NodeResolver {
 public:
  NodeResolver(const workflow::Definition& definition, const Surroundings& surroundings,
               const base::Environment& environment)
      : definition_(definition),
        configurations_(surroundings.configurations),
        native_(configurations_.native()),
        within_(surroundings.within),
        ceiling_(configurations_.ceiling(environment)),
        context_{&environment, surroundings.folder, configurations_.user_file(), &configurations_.request()} {
    for (const sandbox::PolicyRequest& outer : within_) {
      narrow(outer);
    }
  }

  sandbox::Policy resolve(const workflow::NodeDefinition& node, std::vector<sandbox::Decision>* decisions) {
    if (const auto disabled = configurations_.wasm_disabled(); disabled && node.type().is_sandboxed()) {
      add(node, {Category::kPermissionDenied, "policy.refused",
                 fmt::format("wasm nodes are disabled by {}", to_string(*disabled))});
      return {};
    }
    if (const auto disabled = configurations_.inline_code_disabled(); disabled && node.spec->has_inline_code()) {
      add(node, {Category::kPermissionDenied, "policy.refused",
                 fmt::format("code in the text of a definition is forbidden by {}; put it into a file, and write "
                             "`file: PATH` instead of `code`",
                             to_string(*disabled))});
      return {};
    }
    if (const std::string_view host = node.spec->host_interpreter(); !host.empty()) {
      if (Status allowed = check_native(native_, host); !allowed) {
        add(node, std::move(allowed).error());
        return {};
      }
    }
    std::vector<const sandbox::PolicyRequest*> requests;
    std::ranges::copy(policy_requests(definition_, node), std::back_inserter(requests));
    const sandbox::PolicyRequest standard = within_limits(*requests.front());
    requests.front() = &standard;
    auto policy = sandbox::resolve_policy(requests, ceiling_, context_, decisions);
    const Status allowed = policy ? hold_grants(requests, *policy) : Status(policy.error());
    if (!allowed) {
      add(node, allowed.error());
      return {};
    }
    return *std::move(policy);
  }

  /// A condition is evaluated in a sandbox, whatever the node is.
  void check_condition(const workflow::NodeDefinition& node) {
    const auto disabled = configurations_.wasm_disabled();
    if (disabled && node.rules.when && !node.type().is_sandboxed()) {
      add(node, {Category::kPermissionDenied, "policy.refused", conditions_disabled(*disabled)});
    }
  }

  /// What the definition says about the run as a whole.
  void check_run() {
    const document::Mark mark = definition_.concurrency_mark;
    if (!definition_.says_concurrency) {
      return;
    }
    const sandbox::Origin origin{sandbox::Origin::Kind::kFile, definition_.file, mark.line, mark.column};
    const sandbox::LimitRequest asked{sandbox::find_run_limit(kConcurrency), definition_.max_concurrency, origin};
    if (Status checked = sandbox::check_run_limit(asked, ceiling_, context_); !checked) {
      Error error = std::move(checked).error();
      ++count_;
      std::ranges::move(error.diagnostics, std::back_inserter(diagnostics_));
      error.diagnostics.clear();
      first_ = std::move(error);
    }
  }

  /// Success when nothing was wrong.
  Status finish() && {
    if (!first_) {
      return {};
    }
    Error error = *std::move(first_);
    if (count_ > 1) {
      error.message = fmt::format("{} has {} problems with what its nodes may do; the first: {}",
                                  base::printable(definition_.file), count_, diagnostics_.front().message);
    }
    error.diagnostics = std::move(diagnostics_);
    return error;
  }

 private:
  static constexpr std::size_t kMostDiagnostics = 100;

  /// Limits of the node that runs this workflow are the most that its nodes may ask for.
  void narrow(const sandbox::PolicyRequest& outer) {
    const auto table = sandbox::limit_table();
    for (const sandbox::LimitRequest& limit : outer.limits) {
      sandbox::LimitBound& most = ceiling_.limits[static_cast<std::size_t>(limit.row - table.data())];
      if (sandbox::is_wider(most.amount, limit.amount)) {
        most = {limit.amount, limit.origin};
      }
    }
  }

  /// What a type of node has where nobody says otherwise, as far as such a node has it.
  [[nodiscard]] sandbox::PolicyRequest within_limits(sandbox::PolicyRequest standard) const {
    for (sandbox::LimitRequest& limit : standard.limits) {
      for (const sandbox::PolicyRequest& outer : within_) {
        const sandbox::LimitRequest* most = outer.find(*limit.row);
        limit.amount = most == nullptr ? limit.amount : sandbox::tighter(limit.amount, most->amount);
      }
    }
    return standard;
  }

  /// Where such a node has grants written, they are all that may be granted inside of it. A clock and randomness that
  /// nobody asked for, and code has all the same, are taken away. `requests`: the first is what the type has.
  [[nodiscard]] Status hold_grants(std::span<const sandbox::PolicyRequest* const> requests,
                                   sandbox::Policy& policy) const {
    const auto asked = [&](const auto& has) { return std::ranges::any_of(requests.subspan(1), has); };
    const bool asks_clock =
        asked([](const sandbox::PolicyRequest* request) { return request->clock || request->preset; });
    const bool asks_random =
        asked([](const sandbox::PolicyRequest* request) { return request->random || request->preset; });
    for (const sandbox::PolicyRequest& outer : within_) {
      if (!outer.has_grants()) {
        continue;
      }
      const std::array<const sandbox::PolicyRequest*, 1> most_requests{&outer};
      CAISSON_TRY(const sandbox::Policy most, sandbox::resolve_policy(most_requests, ceiling_, context_));
      sandbox::Grants& grants = policy.grants;
      if (!asks_clock && sandbox::reach(grants.clock) > sandbox::reach(most.grants.clock)) {
        grants.clock = most.grants.clock;
      }
      if (!asks_random && sandbox::reach(grants.random) > sandbox::reach(most.grants.random)) {
        grants.random = most.grants.random;
        grants.random_seed = most.grants.random_seed;
      }
      if (const std::string beyond = grant_beyond(grants, most.grants); !beyond.empty()) {
        return Error{Category::kPermissionDenied, "policy.refused",
                     fmt::format("{} is not among the grants of the node that runs this workflow", beyond)};
      }
    }
    return {};
  }

  void add(const workflow::NodeDefinition& node, Error error) {
    const std::string context = fmt::format("node '{}'", base::printable(node.id));
    if (error.diagnostics.empty()) {
      error.diagnostics.push_back({Severity::kError, error.reason, error.message, {}});
    }
    count_ += error.diagnostics.size();
    for (Diagnostic& d : error.diagnostics) {
      if (d.where.line == 0) {
        d.where = {definition_.file, node.mark.line, node.mark.column};
      }
      d.message = fmt::format("{}: {}", context, d.message);
      if (diagnostics_.size() < kMostDiagnostics) {
        diagnostics_.push_back(std::move(d));
      }
    }
    // A refusal counts more than what else is wrong.
    if (!first_ || (first_->category != Category::kPermissionDenied && error.category == Category::kPermissionDenied)) {
      first_ = std::move(error).with_context(context);
    }
  }

  const workflow::Definition& definition_;
  const Configurations& configurations_;
  NativeSettings native_;
  const std::vector<sandbox::PolicyRequest>& within_;
  sandbox::Ceiling ceiling_;
  sandbox::ResolveContext context_;
  std::optional<Error> first_;
  std::vector<Diagnostic> diagnostics_;
  std::size_t count_ = 0;
};

}  // namespace

Result<Configurations> with_project(const Configurations& configurations, const std::optional<std::string>& folder,
                                    const base::Environment& environment) {
  return folder && configurations.reads_files()
             ? configurations.with_project(Configurations::project_file(*folder, environment), environment)
             : Result<Configurations>(configurations);
}

RunBounds run_bounds(const Configurations& configurations, const base::Environment& environment) {
  const auto bounds = configurations.ceiling(environment).run_limits;
  const auto of = [&](std::string_view key) {
    return bounds[static_cast<std::size_t>(sandbox::find_run_limit(key) - sandbox::run_limit_table().data())];
  };
  return {of(kConcurrency), of("run_memory")};
}

Result<sandbox::Policy> expression_policy(const Surroundings& surroundings, const base::Environment& environment) {
  const Configurations& configurations = surroundings.configurations;
  if (const auto disabled = configurations.wasm_disabled()) {
    return Error{Category::kPermissionDenied, "policy.refused", conditions_disabled(*disabled)};
  }
  const std::array<const sandbox::PolicyRequest*, 1> requests{&workflow::expression_defaults()};
  const sandbox::ResolveContext context{&environment, surroundings.folder, configurations.user_file(), nullptr};
  return sandbox::resolve_policy(requests, configurations.ceiling(environment), context);
}

Result<Policies> resolve_policies(const workflow::Definition& definition, const Surroundings& surroundings,
                                  const base::Environment& environment) {
  NodeResolver resolver(definition, surroundings, environment);
  resolver.check_run();
  Policies out;
  workflow::for_each_node(definition.nodes, [&](const workflow::NodeDefinition& node) {
    if (node.type().has_policy()) {
      out.emplace(node.id, resolver.resolve(node, nullptr));
    }
    resolver.check_condition(node);
  });
  CAISSON_CHECK(std::move(resolver).finish());
  return out;
}

Result<std::vector<NodeDecisions>> explain_policies(const workflow::Definition& definition,
                                                    const Surroundings& surroundings,
                                                    const base::Environment& environment,
                                                    const std::optional<std::string>& node) {
  NodeResolver resolver(definition, surroundings, environment);
  resolver.check_run();
  std::vector<NodeDecisions> out;
  std::vector<std::string_view> ids;
  workflow::for_each_node(definition.nodes, [&](const workflow::NodeDefinition& candidate) {
    if (!candidate.type().has_policy()) {
      return;
    }
    ids.emplace_back(candidate.id);
    if (!node || *node == candidate.id) {
      NodeDecisions& explained = out.emplace_back();
      explained.node = candidate.id;
      explained.policy = resolver.resolve(candidate, &explained.decisions);
    }
  });
  CAISSON_CHECK(std::move(resolver).finish());
  if (node && out.empty()) {
    return Error{Category::kNotFound, "workflow.unknown_node",
                 fmt::format("there is no sandboxed node '{}'{}", base::printable(base::shorten(*node, 64)),
                             base::did_you_mean(*node, ids))};
  }
  return out;
}

Result<std::string> definition_folder(const std::string& file, const base::Environment& environment) {
  const fs::path folder = fs::path(file).parent_path();
  return environment.real_directory(folder.empty() ? fs::path(".") : folder);
}

}  // namespace caisson::runtime
