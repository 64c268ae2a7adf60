#include "cli/arguments.h"

#include "base/suggest.h"
#include "base/unicode.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

namespace caisson::cli {

namespace {

std::vector<std::string_view> views(const std::vector<std::string>& texts) { return {texts.begin(), texts.end()}; }

std::string joined_choices(const std::vector<std::string>& choices) {
  return fmt::format("{}", fmt::join(choices, "|"));
}

std::vector<std::string> split_choices(const std::string& value) {
  std::vector<std::string> out;
  if (value.find('|') != std::string::npos) {
    for (std::size_t begin = 0; begin <= value.size();) {
      const std::size_t end = std::min(value.find('|', begin), value.size());
      out.push_back(value.substr(begin, end - begin));
      begin = end + 1;
    }
  }
  return out;
}

std::optional<std::size_t> whole_number(const std::string& text) {
  std::size_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && stopped == end ? std::optional(number) : std::nullopt;
}

/// `--name` of an option as CLI11 writes it in its errors: up to the colon.
std::string option_in(std::string_view what) { return std::string(what.substr(0, what.find(':'))); }

/// A parser's message in our words.
Error translate(const CLI::ParseError& error) {
  const std::string what = error.what();
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr) {
    return usage_error(fmt::format("option '{}' needs a value", base::printable(option_in(what))));
  }
  if (dynamic_cast<const CLI::ValidationError*>(&error) != nullptr) {
    const std::string name = option_in(what);
    return usage_error(fmt::format("option '{}'{}", name, base::printable(std::string_view(what).substr(name.size()))));
  }
  if (dynamic_cast<const CLI::ConversionError*>(&error) != nullptr) {
    return usage_error(fmt::format("an option that takes no value was given one: {}", base::printable(what)));
  }
  return usage_error(base::printable(what));
}

}  // namespace

Error usage_error(std::string message) { return {Category::kInvalidArgument, std::string(kUsage), std::move(message)}; }

struct Arguments::State {
  explicit State(std::string_view command) : app("", std::string(command)) {}

  CLI::App app;
  std::string usage;
  std::string about;
  std::vector<OperandInfo> operands;
  std::vector<Example> examples;
};

Arguments::Arguments(std::string_view command) : state_(std::make_unique<State>(command)) {
  CLI::App& app = state_->app;
  app.set_help_flag("-h,--help", "Prints this text");
  // Whatever no option takes is kept as it is: CLI11 would read brackets and commas in an operand as a list.
  app.allow_extras();
  app.option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
}

Arguments::~Arguments() = default;

Arguments& Arguments::usage(std::string_view usage) {
  state_->usage = usage;
  return *this;
}

Arguments& Arguments::about(std::string_view text) {
  state_->about = text;
  return *this;
}

Arguments& Arguments::operand(std::string_view name, std::string_view help, std::vector<std::string> choices) {
  state_->operands.push_back({std::string(name), std::string(help), std::move(choices)});
  return *this;
}

Arguments& Arguments::example(std::string_view command, std::string_view what) {
  state_->examples.push_back({std::string(command), std::string(what)});
  return *this;
}

Arguments& Arguments::flag(std::string_view name, std::string_view help, bool& target) {
  state_->app.add_flag(std::string(name), target, std::string(help));
  return *this;
}

Arguments& Arguments::choice(std::string_view name, std::vector<std::string> choices, std::string_view help,
                             std::optional<std::string>& target) {
  const auto store = [&target](const std::string& value) { target = value; };
  const std::string value_name = joined_choices(choices);
  state_->app.add_option_function<std::string>(std::string(name), store, std::string(help))
      ->type_name(value_name)
      ->check([choices = std::move(choices)](const std::string& value) {
        if (std::ranges::find(choices, value) != choices.end()) {
          return std::string();
        }
        return fmt::format("'{}' is none of {}{}", value, fmt::join(choices, ", "),
                           base::did_you_mean(value, views(choices)));
      });
  return *this;
}

Arguments& Arguments::texts(std::string_view name, std::string_view value, std::string_view help,
                            std::vector<std::string>& target) {
  const auto store = [&target](const std::string& text) { target.push_back(text); };
  // The callback comes at once, for each occurrence: together they would be read as a list.
  state_->app.add_option_function<std::string>(std::string(name), store, std::string(help))
      ->type_name(std::string(value))
      ->trigger_on_parse();
  return *this;
}

Arguments& Arguments::path(std::string_view name, std::string_view help, std::optional<std::string>& target) {
  return text(name, kPathValue, help, target);
}

Arguments& Arguments::text(std::string_view name, std::string_view value_name, std::string_view help,
                           std::optional<std::string>& target) {
  const auto store = [&target](const std::string& value) { target = value; };
  state_->app.add_option_function<std::string>(std::string(name), store, std::string(help))
      ->type_name(std::string(value_name));
  return *this;
}

Arguments& Arguments::number(std::string_view name, std::size_t lowest, std::size_t highest, std::string_view help,
                             std::optional<std::size_t>& target) {
  const auto store = [&target](const std::string& value) { target = whole_number(value); };
  state_->app.add_option_function<std::string>(std::string(name), store, std::string(help))
      ->type_name("N")
      ->check([lowest, highest](const std::string& value) {
        const std::optional<std::size_t> number = whole_number(value);
        return number && *number >= lowest && *number <= highest
                   ? std::string()
                   : fmt::format("'{}' is not a whole number from {} to {}", value, lowest, highest);
      });
  return *this;
}

Result<Arguments::Parsed> Arguments::parse(std::span<const std::string> arguments) {
  Parsed parsed;
  try {
    state_->app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    parsed.help = true;
    return parsed;
  } catch (const CLI::ParseError& error) {
    return translate(error);
  }
  bool only_operands = false;
  for (std::string& rest : state_->app.remaining()) {
    const bool option = !only_operands && rest.size() > 1 && rest[0] == '-' && (rest[1] < '0' || rest[1] > '9');
    if (!option) {
      parsed.operands.push_back(std::move(rest));
    } else if (rest == "--") {
      only_operands = true;
    } else {
      const std::string name = rest.substr(0, rest.find('='));
      std::vector<std::string> known;
      for (const OptionInfo& info : info().options) {
        known.push_back(info.name);
      }
      return usage_error(fmt::format("unknown option '{}'{}; put `--` before a text that begins with a dash",
                                     base::printable(name), base::did_you_mean(name, views(known))));
    }
  }
  return parsed;
}

CommandInfo Arguments::info() const {
  const State& state = *state_;
  CommandInfo info{state.app.get_name(), state.usage, state.about, state.operands, {}, state.examples};
  for (const CLI::Option* option : state.app.get_options()) {
    OptionInfo out;
    out.name = "--" + option->get_lnames().front();
    if (!option->get_snames().empty()) {
      out.letter = "-" + option->get_snames().front();
    }
    if (option->get_items_expected_max() > 0) {
      out.value = option->get_type_name();
    }
    out.help = option->get_description();
    out.choices = split_choices(out.value);
    info.options.push_back(std::move(out));
  }
  // The help flag is CLI11's first; people look for their own command's options first.
  std::ranges::rotate(info.options, info.options.begin() + 1);
  return info;
}

}  // namespace caisson::cli
