#include "base/unicode.h"
#include "cli/command.h"
#include "cli/messages.h"
#include "cli/policy_options.h"
#include "document/print.h"
#include "document/value.h"
#include "runtime/configuration.h"
#include "sandbox/limit_table.h"
#include "sandbox/net_pattern.h"
#include "workflow/run_json.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace caisson::cli {

namespace {

using document::Value;
using runtime::Configurations;
using sandbox::Ceiling;
using sandbox::LostValue;
using sandbox::Origin;

/// A line of `config show`: a name, what counts, where it was written, what does not count.
struct Setting {
  std::string key;
  std::string value;
  std::string origin;
  std::string lock{};
  std::vector<LostValue> lost{};
};

std::string print(const std::string& name) { return name; }
std::string print(const sandbox::NetGrant& grant) { return sandbox::print_net(grant); }
std::string print(const sandbox::CeilingDirectory& directory) {
  return directory.strays ? fmt::format("{} (a link leads out of its folder: allows nothing)", directory.path)
                          : directory.path;
}

std::string locked(const std::optional<Origin>& lock) { return lock ? to_string(*lock) : std::string(); }

void add_limits(std::string_view section, std::span<const sandbox::LimitRow> table,
                const std::vector<sandbox::LimitBound>& bounds, std::vector<Setting>& out) {
  for (std::size_t i = 0; i < bounds.size(); ++i) {
    const sandbox::LimitRow& row = table[i];
    out.push_back({fmt::format("{}.{}", section, row.key), print_limit(row, bounds[i].amount),
                   to_string(bounds[i].origin), locked(bounds[i].lock), bounds[i].lost});
  }
}

template <typename T>
void add_grants(std::string_view key, const sandbox::GrantBound<T>& bound, std::vector<Setting>& out) {
  const auto add = [&](std::string_view section, const std::vector<sandbox::Written<T>>& items) {
    for (const sandbox::Written<T>& item : items) {
      out.push_back(
          {fmt::format("{}.{}", section, key), print(item.value), to_string(item.origin), locked(bound.lock)});
    }
  };
  const std::size_t before = out.size();
  add("allow", bound.allow);
  if (out.size() == before && key != "read") {
    out.push_back({fmt::format("allow.{}", key), "none", to_string(Origin{}), locked(bound.lock)});
  }
  out.back().lost = bound.lost;
  add("deny", bound.deny);
}

template <typename Mode>
void add_mode(std::string_view key, const sandbox::ModeBound<Mode>& bound, std::vector<Setting>& out) {
  out.push_back({fmt::format("allow.{}", key), std::string(to_string(bound.most.value)), to_string(bound.most.origin),
                 locked(bound.lock), bound.lost});
  if (bound.deny) {
    out.push_back({fmt::format("deny.{}", key), "true", to_string(*bound.deny)});
  }
}

void add_network(const runtime::NetworkSettings& network, std::vector<Setting>& out) {
  const std::string section = "net.";
  for (const auto& range : network.addresses) {
    out.push_back({section + "addresses", to_string(range.value), to_string(range.origin)});
  }
  if (network.certificates) {
    out.push_back({section + "certificates", network.certificates->value, to_string(network.certificates->origin)});
  }
  for (const runtime::SecretSource& secret : network.secrets) {
    std::string hosts;
    for (const sandbox::NetGrant& host : secret.hosts) {
      hosts += " " + host.pattern;
    }
    out.push_back(
        {"secrets." + secret.name, fmt::format("{}, for{}", describe(secret), hosts), to_string(secret.origin)});
  }
}

std::vector<Setting> settings_of(const Configurations& configurations, const base::Environment& environment) {
  const Ceiling ceiling = configurations.ceiling(environment);
  std::vector<Setting> out = {{"allow.read", "the folder of the definition", to_string(Origin{})}};
  add_grants("read", ceiling.read, out);
  add_grants("write", ceiling.write, out);
  add_grants("env", ceiling.env, out);
  add_grants("net", ceiling.net, out);
  add_grants("secrets", ceiling.secrets, out);
  add_grants("imports", ceiling.imports, out);
  add_grants("features", ceiling.features, out);
  add_mode("clock", ceiling.clock, out);
  add_mode("random", ceiling.random, out);
  const auto add_denied = [&](std::string_view key, const std::optional<Origin>& deny) {
    if (deny) {
      out.push_back({fmt::format("deny.{}", key), "true", to_string(*deny)});
    }
  };
  add_denied("wasi", ceiling.wasi_denied);
  add_denied("args", ceiling.args_denied);
  add_denied("stdin", ceiling.stdin_denied);
  add_limits("limits", sandbox::limit_table(), ceiling.limits, out);
  add_limits("limits", sandbox::run_limit_table(), ceiling.run_limits, out);
  add_limits("defaults", sandbox::limit_table(), ceiling.defaults, out);
  add_network(configurations.network(), out);
  for (const runtime::CompileLine& line : describe(configurations.compile())) {
    out.push_back({line.name, line.value, to_string(line.origin)});
  }
  if (const auto concurrency = configurations.max_concurrency()) {
    out.push_back({"execution.max_concurrency", std::to_string(concurrency->value), to_string(concurrency->origin)});
  }
  if (const auto disabled = configurations.inline_code_disabled()) {
    out.push_back({"execution.inline_code", "false", to_string(*disabled)});
  }
  if (const auto disabled = configurations.wasm_disabled()) {
    out.push_back({"runners.wasm.enabled", "false", to_string(*disabled)});
  }
  return out;
}

/// What was written and does nothing: because who wrote it may not, or because it is not where it is looked for.
std::vector<Diagnostic> vain_words(const std::vector<Setting>& settings, const base::Environment& environment) {
  std::vector<Diagnostic> out;
  const auto warn = [&](std::string message, Location where) {
    out.push_back({Severity::kWarning, "configuration.no_effect", std::move(message), std::move(where)});
  };
  for (const Setting& setting : settings) {
    for (const LostValue& lost : setting.lost) {
      const Origin& origin = lost.origin;
      if (lost.is_wider && origin.kind == Origin::Kind::kFile) {
        warn(fmt::format("{} {} does nothing: {}", setting.key, base::printable(lost.value), lost.why),
             {origin.name, origin.line, origin.column});
      } else if (lost.is_wider) {
        warn(fmt::format("{}: {} {} does nothing: {}", to_string(origin), setting.key, base::printable(lost.value),
                         lost.why),
             {});
      }
    }
  }
  for (const std::string& file : Configurations::misnamed_project_files(".", environment)) {
    warn("this is not read: a project's configuration is called caisson.toml", {file, 0, 0});
  }
  return out;
}

class ConfigCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] show|path|check")
        .about(
            "Shows what definitions may ask for here, and where that is configured: in /etc/caisson, in the user's "
            "folder, in "
            "the project's caisson.toml, by CAISSON_* variables, and by options. Later ones count more, except that a "
            "project never widens and that what is locked stays.")
        .operand("ACTION",
                 "`show` prints each setting with its origin and the values that do not count; `path` prints where "
                 "configuration is looked for; `check` prints what is wrong with it",
                 {"show", "path", "check"});
    policy_.describe(arguments);
    arguments.flag("--json", "Prints JSON", json_)
        .example("caisson config show", "Prints every setting that counts in this folder.")
        .example("caisson config check", "Says what is wrong with the configuration, and where.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (operands.size() != 1 || (operands[0] != "show" && operands[0] != "path" && operands[0] != "check")) {
      return fail_usage(context, "config", "write one of show, path and check behind it");
    }
    const auto configurations = load(context.environment);
    if (!configurations) {
      return fail_load(context, configurations.error(), operands[0] == "check");
    }
    if (operands[0] == "path") {
      context.output.out(paths(*configurations));
    } else if (operands[0] == "show") {
      context.output.out(show(settings_of(*configurations, context.environment)));
    } else {
      std::vector<Diagnostic> warnings = configurations->warnings();
      std::ranges::move(vain_words(settings_of(*configurations, context.environment), context.environment),
                        std::back_inserter(warnings));
      check(context, *configurations, warnings);
    }
    return 0;
  }

 private:
  Result<Configurations> load(const base::Environment& environment) const {
    CAISSON_TRY(const Configurations configurations, Configurations::load(environment, policy_.flags()));
    return configurations.with_project(Configurations::project_file(".", environment), environment);
  }

  int fail_load(Context& context, const Error& error, bool checking) const {
    if (!json_ || !checking) {
      return fail(context, error);
    }
    std::vector<Diagnostic> diagnostics = error.diagnostics;
    if (diagnostics.empty()) {
      diagnostics.push_back({Severity::kError, error.reason, error.message, {}});
    }
    context.output.out(verdict(false, diagnostics));
    return exit_code(error.category);
  }

  void check(Context& context, const Configurations& configurations, const std::vector<Diagnostic>& warnings) const {
    if (json_) {
      context.output.out(verdict(true, warnings));
      return;
    }
    print_diagnostics(context, warnings);
    std::size_t files = 0;
    for (const runtime::ConfigurationSource& source : configurations.sources()) {
      files += source.found && !source.path.empty() ? 1U : 0U;
    }
    context.output.out(fmt::format("ok, {} file{}\n", files, files == 1 ? "" : "s"));
  }

  static std::string verdict(bool valid, const std::vector<Diagnostic>& diagnostics) {
    Value list = Value::list();
    for (const Diagnostic& diagnostic : diagnostics) {
      list.push(workflow::to_value(diagnostic));
    }
    return document::to_json(Value::map({{"valid", valid}, {"diagnostics", std::move(list)}}),
                             document::JsonStyle::kIndented) +
           '\n';
  }

  [[nodiscard]] std::string paths(const Configurations& configurations) const {
    Value all = Value::list();
    std::string text;
    for (const runtime::ConfigurationSource& source : configurations.sources()) {
      all.push(Value::map({{"source", to_string(source.kind)}, {"path", source.path}, {"found", source.found}}));
      text += fmt::format("{:<10} {:<6} {}", to_string(source.kind), source.found ? "found" : "none",
                          base::printable(source.path));
      text.resize(text.find_last_not_of(' ') + 1);
      text += '\n';
    }
    return json_ ? document::to_json(all, document::JsonStyle::kIndented) + '\n' : text;
  }

  [[nodiscard]] std::string show(const std::vector<Setting>& settings) const {
    Value all = Value::list();
    std::string text;
    for (const Setting& setting : settings) {
      Value lost = Value::list();
      text += fmt::format("{:<26} {:<16} {}{}\n", setting.key, base::printable(setting.value), setting.origin,
                          setting.lock.empty() ? "" : "; locked by " + setting.lock);
      for (const LostValue& value : setting.lost) {
        lost.push(Value::map({{"value", value.value}, {"origin", to_string(value.origin)}, {"why", value.why}}));
        text += fmt::format("  lost: {:<18} {:<16} {}: {}\n", "", base::printable(value.value), to_string(value.origin),
                            value.why);
      }
      Value out = Value::map({{"key", setting.key}, {"value", setting.value}, {"origin", setting.origin}});
      if (!setting.lock.empty()) {
        out.set("locked_by", setting.lock);
      }
      out.set("lost", std::move(lost));
      all.push(std::move(out));
    }
    return json_ ? document::to_json(all, document::JsonStyle::kIndented) + '\n' : text;
  }

  PolicyOptions policy_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_config_command() { return std::make_unique<ConfigCommand>(); }

}  // namespace caisson::cli
