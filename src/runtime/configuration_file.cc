#include "base/unicode.h"
#include "document/parse.h"
#include "runtime/configuration.h"
#include "runtime/section_reader.h"
#include "sandbox/policy_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caisson::runtime {

namespace {

using document::Entry;
using document::Value;
using sandbox::Origin;
using sandbox::RequestUse;

constexpr std::array<std::string_view, 11> kNames = {"allow",   "deny", "limits",  "defaults", "lock",  "execution",
                                                     "runners", "net",  "secrets", "compile",  "native"};
/// Sections of older configurations whose parts are not in this version.
constexpr std::array<std::string_view, 3> kLaterSections = {"workflows", "server", "logging"};
constexpr std::array<std::string_view, 5> kExecutionNames = {"max_parallel_steps", "max_concurrency", "mode",
                                                             "enable_step_parallelism", "inline_code"};
constexpr std::array<std::string_view, 4> kRunners = {"wasm", "python", "javascript", "shell"};
constexpr std::array<std::string_view, 3> kWasmNames = {"enabled", "wasi_enabled", "modules_dir"};
constexpr std::int64_t kMaxConcurrency = 1'024;

class Reader : SectionReader {
 public:
  /// `problems`: where they are collected.
  Reader(const std::string& file, const std::string& folder, std::vector<Diagnostic>& problems)
      : SectionReader(file, problems), file_(file), problems_(problems) {
    out_.policy.folder = folder;
  }

  Result<Configuration> read(const Value& root) && {
    if (root.as_map() == nullptr) {
      problem("policy.wrong_type", root.mark(),
              fmt::format("a configuration must be a map, got {}", to_string(root.kind())));
      return error();
    }
    for (const Entry& entry : *root.as_map()) {
      if (!entry.value.is_null()) {
        read_section(entry);
      }
    }
    out_.max_concurrency = sequential_ ? sequential_ : out_.max_concurrency;
    return problems_.empty() ? Result<Configuration>(std::move(out_)) : error();
  }

 private:
  void read_section(const Entry& entry) {
    const auto reader = [&](sandbox::PolicyRequest& target) {
      return sandbox::RequestReader(file_, entry.name, problems_, target);
    };
    if (entry.name == "allow") {
      reader(out_.policy.allow).read_grants(entry.value, RequestUse::kAllow);
    } else if (entry.name == "deny") {
      reader(out_.policy.deny).read_grants(entry.value, RequestUse::kDeny);
    } else if (entry.name == "limits") {
      reader(out_.policy.allow).read_limits(entry.value, sandbox::LimitScope::kCallAndRun);
    } else if (entry.name == "defaults") {
      reader(out_.policy.defaults).read_limits(entry.value);
    } else if (entry.name == "lock") {
      read_locks(entry.value);
    } else if (entry.name == "execution") {
      read_execution(entry.value);
    } else if (entry.name == "runners") {
      read_runners(entry.value);
    } else if (entry.name == "net") {
      read_net_section(entry.value, file_, out_.policy.folder, problems_, out_.network);
    } else if (entry.name == "secrets") {
      read_secrets_section(entry.value, file_, out_.policy.folder, problems_, out_.network);
    } else if (entry.name == "compile") {
      read_compile_section(entry.value, file_, problems_, out_.compile);
    } else if (entry.name == "native") {
      read_native_section(entry.value, file_, problems_, out_.native);
    } else if (std::ranges::find(kLaterSections, entry.name) != kLaterSections.end()) {
      later(entry.name, entry.name_mark);
    } else {
      unknown("", entry, kNames);
    }
  }

  void read_locks(const Value& value) {
    const document::List* list = value.as_list();
    if (list == nullptr) {
      problem("policy.wrong_type", value.mark(),
              fmt::format("lock must be a list of names, got {}", to_string(value.kind())));
      return;
    }
    for (const Value& item : *list) {
      const std::string* name = item.as_string();
      if (name == nullptr || !sandbox::is_lock_name(*name)) {
        problem("policy.bad_value", item.mark(),
                fmt::format("lock: {} can be locked; write limits, defaults, allow, or one name of them such as "
                            "limits.memory or allow.net",
                            name == nullptr ? "only names" : fmt::format("nothing called {}", base::quote(*name))));
        continue;
      }
      out_.policy.locks.push_back({*name, at(item)});
    }
  }

