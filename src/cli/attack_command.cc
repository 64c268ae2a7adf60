#include "attack/suite.h"
#include "base/unicode.h"
#include "cli/command.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"
#include "cli/stop_signals.h"
#include "cli/terminal.h"
#include "document/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include <unistd.h>

namespace caisson::cli {

namespace {

using attack::Case;
using attack::Verdict;
using document::Value;

/// Of a test build: names of controls to switch off, with commas.
constexpr const char* kControlsOff = "CAISSON_TEST_CONTROLS_OFF";

/// Switches controls off where they can be. The name that is no control's, if there is one.
std::optional<std::string> switch_controls(const base::Environment& environment) {
#if CAISSON_SWITCHABLE_CONTROLS
  std::string names = environment.variable(kControlsOff).value_or("");
  while (!names.empty()) {
    const std::size_t comma = std::min(names.find(','), names.size());
    std::string name = names.substr(0, comma);
    const auto control = base::parse_control(name);
    if (!control) {
      return name;
    }
    base::switch_control(*control, false);
    names.erase(0, comma + 1);
  }
#else
  static_cast<void>(environment);
#endif
  return std::nullopt;
}

std::string controls_of(const Case& attack) {
  std::string out;
  for (const base::Control control : attack.controls) {
    out += fmt::format("{}{}", out.empty() ? "" : ", ", base::to_string(control));
  }
  return out.empty() ? "-" : out;
}

class AttackCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] [CASE]...")
        .about(
            "Attacks the sandbox of this machine with your own configuration, and shows for each attack which control "
            "kept it from harm. Every attack has a process of its own, works in a temporary folder, and sends nothing "
            "beyond this machine. The exit code is 2 when one did harm or went otherwise than it should.")
        .operand("CASE", "The id of an attack, as --list shows it; without one, all of them")
        .flag("--list", "Shows the attacks and their controls, and does nothing", list_)
        .flag("--alone", "Plays one attack in this very process, which may not survive, and prints its verdict as JSON",
              alone_)
        .flag("--json", "Prints an array with an object for each attack", json_)
        .example("caisson attack", "Attacks, and prints a table of what held.")
        .example("caisson attack SA-067 SA-069", "Two of the attacks.")
        .example("caisson attack --list", "What the attacks are.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    const auto all = attack::all_cases();
    if (!all) {
      print_diagnostics(context, all.error().diagnostics);
      return fail(context, all.error());
    }
    std::vector<Case> chosen;
    for (const std::string& id : operands) {
      const auto found = std::ranges::find(*all, id, &Case::id);
      if (found == all->end()) {
        return fail_usage(context, "attack", fmt::format("there is no attack '{}'; --list shows them", id));
      }
      chosen.push_back(*found);
    }
    if (chosen.empty()) {
      chosen = *all;
    }
    if (list_) {
      context.output.out(json_ ? list_json(chosen) : list_text(chosen));
      return 0;
    }
    if (const auto unknown = switch_controls(context.environment)) {
      return fail_usage(context, "attack", fmt::format("{} names '{}', which is no control", kControlsOff, *unknown));
    }
    if (alone_) {
      return play_here(context, chosen);
    }
    return play_all(context, chosen);
  }

 private:
  static std::string list_text(const std::vector<Case>& cases) {
    std::string out;
    for (const Case& one : cases) {
      out += fmt::format("{:7} {:32} {}\n", one.id, controls_of(one), one.attack);
    }
    return out;
  }

  static std::string list_json(const std::vector<Case>& cases) {
    Value out = Value::list();
    for (const Case& one : cases) {
      Value controls = Value::list();
      for (const base::Control control : one.controls) {
        controls.push(base::to_string(control));
      }
      out.push(Value::map({{"case", one.id},
                           {"name", one.name},
                           {"attack", one.attack},
                           {"controls", std::move(controls)},
                           {"instead", one.instead}}));
    }
    return document::to_json(out, document::JsonStyle::kIndented) + '\n';
  }

  static int play_here(Context& context, const std::vector<Case>& cases) {
    if (cases.size() != 1) {
      return fail_usage(context, "attack", "--alone is for one attack");
    }
    const auto verdict = attack::play(cases.front(), {.compile_program = kOwnProgram});
    if (!verdict) {
      return fail(context, verdict.error());
    }
    context.output.out(attack::to_json(*verdict) + '\n');
    return 0;
  }

  int play_all(Context& context, const std::vector<Case>& cases) const {
    attack::Player player{.program = kOwnProgram, .arguments = {"attack", "--alone"}, .environment = {}};
    for (const std::string& name : context.environment.variable_names()) {
      player.environment.push_back(fmt::format("{}={}", name, context.environment.variable(name).value_or("")));
    }
    // What is wrong with the configuration is said once, not as the failure of every attack.
    if (const auto own = create_runtime({}); !own) {
      return fail(context, own.error());
    }
    const StopSignals signals;
    const bool progress = ::isatty(STDERR_FILENO) != 0;
    Value rows = Value::list();
    std::size_t held = 0;
    if (!json_) {
      context.output.out(fmt::format("{:26} {:8} {:60} {:12} {:>6}\n", "CONTROL", "CASE", "ATTACK", "VERDICT", "MS"));
    }
    for (std::size_t i = 0; i < cases.size(); ++i) {
      if (progress) {
        context.output.error(fmt::format("\r\x1b[K{}/{} {} {}", i + 1, cases.size(), cases[i].id, cases[i].name));
      }
      const auto verdict = attack::play_apart(cases[i], player, signals.token());
      if (progress) {
        context.output.error("\r\x1b[K");
      }
      if (!verdict) {
        return fail(context, verdict.error());
      }
      held += verdict->held() ? 1U : 0U;
      if (json_) {
        rows.push(row_json(cases[i], *verdict));
      } else {
        context.output.out(row_text(cases[i], *verdict));
      }
    }
    if (json_) {
      context.output.out(document::to_json(rows, document::JsonStyle::kIndented) + '\n');
    } else {
      context.output.out(fmt::format("{} attacks, {} held, {} did not\n", cases.size(), held, cases.size() - held));
    }
    return held == cases.size() ? 0 : exit_code(Category::kFailedPrecondition);
  }

  std::string row_text(const Case& one, const Verdict& verdict) const {
    std::string out = fmt::format("{:26} {:8} {:60} {:12} {:>6}\n", base::shorten(controls_of(one), 25), one.id,
                                  base::shorten(one.attack, 59), (verdict.held() ? "" : "! ") + verdict.verdict,
                                  verdict.took.count());
    for (const std::string& harm : verdict.harm) {
      out += fmt::format("  HARM  {}\n", base::printable(harm));
    }
    for (const std::string& wrong : verdict.wrong) {
      out += fmt::format("  WRONG {}\n", base::printable(wrong));
    }
    return out;
  }

  static Value row_json(const Case& one, const Verdict& verdict) {
    const auto texts = [](const std::vector<std::string>& all) {
      Value out = Value::list();
      for (const std::string& text : all) {
        out.push(text);
      }
      return out;
    };
    return Value::map({{"case", one.id},
                       {"name", one.name},
                       {"attack", one.attack},
                       {"control", controls_of(one)},
                       {"verdict", verdict.verdict},
                       {"held", verdict.held()},
                       {"harm", texts(verdict.harm)},
                       {"wrong", texts(verdict.wrong)},
                       {"took_ms", static_cast<std::int64_t>(verdict.took.count())}});
  }

  bool list_ = false;
  bool alone_ = false;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_attack_command() { return std::make_unique<AttackCommand>(); }

}  // namespace caisson::cli
