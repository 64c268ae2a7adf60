#include "runtime/policies.h"

#include "base/suggest.h"
#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <utility>

namespace caisson::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kConcurrency = "max_concurrency";

/// Resolves node after node, and keeps what is wrong with all of them.
class NodeResolver {
 public:
  NodeResolver(const workflow::Definition& definition, const std::optional<std::string>& folder,
               const Configurations& configurations, const base::Environment& environment)
      : definition_(definition),
        configurations_(configurations),
        ceiling_(configurations.ceiling(environment)),
        context_{&environment, folder, configurations.user_file(), &configurations.request()} {}

  sandbox::Policy resolve(const workflow::NodeDefinition& node, std::vector<sandbox::Decision>* decisions) {
    if (const auto disabled = configurations_.wasm_disabled()) {
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
    std::vector<const sandbox::PolicyRequest*> requests;
    std::ranges::copy(policy_requests(definition_, node), std::back_inserter(requests));
    auto policy = sandbox::resolve_policy(requests, ceiling_, context_, decisions);
    if (!policy) {
      add(node, std::move(policy).error());
      return {};
    }
    return *std::move(policy);
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

sandbox::LimitBound concurrency_bound(const Configurations& configurations, const base::Environment& environment) {
  const auto table = sandbox::run_limit_table();
  const auto row = static_cast<std::size_t>(sandbox::find_run_limit(kConcurrency) - table.data());
  return configurations.ceiling(environment).run_limits[row];
}

Result<Policies> resolve_policies(const workflow::Definition& definition, const std::optional<std::string>& folder,
                                  const Configurations& configurations, const base::Environment& environment) {
  NodeResolver resolver(definition, folder, configurations, environment);
  resolver.check_run();
  Policies out(definition.nodes.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (definition.nodes[i].type().is_sandboxed()) {
      out[i] = resolver.resolve(definition.nodes[i], nullptr);
    }
  }
  CAISSON_CHECK(std::move(resolver).finish());
  return out;
}

Result<std::vector<NodeDecisions>> explain_policies(const workflow::Definition& definition,
                                                    const std::optional<std::string>& folder,
                                                    const Configurations& configurations,
                                                    const base::Environment& environment,
                                                    const std::optional<std::string>& node) {
  NodeResolver resolver(definition, folder, configurations, environment);
  resolver.check_run();
  std::vector<NodeDecisions> out;
  std::vector<std::string_view> ids;
  for (const workflow::NodeDefinition& candidate : definition.nodes) {
    if (!candidate.type().is_sandboxed()) {
      continue;
    }
    ids.emplace_back(candidate.id);
    if (!node || *node == candidate.id) {
      NodeDecisions& explained = out.emplace_back();
      explained.node = candidate.id;
      explained.policy = resolver.resolve(candidate, &explained.decisions);
    }
  }
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
