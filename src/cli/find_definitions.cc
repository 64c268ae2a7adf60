#include "cli/find_definitions.h"

#include "base/unicode.h"
#include "workflow/source.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

namespace caisson::cli {

namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 4> kFolders = {"workflows", "examples", "templates", "tests"};
constexpr std::array<std::string_view, 5> kEndings = {"", ".yaml", ".yml", ".json", ".lua"};

Result<std::vector<std::string>> workflows_in(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    if (workflow::source_format_of_file(entry->path().native()) && entry->is_regular_file(ignored)) {
      if (out.size() == kMaxInFolder) {
        return Error{Category::kResourceExhausted, "file.too_large",
                     fmt::format("the folder '{}' has more than {} workflows; name those to take",
                                 base::printable(folder), kMaxInFolder)};
      }
      out.push_back(entry->path().native());
    }
  }
  if (error || out.empty()) {
    return Error{Category::kNotFound, "file.missing",
                 fmt::format("there is no workflow in the folder '{}': no file that ends in {}{}",
                             base::printable(folder), fmt::join(kEndings.begin() + 1, kEndings.end(), ", "),
                             error ? fmt::format(" ({})", error.message()) : std::string())};
  }
  std::ranges::sort(out);
  return out;
}

/// What a word that is no file stands for.
std::string look_up(const std::string& argument) {
  std::error_code ignored;
  if (argument.empty() || argument == "-" || argument.find('\0') != std::string::npos ||
      fs::exists(argument, ignored) || fs::path(argument).is_absolute() || argument.starts_with(".")) {
    return argument;
  }
  for (const std::string_view folder : kFolders) {
    for (const std::string_view ending : kEndings) {
      std::string path = fmt::format("{}/{}{}", folder, argument, ending);
      if (fs::is_regular_file(path, ignored)) {
        return path;
      }
    }
  }
  return argument;
}

}  // namespace

Result<std::vector<std::string>> find_definitions(const std::string& argument) {
  std::error_code ignored;
  if (fs::is_directory(argument, ignored)) {
    return workflows_in(argument);
  }
  return std::vector<std::string>{look_up(argument)};
}

std::vector<std::string> find_definitions(const std::vector<std::string>& arguments) {
  std::vector<std::string> out;
  for (const std::string& argument : arguments) {
    Result<std::vector<std::string>> found = find_definitions(argument);
    std::ranges::move(found ? *std::move(found) : std::vector<std::string>{argument}, std::back_inserter(out));
  }
  return out;
}

Result<std::string> find_definition(const std::string& argument) {
  CAISSON_TRY(std::vector<std::string> found, find_definitions(argument));
  if (found.size() > 1) {
    return Error{
        Category::kInvalidArgument, "file.not_a_file",
        fmt::format("'{}' is a folder of {} workflows; name one of them", base::printable(argument), found.size())};
  }
  return std::move(found.front());
}

}  // namespace caisson::cli
