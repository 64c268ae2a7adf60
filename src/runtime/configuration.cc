#include "runtime/configuration.h"

#include "base/unicode.h"
#include "sandbox/policy_read.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace caisson::runtime {

namespace {

namespace fs = std::filesystem;
using Kind = ConfigurationSource::Kind;
using sandbox::Origin;

constexpr std::uint64_t kMaxBytes = 1ULL << 20;
constexpr std::string_view kSystemFolder = "/etc/caisson";
constexpr std::string_view kProjectFile = "caisson.toml";

/// A source with what it says.
struct Loaded {
  ConfigurationSource source;
  Configuration configuration;
};

/// Whose word a file is.
enum class Writer : std::uint8_t {
  kOperator,  ///< it is obeyed, so nobody else may be able to write to it
  kAnybody,
};

Result<Configuration> read_file(const std::string& path, Writer writer, const base::Environment& environment) {
  CAISSON_TRY(const std::string text, writer == Writer::kOperator ? environment.read_trusted_file(path, kMaxBytes)
                                                                  : environment.read_file(path, kMaxBytes));
  const std::string folder = fs::path(path).parent_path().native();
  CAISSON_TRY(std::string absolute, environment.real_directory(folder));
  return read_configuration(text, path, absolute);
}

bool is_missing(const Error& error) noexcept { return error.reason == "file.missing"; }

/// `config.toml`, or the same in another syntax, of a folder. Two of them are an error: one would be overlooked.
Result<Loaded> read_folder(Kind kind, const fs::path& folder, const base::Environment& environment) {
  Loaded out{{kind, (folder / "config.toml").native(), false}, {}};
  for (const char* name : {"config.toml", "config.yaml", "config.yml", "config.json"}) {
    const std::string path = (folder / name).native();
    auto read = read_file(path, Writer::kOperator, environment);
    if (!read && is_missing(read.error())) {
      continue;
    }
    if (!read) {
      return std::move(read).error().with_context("configuration");
    }
    if (out.source.found) {
      return Error{Category::kInvalidArgument, "configuration.invalid",
                   fmt::format("there are two configurations, '{}' and '{}'; remove one",
                               base::printable(out.source.path), base::printable(path))};
    }
    out = {{kind, path, true}, *std::move(read)};
  }
  return out;
}

/// The folder of the user's configuration; empty when nobody knows one.
fs::path user_folder(const base::Environment& environment) {
  // The XDG rules: a relative path in the variable counts as none.
  if (const auto xdg = environment.variable("XDG_CONFIG_HOME"); xdg && fs::path(*xdg).is_absolute()) {
    return fs::path(*xdg) / "caisson";
  }
  if (const auto home = environment.variable("HOME"); home && fs::path(*home).is_absolute()) {
    return fs::path(*home) / ".config" / "caisson";
  }
  return {};
}

Result<Loaded> read_user(const base::Environment& environment, const ConfigurationFlags& flags) {
  if (flags.file) {
    auto read = read_file(*flags.file, Writer::kOperator, environment);
    if (!read) {
      return std::move(read).error().with_context("configuration");
    }
    return Loaded{{Kind::kUser, *flags.file, true}, *std::move(read)};
  }
  const fs::path folder = user_folder(environment);
  return folder.empty() ? Result<Loaded>(Loaded{{Kind::kUser, {}, false}, {}})
                        : read_folder(Kind::kUser, folder, environment);
}

Origin flag_origin(const ConfigurationFlags& flags, std::string_view name, const std::string& text) {
  return flags.is_program ? Origin{Origin::Kind::kProgram, {}, 0, 0}
                          : Origin{Origin::Kind::kFlag, fmt::format("{} {}", name, text), 0, 0};
}

/// `request`: gets what the flags ask for every node.
Status read_flags(const ConfigurationFlags& flags, Configuration& out, sandbox::PolicyRequest& request) {
  const auto context = [](const Status& read, std::string_view name) -> Status {
    return read ? Status() : Status(Error(read.error()).with_context(name));
  };
  for (const std::string& text : flags.allow) {
    if (text.starts_with(kNativeFlag)) {
      CAISSON_CHECK(context(read_native_flag(text, out.native), "--allow"));
      continue;
    }
    CAISSON_CHECK(
        context(sandbox::read_allow_flag(text, flag_origin(flags, "--allow", text), out.policy.allow), "--allow"));
  }
  for (const std::string& text : flags.deny) {
    CAISSON_CHECK(context(
        sandbox::read_allow_flag(text, flag_origin(flags, "--deny", text), out.policy.deny, sandbox::RequestUse::kDeny),
        "--deny"));
  }
  for (const std::string& text : flags.limits) {
    CAISSON_CHECK(context(sandbox::read_limit_flag(text, flag_origin(flags, "--limit", text), request), "--limit"));
  }
  for (const std::string& text : flags.grants) {
    CAISSON_CHECK(context(sandbox::read_grant_flag(text, flag_origin(flags, "--grant", text), out.policy.folder,
                                                   request, out.policy.allow),
                          "--grant"));
  }
  for (const std::string& text : flags.args) {
    CAISSON_CHECK(context(sandbox::read_argument_flag(text, flag_origin(flags, "--arg", text), request), "--arg"));
  }
  return {};
}

}  // namespace