  void read_execution(const Value& value) {
    for (const Entry& entry : entries("execution", value)) {
      if (entry.name == "max_parallel_steps" || entry.name == "max_concurrency") {
        const std::int64_t* number = entry.value.as_integer();
        if (number == nullptr || *number < 0 || *number > kMaxConcurrency) {
          problem(
              "policy.bad_value", entry.value.mark(),
              fmt::format("execution.{} must be from 1 to {}, or 0 for one for each CPU", entry.name, kMaxConcurrency));
        } else if (*number > 0) {
          out_.max_concurrency = {static_cast<std::size_t>(*number), at(entry.value)};
        }
      } else if (entry.name == "mode" || entry.name == "enable_step_parallelism") {
        read_parallelism(entry);
      } else if (entry.name == "inline_code") {
        if (const bool* allowed = truth("execution.inline_code", entry.value); allowed && !*allowed) {
          out_.inline_code_disabled = at(entry.value);
        }
      } else {
        unknown("execution", entry, kExecutionNames);
      }
    }
  }

  /// `mode: sequential` and `enable_step_parallelism: false` are one node at a time, whatever else is written.
  void read_parallelism(const Entry& entry) {
    const std::string* mode = entry.value.as_string();
    const bool* parallel = entry.value.as_bool();
    const bool is_mode = entry.name == "mode";
    if (is_mode ? mode == nullptr || (*mode != "sequential" && *mode != "parallel") : parallel == nullptr) {
      problem("policy.bad_value", entry.value.mark(),
              fmt::format("execution.{} must be {}", entry.name, is_mode ? "sequential or parallel" : "true or false"));
    } else if (is_mode ? *mode == "sequential" : !*parallel) {
      sequential_ = {1, at(entry.value)};
    }
  }

  void read_runners(const Value& value) {
    for (const Entry& runner : entries("runners", value)) {
      if (runner.name == "wasm") {
        read_wasm(runner.value);
      } else if (std::ranges::find(kRunners, runner.name) != kRunners.end()) {
        later("runners." + runner.name, runner.name_mark);
      } else {
        unknown("runners", runner, kRunners);
      }
    }
  }

  void read_wasm(const Value& value) {
    for (const Entry& entry : entries("runners.wasm", value)) {
      if (entry.name == "modules_dir") {
        later("runners.wasm.modules_dir", entry.name_mark);
      } else if (entry.name != "enabled" && entry.name != "wasi_enabled") {
        unknown("runners.wasm", entry, kWasmNames);
      } else if (const bool* enabled = truth("runners.wasm." + entry.name, entry.value); enabled && !*enabled) {
        if (entry.name == "enabled") {
          out_.wasm_disabled = at(entry.value);
        } else {
          out_.policy.deny.wasi = {true, at(entry.value)};
        }
      }
    }
  }

  void later(std::string_view name, document::Mark mark) {
    warning(mark, fmt::format("{} does nothing in this version", name));
  }
  void warning(document::Mark mark, std::string message) {
    out_.warnings.push_back(
        {Severity::kWarning, "configuration.no_effect", std::move(message), Location{file_, mark.line, mark.column}});
  }
  Error error() {
    const auto same = [&](const Diagnostic& d) { return d.reason == problems_.front().reason; };
    const std::string reason =
        std::ranges::all_of(problems_, same) ? problems_.front().reason : "configuration.invalid";
    std::string message = to_string(problems_.front());
    if (problems_.size() > 1) {
      message += fmt::format(" (and {} more problem{})", problems_.size() - 1, problems_.size() == 2 ? "" : "s");
    }
    return {Category::kInvalidArgument, reason, std::move(message), std::move(problems_)};
  }

  const std::string& file_;
  std::vector<Diagnostic>& problems_;
  std::optional<sandbox::Written<std::size_t>> sequential_;
  Configuration out_;
};

}  // namespace

Result<Configuration> read_configuration(std::string_view text, const std::string& file, const std::string& folder) {
  const auto parse = [&]() -> Result<Value> {
    if (file.ends_with(".toml")) {
      return document::parse_toml(text, file);
    }
    if (file.ends_with(".json")) {
      return document::parse_json(text, file);
    }
    if (file.ends_with(".yaml") || file.ends_with(".yml")) {
      return document::parse_yaml(text, file);
    }
    return Error{Category::kInvalidArgument, "configuration.invalid",
                 fmt::format("'{}' is no configuration: its name must end in .toml, .yaml, .yml or .json",
                             base::printable(file))};
  };
  CAISSON_TRY(const Value root, parse());
  std::vector<Diagnostic> problems;
  return Reader(file, folder, problems).read(root);
}

}  // namespace caisson::runtime
