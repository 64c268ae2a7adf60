#include "base/suggest.h"
#include "base/unicode.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/messages.h"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace caisson::cli {

namespace {

class ExamplesCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    std::vector<std::string> names;
    for (const File* example : examples()) {
      names.emplace_back(name_of(*example));
    }
    arguments.usage("[NAME]")
        .about("Lists the example workflows that are part of the program, or prints one of them.")
        .operand("NAME", "An example, with or without its ending; its number will do", std::move(names))
        .example("caisson examples", "Lists them.")
        .example("caisson examples 02 > pipeline.yaml", "Writes one into a file, to begin with.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (operands.size() > 1) {
      return fail_usage(context, "examples", "one example at a time");
    }
    if (!operands.empty()) {
      return print(context, operands.front());
    }
    for (const File* example : examples()) {
      context.output.out(fmt::format("{:<26} {}\n", name_of(*example), summary_of(*example)));
    }
    return 0;
  }

 private:
  static int print(Context& context, const std::string& name) {
    if (const File* example = find_example(name)) {
      context.output.out(example->bytes);
      return 0;
    }
    std::vector<std::string_view> known;
    for (const File* example : examples()) {
      known.push_back(name_of(*example));
    }
    return fail(context, {Category::kNotFound, "file.missing",
                          fmt::format("there is no example '{}'{}; `caisson examples` lists them",
                                      base::printable(base::shorten(name, 64)), base::did_you_mean(name, known))});
  }
};

}  // namespace

std::unique_ptr<Command> make_examples_command() { return std::make_unique<ExamplesCommand>(); }

}  // namespace caisson::cli