std::string_view to_string(ConfigurationSource::Kind kind) noexcept {
  switch (kind) {
    case Kind::kBuiltIn:
      return "built-in";
    case Kind::kSystem:
      return "system";
    case Kind::kUser:
      return "user";
    case Kind::kProject:
      return "project";
    case Kind::kVariables:
      return "variables";
    case Kind::kFlags:
      break;
  }
  return "flags";
}

Result<Configurations> Configurations::load(const base::Environment& environment, const ConfigurationFlags& flags) {
  Configurations out;
  out.reads_files_ = flags.read_files;
  const auto keep = [&](Loaded loaded) {
    out.sources_.push_back(std::move(loaded.source));
    out.parts_.push_back(std::move(loaded.configuration));
  };
  const std::string here = environment.real_directory(".").value_or("/");
  if (flags.read_files) {
    CAISSON_TRY(Loaded system, read_folder(Kind::kSystem, kSystemFolder, environment));
    keep(std::move(system));
  } else {
    keep({{Kind::kSystem, {}, false}, {}});
  }
  if (flags.read_files || flags.file) {
    CAISSON_TRY(Loaded user, read_user(environment, flags));
    out.user_file_ = user.source.path;
    keep(std::move(user));
  } else {
    keep({{Kind::kUser, {}, false}, {}});
  }
  keep({{Kind::kProject, {}, false}, {}});
  Configuration variables;
  if (flags.read_files) {
    CAISSON_TRY(variables, read_variables(environment, here));
  }
  const bool any = variables.policy != sandbox::CeilingLayer{.folder = here} || variables.max_concurrency ||
                   variables.wasm_disabled || variables.inline_code_disabled;
  keep({{Kind::kVariables, {}, flags.read_files && any}, std::move(variables)});
  Configuration words;
  words.policy.folder = here;
  CAISSON_CHECK(read_flags(flags, words, out.request_));
  const bool flagged = !flags.allow.empty() || !flags.deny.empty() || out.request_ != sandbox::PolicyRequest();
  keep({{Kind::kFlags, {}, flagged}, std::move(words)});
  return out;
}

std::string Configurations::project_file(const std::string& folder, const base::Environment& environment) {
  const auto real = environment.real_directory(folder);
  if (!real) {
    return {};
  }
  for (fs::path at = *real;; at = at.parent_path()) {
    const fs::path file = at / kProjectFile;
    const auto read = environment.read_file(file, kMaxBytes);
    if (read || !is_missing(read.error())) {
      return file.native();  // one that cannot be read is found as well: it must not count as missing
    }
    if (!at.has_relative_path()) {
      return {};
    }
  }
}

std::vector<std::string> Configurations::misnamed_project_files(const std::string& folder,
                                                                const base::Environment& environment) {
  std::vector<std::string> out;
  for (fs::path at = environment.real_directory(folder).value_or("/");; at = at.parent_path()) {
    for (const char* name : {"caisson.yaml", "caisson.yml", "caisson.json"}) {
      if (environment.real_path(at / name)) {
        out.push_back((at / name).native());
      }
    }
    if (!at.has_relative_path() || environment.real_path(at / kProjectFile)) {
      return out;
    }
  }
}

