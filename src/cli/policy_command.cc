#include "base/suggest.h"
#include "base/unicode.h"
#include "cli/command.h"
#include "cli/definition_source.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"
#include "cli/policy_options.h"
#include "cli/policy_translation.h"
#include "document/print.h"
#include "document/value.h"
#include "runtime/definitions.h"
#include "runtime/machinery.h"
#include "runtime/policies.h"
#include "sandbox/policy_print.h"
#include "workflow/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson::cli {

namespace {

using document::Value;
using runtime::NodeDecisions;

class PolicyCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] explain|translate FILE [NODE]")
        .about(
            "`explain` says what the nodes of a workflow may do: each limit and grant with its effective value, where "
            "that was written, and every wider value that does not count. `translate` writes a policy of another "
            "system as the `limits` and `grants` of a definition, or in the words of a third; whether that is allowed "
            "is not asked.")
        .operand("explain|translate", "What to do", {"explain", "translate"})
        .operand("FILE", "A workflow definition, or a policy to translate; `-` takes it from standard input")
        .operand("NODE", "The id of a sandboxed node; without it, all of them");
    definitions_.describe(arguments);
    policy_.describe(arguments);
    arguments
        .text("--form", "FORM",
              "`translate`: the words that the file is in: security-context, capabilities, wasi, manifest, gateway, "
              "type-limits or definition; required",
              form_)
        .text("--to", "FORM", "`translate`: the words to write it in, instead of those of a definition", to_)
        .flag("--json", "Prints an array with an object for each node; a translation as JSON", json_)
        .example("caisson policy explain flow.yaml fetch", "Says what the node 'fetch' may do, and why.")
        .example("caisson policy explain --allow read=data flow.yaml",
                 "The same for all nodes, as a run with --allow has it.")
        .example("caisson policy translate --form security-context context.json",
                 "Prints limits and grants for a definition.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    const bool translates = !operands.empty() && operands.front() == "translate";
    if (!translates && (operands.empty() || operands.front() != "explain")) {
      return fail_usage(context, "policy",
                        "write `explain` and a definition behind it, or `translate` and a policy of another system");
    }
    if (!translates && (form_ || to_)) {
      return fail_usage(context, "policy", "--form and --to belong to `translate`");
    }
    if (translates) {
      return translate(context, operands);
    }
    if (operands.size() < 2 || operands.size() > 3) {
      return fail_usage(
          context, "policy",
          operands.size() < 2 ? "there is no workflow definition" : "one definition and one node at a time");
    }
    const std::optional<std::string> node = operands.size() == 3 ? std::optional(operands[2]) : std::nullopt;
    const auto explained = explain(context.environment, operands[1], node);
    if (!explained) {
      return fail(context, explained.error());
    }
    context.output.out(json_ ? as_json(*explained) : as_text(*explained));
    return 0;
  }

 private:
  int translate(Context& context, const std::vector<std::string>& operands) const {
    if (operands.size() != 2 || !form_) {
      return fail_usage(context, "policy",
                        operands.size() < 2   ? "there is no policy to translate"
                        : operands.size() > 2 ? "one policy at a time"
                                              : "--form says in which words the policy is");
    }
    const sandbox::PolicyForm* const from = sandbox::find_policy_form(*form_);
    const sandbox::PolicyForm* const to = to_ ? sandbox::find_policy_form(*to_) : &sandbox::policy_forms().front();
    if (from == nullptr || to == nullptr) {
      std::vector<std::string_view> known;
      std::ranges::transform(sandbox::policy_forms(), std::back_inserter(known), &sandbox::PolicyForm::name);
      const std::string unknown = from == nullptr ? *form_ : to_.value_or("");
      return fail_usage(context, "policy",
                        fmt::format("there is no form {}{}", base::quote(base::shorten(unknown, 64)),
                                    base::did_you_mean(unknown, known)));
    }
    const auto translated = translate_policy(context.environment, operands[1], *from, *to);
    if (!translated) {
      return fail(context, translated.error());
    }
    print_diagnostics(context, translated->warnings);
    context.output.out(json_ ? document::to_json(translated->value, document::JsonStyle::kIndented) + '\n'
                             : document::to_yaml(translated->value));
    return 0;
  }

  Result<std::vector<NodeDecisions>> explain(const base::Environment& environment, const std::string& file,
                                             const std::optional<std::string>& node) const {
    CAISSON_TRY(const auto own, runtime::Configurations::load(environment, policy_.flags()));
    CAISSON_TRY(const runtime::DefinitionText source, definitions_.read(environment, file));
    const std::optional<std::string>& folder = source.folder;
    CAISSON_TRY(const auto configurations, runtime::with_project(own, folder, environment));
    RuntimeOptions options;
    options.compile_program = kOwnProgram;
    runtime::Machinery machinery(std::move(options), base::make_environment());
    CAISSON_TRY(const auto definition, runtime::read_definition(source, configurations, machinery));
    return runtime::explain_policies(definition, {configurations, folder}, environment, node);
  }

  static std::string as_text(const std::vector<NodeDecisions>& nodes) {
    std::string out;
    for (const NodeDecisions& node : nodes) {
      out += fmt::format("{}node '{}'\n", out.empty() ? "" : "\n", base::printable(node.node));
      for (const sandbox::Decision& d : node.decisions) {
        out += fmt::format("  {:<25} {:<16} {}", d.key, d.value, to_string(d.origin));
        out += d.at_most ? fmt::format("; at most {}, {}\n", d.at_most->value, to_string(d.at_most->origin)) : "\n";
        for (const sandbox::LostValue& lost : d.lost) {
          out += fmt::format("    lost: {:<19} {:<16} {}: {}\n", "", lost.value, to_string(lost.origin), lost.why);
        }
      }
    }
    return out.empty() ? "no node of this workflow runs in a sandbox\n" : out;
  }

  static std::string as_json(const std::vector<NodeDecisions>& nodes) {
    Value all = Value::list();
    for (const NodeDecisions& node : nodes) {
      Value decisions = Value::list();
      for (const sandbox::Decision& d : node.decisions) {
        Value lost = Value::list();
        for (const sandbox::LostValue& value : d.lost) {
          lost.push(Value::map({{"value", value.value}, {"origin", to_string(value.origin)}, {"why", value.why}}));
        }
        Value out = Value::map({{"key", d.key}, {"value", d.value}, {"origin", to_string(d.origin)}});
        if (const auto& most = d.at_most) {
          out.set("at_most", Value::map({{"value", most->value}, {"origin", to_string(most->origin)}}));
        }
        out.set("lost", std::move(lost));
        decisions.push(std::move(out));
      }
      all.push(Value::map({{"node", node.node},
                           {"digest", sandbox::digest_of(node.policy).hex()},
                           {"policy", sandbox::to_value(node.policy)},
                           {"decisions", std::move(decisions)}}));
    }
    return document::to_json(all, document::JsonStyle::kIndented) + '\n';
  }

  DefinitionSource definitions_;
  PolicyOptions policy_;
  std::optional<std::string> form_;
  std::optional<std::string> to_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_policy_command() { return std::make_unique<PolicyCommand>(); }

}  // namespace caisson::cli
