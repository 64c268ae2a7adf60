#pragma once

#include <span>
#include <string_view>

namespace caisson::cli {

/// A file of a new project.
struct ProjectFile {
  std::string_view from;  ///< among the files of the program (cli/files.h); `@NAME@` in it is the project's name
  std::string_view to;    ///< in the project's folder
};

/// A command that somebody types in a new project.
struct ProjectStep {
  std::string_view program;  ///< what has to be installed for it; empty: nothing
  std::string_view command;  ///< `@NAME@` in it is the project's name
};

/// What a project in some language begins as.
struct ProjectTemplate {
  std::string_view language;  ///< as it is named on a command line
  std::string_view title;     ///< `Rust`
  std::span<const ProjectFile> files;
  std::span<const ProjectStep> build;
};

/// All of them, in the order of their names.
[[nodiscard]] std::span<const ProjectTemplate> project_templates() noexcept;

/// nullptr when there is none of that name. `javascript` is `js`.
[[nodiscard]] const ProjectTemplate* find_project_template(std::string_view language) noexcept;

}  // namespace caisson::cli
