#include "base/suggest.h"
#include "base/unicode.h"
#include "runtime/configuration.h"
#include "sandbox/limit_table.h"
#include "sandbox/policy_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace caisson::runtime {

namespace {

using sandbox::LimitRow;
using sandbox::Origin;
using sandbox::PolicyRequest;
using sandbox::RequestUse;

constexpr std::string_view kLimits = "CAISSON_LIMITS_";
constexpr std::string_view kDefaults = "CAISSON_DEFAULTS_";
/// What begins so and is not known is a mistake: somebody believes in a limit that is not there.
constexpr std::array<std::string_view, 6> kOurs = {"CAISSON_LIMIT", "CAISSON_DEFAULT",  "CAISSON_ALLOW",
                                                   "CAISSON_DENY",  "CAISSON_MAX_CONC", "CAISSON_INLINE"};

std::string upper(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(),
                         [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return out;
}

std::vector<std::string> known_names() {
  std::vector<std::string> out = {"CAISSON_ALLOW", "CAISSON_DENY", "CAISSON_INLINE_CODE", "CAISSON_MAX_CONCURRENCY"};
  for (const LimitRow& row : sandbox::limit_table()) {
    out.push_back(std::string(kLimits) + upper(row.key));
    out.push_back(std::string(kDefaults) + upper(row.key));
  }
  for (const LimitRow& row : sandbox::run_limit_table()) {
    out.push_back(std::string(kLimits) + upper(row.key));
  }
  return out;
}

/// Names of older systems that mean something here; others that begin like them are warned about.
constexpr std::array<std::string_view, 10> kOlder = {
    "HWFE_MAX_PARALLEL_STEPS",       "HWFE_EXECUTION_MODE",
    "HWFE_ENABLE_PARALLELISM",       "HWFE_WASM_ENABLED",
    "HWFE_WASM_WASI_ENABLED",        "ICE_ENABLE_WASM",
    "ICE_ENABLE_INLINE_CODE",        "ICE_THREADPOOL_MAX_WORKERS",
    "ICE_SANDBOX_DEFAULT_MEMORY_MB", "ICE_SANDBOX_DEFAULT_CPU_SECONDS"};

class Reader {
 public:
  Reader(const base::Environment& environment, const std::string& folder) : environment_(environment) {
    out_.policy.folder = folder;
  }

  Result<Configuration> read() && {
    CAISSON_CHECK(check_names());
    // Older names first: where both are set, ours counts.
    CAISSON_CHECK(read_older());
    for (const LimitRow& row : sandbox::limit_table()) {
      CAISSON_CHECK(read_limit(row, std::string(kLimits) + upper(row.key), out_.policy.allow));
      CAISSON_CHECK(read_limit(row, std::string(kDefaults) + upper(row.key), out_.policy.defaults));
    }
    for (const LimitRow& row : sandbox::run_limit_table()) {
      CAISSON_CHECK(read_limit(row, std::string(kLimits) + upper(row.key), out_.policy.allow));
    }
    CAISSON_CHECK(read_concurrency("CAISSON_MAX_CONCURRENCY"));
    CAISSON_CHECK(read_inline_code());
    CAISSON_CHECK(read_words("CAISSON_ALLOW", out_.policy.allow, RequestUse::kAllow));
    CAISSON_CHECK(read_words("CAISSON_DENY", out_.policy.deny, RequestUse::kDeny));
    return std::move(out_);
  }

 private:
  static Origin at(const std::string& name) { return {Origin::Kind::kVariable, name, 0, 0}; }

  static Error bad(const std::string& name, std::string_view why) {
    return {Category::kInvalidArgument, "policy.bad_value", fmt::format("environment variable {}: {}", name, why)};
  }

  Status check_names() {
    const std::vector<std::string> known = known_names();
    const std::vector<std::string_view> views(known.begin(), known.end());
    for (const std::string& name : environment_.variable_names()) {
      const bool ours = std::ranges::any_of(kOurs, [&](std::string_view prefix) { return name.starts_with(prefix); });
      if (ours && std::ranges::find(known, name) == known.end()) {
        return Error{Category::kInvalidArgument, "policy.unknown_key",
                     fmt::format("there is no environment variable {}{}", base::printable(base::shorten(name, 64)),
                                 base::did_you_mean(name, views))};
      }
      const bool older = name.starts_with("HWFE_") || name.starts_with("ICE_");
      if (older && std::ranges::find(kOlder, name) == kOlder.end()) {
        out_.warnings.push_back({Severity::kWarning,
                                 "configuration.no_effect",
                                 fmt::format("environment variable {} does nothing in this version",
                                             base::printable(base::shorten(name, 64))),
                                 {}});
      }
    }
    return {};
  }

  Status read_limit(const LimitRow& row, const std::string& name, PolicyRequest& target) {
    const auto text = environment_.variable(name);
    if (!text) {
      return {};
    }
    const auto amount = parse_limit(row, *text);
    if (!amount) {
      return bad(name, amount.error().message);
    }
    target.set(row, *amount, at(name));
    return {};
  }

  Status read_words(const std::string& name, PolicyRequest& target, RequestUse use) {
    const auto text = environment_.variable(name);
    if (!text) {
      return {};
    }
    const Status read = sandbox::read_allow_flag(*text, at(name), target, use);
    return read ? Status() : Status(Error(read.error()).with_context(fmt::format("environment variable {}", name)));
  }

  Status read_concurrency(const std::string& name) {
    const auto text = environment_.variable(name);
    if (!text) {
      return {};
    }
    std::size_t number = 0;
    const auto read = std::from_chars(text->data(), text->data() + text->size(), number);
    if (read.ec != std::errc() || read.ptr != text->data() + text->size() || number > 1'024) {
      return bad(name, fmt::format("{} is not a whole number from 0 to 1024", base::quote(base::shorten(*text, 40))));
    }
    if (number > 0) {
      out_.max_concurrency = {number, at(name)};
    }
    return {};
  }

  Result<std::optional<bool>> truth(const std::string& name) {
    const auto text = environment_.variable(name);
    if (!text) {
      return std::optional<bool>();
    }
    const std::string word = upper(*text);
    for (const std::string_view yes : {"1", "TRUE", "YES", "ON"}) {
      if (word == yes) {
        return std::optional(true);
      }
    }
    for (const std::string_view no : {"0", "FALSE", "NO", "OFF"}) {
      if (word == no) {
        return std::optional(false);
      }
    }
    return bad(name, fmt::format("{} is neither true nor false", base::quote(base::shorten(*text, 40))));
  }

  /// No variable allows what another one forbids.
  Status read_inline_code() {
    for (const std::string name : {"ICE_ENABLE_INLINE_CODE", "CAISSON_INLINE_CODE"}) {
      CAISSON_TRY(const std::optional<bool> allowed, truth(name));
      if (allowed && !*allowed) {
        out_.inline_code_disabled = at(name);
      }
    }
    return {};
  }

  Status read_older() {
    CAISSON_CHECK(read_concurrency("ICE_THREADPOOL_MAX_WORKERS"));
    CAISSON_CHECK(read_concurrency("HWFE_MAX_PARALLEL_STEPS"));
    CAISSON_TRY(const std::optional<bool> parallel, truth("HWFE_ENABLE_PARALLELISM"));
    if (parallel && !*parallel) {
      out_.max_concurrency = {1, at("HWFE_ENABLE_PARALLELISM")};
    }
    if (const auto mode = environment_.variable("HWFE_EXECUTION_MODE"); mode && upper(*mode) == "SEQUENTIAL") {
      out_.max_concurrency = {1, at("HWFE_EXECUTION_MODE")};
    } else if (mode && upper(*mode) != "PARALLEL") {
      return bad("HWFE_EXECUTION_MODE",
                 fmt::format("{} is neither sequential nor parallel", base::quote(base::shorten(*mode, 40))));
    }
    for (const std::string name : {"HWFE_WASM_ENABLED", "ICE_ENABLE_WASM"}) {
      CAISSON_TRY(const std::optional<bool> enabled, truth(name));
      if (enabled && !*enabled) {
        out_.wasm_disabled = at(name);
      }
    }
    CAISSON_TRY(const std::optional<bool> wasi, truth("HWFE_WASM_WASI_ENABLED"));
    if (wasi && !*wasi) {
      out_.policy.deny.wasi = {true, at("HWFE_WASM_WASI_ENABLED")};
    }
    CAISSON_CHECK(read_number("ICE_SANDBOX_DEFAULT_MEMORY_MB", "memory", "MB"));
    return read_number("ICE_SANDBOX_DEFAULT_CPU_SECONDS", "cpu", "s");
  }

  Status read_number(const std::string& name, std::string_view key, std::string_view unit) {
    const auto text = environment_.variable(name);
    if (!text) {
      return {};
    }
    const LimitRow& row = *sandbox::find_limit(key);
    const auto amount = parse_limit(row, *text + std::string(unit));
    if (!amount) {
      return bad(name, amount.error().message);
    }
    out_.policy.defaults.set(row, *amount, at(name));
    return {};
  }

  const base::Environment& environment_;
  Configuration out_;
};

}  // namespace

Result<Configuration> read_variables(const base::Environment& environment, const std::string& folder) {
  return Reader(environment, folder).read();
}

}  // namespace caisson::runtime
