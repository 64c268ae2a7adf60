#pragma once

#include "base/environment.h"
#include "runtime/compile_settings.h"
#include "runtime/native_settings.h"
#include "runtime/network_settings.h"
#include "sandbox/policy_ceiling.h"
#include "sandbox/policy_request.h"

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::runtime {

/// A place where configuration may be, in rising precedence.
struct ConfigurationSource {
  enum class Kind : std::uint8_t { kBuiltIn, kSystem, kUser, kProject, kVariables, kFlags };
  Kind kind = Kind::kBuiltIn;
  std::string path{};  ///< of a file; empty for what is none, or when there is no place for one
  bool found = false;

  friend bool operator==(const ConfigurationSource&, const ConfigurationSource&) = default;
};

/// `built-in`, `system`, `user`, `project`, `variables`, `flags`.
[[nodiscard]] std::string_view to_string(ConfigurationSource::Kind kind) noexcept;

/// What one source says.
struct Configuration {
  sandbox::CeilingLayer policy{};
  std::optional<sandbox::Written<std::size_t>> max_concurrency{};  ///< of a definition that says nothing
  std::optional<sandbox::Origin> wasm_disabled{};
  std::optional<sandbox::Origin> inline_code_disabled{};
  NetworkSettings network{};
  CompileSettings compile{};
  NativeSettings native{};
  std::vector<Diagnostic> warnings{};  ///< what is known and does nothing in this version
};

/// Reads one file, whose name tells its syntax: TOML, YAML or JSON. Relative paths in it begin at its folder.
///
/// Errors: those of document; invalid_argument / configuration.invalid or the reason that all problems share, with one
/// diagnostic for each.
[[nodiscard]] Result<Configuration> read_configuration(std::string_view text, const std::string& file,
                                                       const std::string& folder);

/// Reads CAISSON_ALLOW, CAISSON_DENY, CAISSON_LIMITS_MEMORY, CAISSON_DEFAULTS_MEMORY ... and the older names that mean
/// the same. Names that begin like these and mean nothing are errors; they are read from `folder` on.
[[nodiscard]] Result<Configuration> read_variables(const base::Environment& environment, const std::string& folder);

/// What a command line, or a program, says.
struct ConfigurationFlags {
  std::vector<std::string> allow{};   ///< of `--allow`
  std::vector<std::string> deny{};    ///< of `--deny`
  std::vector<std::string> limits{};  ///< of `--limit`
  std::vector<std::string> grants{};  ///< of `--grant`
  std::vector<std::string> args{};    ///< of `--arg`: as they are
  std::optional<std::string> file{};  ///< of `--config`: instead of the user's file
  bool read_files = true;             ///< false: no file and no variable counts
  bool is_program = false;            ///< the words come from a program that embeds Caisson, not from a command line
};

/// All sources but the project's, which comes with a definition.
class Configurations {
 public:
  /// Errors: of a file that is there and cannot be read or is wrong, of variables and flags; of one that others may
  /// write to, permission_denied / file.unsafe_file. A file that is missing says nothing, unless a flag names it.
  [[nodiscard]] static Result<Configurations> load(const base::Environment& environment,
                                                   const ConfigurationFlags& flags);

  /// The project's file of a folder: the nearest `caisson.toml` there or above. Empty when there is none.
  [[nodiscard]] static std::string project_file(const std::string& folder, const base::Environment& environment);

  /// Files of that folder, or of one above it, that look like a project's and are not read: `caisson.yaml`,
  /// `caisson.yml`, `caisson.json`. None above a project's file.
  [[nodiscard]] static std::vector<std::string> misnamed_project_files(const std::string& folder,
                                                                       const base::Environment& environment);

  /// With the file of a project in its place; empty: without one.
  [[nodiscard]] Result<Configurations> with_project(const std::string& file,
                                                    const base::Environment& environment) const;

  /// Whether files count, a project's too.
  [[nodiscard]] bool reads_files() const noexcept { return reads_files_; }
  /// Denies folders of the program itself, absolute paths, whatever anybody allows: those with secrets to every guest,
  /// those that must be kept to guests that write. Empty paths are passed over.
  void protect(const std::vector<std::string>& secret, const std::vector<std::string>& kept);

  /// What may be asked for.
  [[nodiscard]] sandbox::Ceiling ceiling(const base::Environment& environment) const;
  /// What the operator asks for every node, by `--limit`, `--grant` and `--arg`: the nearest request of all.
  [[nodiscard]] const sandbox::PolicyRequest& request() const noexcept { return request_; }
  /// The file that a refusal tells people to edit; empty when there is no place for one.
  [[nodiscard]] const std::string& user_file() const noexcept { return user_file_; }
  [[nodiscard]] std::optional<sandbox::Written<std::size_t>> max_concurrency() const;
  [[nodiscard]] std::optional<sandbox::Origin> wasm_disabled() const;
  /// Who forbids code in the text of a definition; no later source can allow it again.
  [[nodiscard]] std::optional<sandbox::Origin> inline_code_disabled() const;
  /// Of all sources together.
  [[nodiscard]] NetworkSettings network() const;
  [[nodiscard]] CompileSettings compile() const;
  [[nodiscard]] NativeSettings native() const;
  [[nodiscard]] const std::vector<ConfigurationSource>& sources() const noexcept { return sources_; }
  [[nodiscard]] std::vector<Diagnostic> warnings() const;

 private:
  std::vector<ConfigurationSource> sources_;  ///< in rising precedence, without what is built in
  sandbox::CeilingLayer own_;                 // what the program itself denies
  std::vector<Configuration> parts_;          ///< of each source
  sandbox::PolicyRequest request_;
  std::string user_file_;
  bool reads_files_ = true;
};

}  // namespace caisson::runtime
