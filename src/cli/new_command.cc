#include "base/suggest.h"
#include "base/unicode.h"
#include "cli/command.h"
#include "cli/files.h"
#include "cli/find_program.h"
#include "cli/messages.h"
#include "cli/output_file.h"
#include "cli/project_templates.h"

#include <fmt/format.h>

#include <sys/stat.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace caisson::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view kKind = "processor";
constexpr std::size_t kMostName = 64;
/// Names that package managers keep for themselves, or that the SDK has in a project.
constexpr std::array<std::string_view, 4> kTaken = {"assemblyscript", "caisson", "guest", "node_modules"};

/// A name that is good as a folder, a package of any of the languages and the id of a node.
std::optional<Error> problem_of(std::string_view name) {
  const auto refuse = [&](std::string_view why) {
    return Error{Category::kInvalidArgument, "cli.bad_name",
                 fmt::format("'{}' cannot be the name of a project: {}", base::shorten(name, kMostName), why)};
  };
  const auto letter = [](char c) { return c >= 'a' && c <= 'z'; };
  const auto fits = [&](char c) { return letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-'; };
  if (name.empty() || name.size() > kMostName || !letter(name.front()) || !std::ranges::all_of(name, fits)) {
    return refuse(fmt::format(
        "it has to be of small letters, digits, '-' and '_', begin with a letter, and have at most {}", kMostName));
  }
  if (std::ranges::find(kTaken, name) != kTaken.end()) {
    return refuse("it is taken by something that belongs to a project");
  }
  return std::nullopt;
}

std::string with_name(std::string_view text, std::string_view name) {
  constexpr std::string_view kPlace = "@NAME@";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t place = std::min(text.find(kPlace, at), text.size());
    out += text.substr(at, place - at);
    out += place < text.size() ? name : "";
    at = place + kPlace.size();
  }
  return out;
}

/// Makes the folder, which must not be there, and all in it. What was written stays if something goes wrong.
Status write_project(const ProjectTemplate& project, const std::string& name) {
  if (::mkdir(name.c_str(), 0777) != 0) {
    if (errno == EEXIST) {
      return Error{Category::kAlreadyExists, "cli.project_exists",
                   fmt::format("'{}' is there already; nothing was written", name)};
    }
    return Error{Category::kPermissionDenied, "file.permission",
                 fmt::format("cannot make the folder '{}': {}", name,
                             std::error_code(errno, std::generic_category()).message())};
  }
  for (const ProjectFile& file : project.files) {
    const fs::path to = fs::path(name) / file.to;
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    const File* from = find_file(file.from);
    if (from == nullptr) {
      return Error{Category::kInternal, "file.missing", fmt::format("the program has no '{}'", file.from)};
    }
    CAISSON_CHECK(write_file(to.native(), with_name(from->bytes, name)));
  }
  return {};
}

class NewCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("processor --lang LANGUAGE NAME")
        .about(
            "Begins a project: a folder with a processor in a language of your choice, what the language needs to "
            "build it, and a workflow that runs it. Nothing is fetched and nothing is overwritten.")
        .operand("processor", "What to make", {std::string(kKind)})
        .operand("NAME", "The folder, which must not be there, and the name of the node")
        .choice("--lang", languages(), "The language", language_)
        .example("caisson new processor --lang rust shout", "Makes the folder shout, for `cargo build`.")
        .example("caisson new processor --lang python shout", "Makes one that needs no build.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    const ProjectTemplate* project = find_project_template(language_.value_or(""));
    if (operands.size() != 2 || operands.front() != kKind || project == nullptr) {
      return fail_usage(context, "new", mistake(operands));
    }
    const std::string& name = operands.back();
    if (const auto problem = problem_of(name)) {
      return fail(context, *problem);
    }
    if (const Status written = write_project(*project, name); !written) {
      return fail(context, written.error());
    }
    context.output.out(fmt::format("{}: a processor in {}, {} files\n", name, project->title, project->files.size()));
    context.output.out(fmt::format("\n  cd {}\n", name));
    for (const ProjectStep& step : project->build) {
      const bool there = find_program(context.environment, step.program).has_value();
      context.output.out(fmt::format("  {}{}\n", with_name(step.command, name),
                                     there ? "" : fmt::format("    # {} is not installed here", step.program)));
    }
    context.output.out("  caisson run workflow.yaml \"hello\"\n");
    return 0;
  }

 private:
  static std::vector<std::string> languages() {
    std::vector<std::string> out;
    for (const ProjectTemplate& project : project_templates()) {
      out.emplace_back(project.language);
    }
    out.emplace_back("javascript");
    return out;
  }

  [[nodiscard]] std::string mistake(const std::vector<std::string>& operands) const {
    if (!operands.empty() && operands.front() != kKind) {
      return fmt::format("there is no '{}' to make, only a processor",
                         base::printable(base::shorten(operands.front(), 64)));
    }
    if (!language_) {
      return fmt::format("--lang says which language: {}", fmt::join(languages(), ", "));
    }
    return operands.size() < 2 ? "the project has no name" : "one project at a time";
  }

  std::optional<std::string> language_;
};

}  // namespace

std::unique_ptr<Command> make_new_command() { return std::make_unique<NewCommand>(); }

}  // namespace caisson::cli