Result<Configurations> Configurations::with_project(const std::string& file,
                                                    const base::Environment& environment) const {
  Configurations out = *this;
  if (file.empty()) {
    return out;
  }
  auto read = read_file(file, Writer::kAnybody, environment);
  if (!read) {
    return std::move(read).error().with_context("configuration of the project");
  }
  if (!read->network.empty() || !read->compile.empty() || !read->native.allowed.empty()) {
    return Error{
        Category::kInvalidArgument, "configuration.invalid",
        fmt::format("{}: 'net', 'secrets', 'compile' and 'native' are an operator's to say, and a project's file comes "
                    "with the work; they belong into the user's or the system's configuration",
                    base::printable(file))};
  }
  for (std::size_t i = 0; i < out.sources_.size(); ++i) {
    if (out.sources_[i].kind == Kind::kProject) {
      out.sources_[i] = {Kind::kProject, file, true};
      out.parts_[i] = *read;
      out.parts_[i].policy.narrows_only = true;
      for (const sandbox::Written<std::string>& lock : read->policy.locks) {
        out.parts_[i].warnings.push_back(
            {Severity::kWarning, "configuration.no_effect",
             fmt::format("locking {} does nothing in a project's file: only the operator locks", lock.value),
             Location{lock.origin.name, lock.origin.line, lock.origin.column}});
      }
    }
  }
  return out;
}

void Configurations::protect(const std::vector<std::string>& secret, const std::vector<std::string>& kept) {
  const auto denied = [](const std::vector<std::string>& folders) {
    sandbox::WrittenList<sandbox::DirectoryGrant> out;
    for (const std::string& folder : folders) {
      if (!folder.empty()) {
        out = std::move(out).value_or(std::vector<sandbox::Written<sandbox::DirectoryGrant>>());
        out->push_back({{.host = folder, .guest = folder}, {}});
      }
    }
    return out;
  };
  own_ = {.deny = {.read = denied(secret), .write = denied(kept)}, .folder = "/"};
}

sandbox::Ceiling Configurations::ceiling(const base::Environment& environment) const {
  std::vector<sandbox::CeilingLayer> layers;
  layers.reserve(parts_.size() + 1);
  layers.push_back(own_);
  for (const Configuration& part : parts_) {
    layers.push_back(part.policy);
  }
  return sandbox::make_ceiling(layers, environment);
}

NativeSettings Configurations::native() const {
  NativeSettings out;
  for (const Configuration& part : parts_) {
    out.allowed.insert(part.native.allowed.begin(), part.native.allowed.end());
  }
  return out;
}

std::optional<sandbox::Written<std::size_t>> Configurations::max_concurrency() const {
  std::optional<sandbox::Written<std::size_t>> out;
  for (const Configuration& part : parts_) {
    out = part.max_concurrency ? part.max_concurrency : out;
  }
  return out;
}

std::optional<sandbox::Origin> Configurations::wasm_disabled() const {
  for (const Configuration& part : parts_) {
    if (part.wasm_disabled) {
      return part.wasm_disabled;
    }
  }
  return std::nullopt;
}

std::optional<sandbox::Origin> Configurations::inline_code_disabled() const {
  for (const Configuration& part : parts_) {
    if (part.inline_code_disabled) {
      return part.inline_code_disabled;
    }
  }
  return std::nullopt;
}

NetworkSettings Configurations::network() const {
  NetworkSettings out;
  for (const Configuration& part : parts_) {
    out.add(part.network);
  }
  return out;
}

CompileSettings Configurations::compile() const {
  CompileSettings out;
  for (const Configuration& part : parts_) {
    out.add(part.compile);
  }
  return out;
}

std::vector<Diagnostic> Configurations::warnings() const {
  std::vector<Diagnostic> out;
  for (const Configuration& part : parts_) {
    out.insert(out.end(), part.warnings.begin(), part.warnings.end());
  }
  return out;
}

}  // namespace caisson::runtime
