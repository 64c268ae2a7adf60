#include "runtime/native_settings.h"

#include "base/control.h"
#include "base/suggest.h"
#include "base/unicode.h"
#include "runtime/section_reader.h"
#include "sandbox/audit_record.h"
#include "sandbox/policy_print.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caisson::runtime {

namespace {

struct Place {
  std::string_view name;
  std::array<std::string_view, 3> paths;
};

/// No folder that a user could write to is searched.
constexpr std::array kPlaces = {
    Place{"sh", {"/bin/sh", "/usr/bin/sh", ""}},
    Place{"bash", {"/bin/bash", "/usr/bin/bash", ""}},
    Place{"python", {"/usr/bin/python3", "/usr/local/bin/python3", ""}},
    Place{"node", {"/usr/bin/node", "/usr/local/bin/node", "/usr/bin/nodejs"}},
};
constexpr std::string_view kNames = "sh, bash, python or node";

bool is_known(std::string_view name) noexcept {
  return std::ranges::find(kPlaces, name, &Place::name) != kPlaces.end();
}

class Reader : private SectionReader {
 public:
  Reader(const std::string& file, std::vector<Diagnostic>& problems) : SectionReader(file, problems) {}

  void read(const document::Value& value, NativeSettings& out) {
    for (const document::Entry& entry : entries("native", value)) {
      if (entry.name != "allow") {
        unknown("native", entry, std::array<std::string_view, 1>{"allow"});
        continue;
      }
      for (const document::Value& item : items("native.allow", entry.value)) {
        const std::string* name = text("native.allow", item);
        if (name != nullptr && !is_known(*name)) {
          problem("policy.bad_value", item.mark(),
                  fmt::format("native.allow: there is no interpreter {}; it must be {}", base::quote(*name), kNames));
        } else if (name != nullptr) {
          out.allowed.insert(*name);
        }
      }
    }
  }
};

}  // namespace

Status read_native_flag(std::string_view flag, NativeSettings& out) {
  std::string_view rest = flag.substr(kNativeFlag.size());
  for (bool more = true; more;) {
    const std::size_t comma = rest.find(',');
    const std::string_view name = rest.substr(0, comma);
    if (!is_known(name)) {
      return Error{Category::kInvalidArgument, "policy.bad_value",
                   fmt::format("native: there is no interpreter {}; it must be {}", base::quote(name), kNames)};
    }
    out.allowed.emplace(name);
    more = comma != std::string_view::npos;
    rest = more ? rest.substr(comma + 1) : rest;
  }
  return {};
}

void read_native_section(const document::Value& value, const std::string& file, std::vector<Diagnostic>& problems,
                         NativeSettings& out) {
  Reader(file, problems).read(value, out);
}

Status check_native(const NativeSettings& settings, std::string_view name) {
  if (!settings.allowed.contains(name) && base::holds(base::Control::kNativeGrant)) {
    return Error{
        Category::kPermissionDenied, "policy.refused",
        fmt::format("'{0}' runs outside of any sandbox, with all rights of the user, and is not allowed; to allow "
                    "it: `--allow native={0}`, or `native = {{allow = [\"{0}\"]}}` in the user's configuration",
                    name)};
  }
  return {};
}

Result<std::filesystem::path> native_interpreter(const NativeSettings& settings, std::string_view name,
                                                 const base::Environment& environment) {
  CAISSON_CHECK(check_native(settings, name));
  for (const Place& place : kPlaces) {
    for (const std::string_view path : place.name == name ? place.paths : decltype(place.paths){}) {
      if (!path.empty() && environment.real_path(path)) {
        return std::filesystem::path(path);
      }
    }
  }
  return Error{Category::kNotFound, "workflow.no_interpreter",
               fmt::format("'{}' is not installed; it is looked for in /bin, /usr/bin and /usr/local/bin", name)};
}

Status AuditedNativeCalls::ended(std::string_view node, std::string_view interpreter, std::string_view run,
                                 const sandbox::Policy& policy, const workflow::NodeOutcome& outcome) const {
  if (audit_ == nullptr) {
    return {};
  }
  const auto* const place = std::ranges::find(kPlaces, interpreter, &Place::name);
  constexpr std::array<std::string_view, kPlaces.size()> kFunctions{"native.sh", "native.bash", "native.python",
                                                                    "native.node"};
  sandbox::Outcome told;
  told.status = !outcome.error                                    ? sandbox::OutcomeStatus::kOk
                : outcome.error->category == Category::kCancelled ? sandbox::OutcomeStatus::kCancelled
                : outcome.error->category == Category::kDeadlineExceeded ||
                        outcome.error->category == Category::kResourceExhausted
                    ? sandbox::OutcomeStatus::kLimit
                    : sandbox::OutcomeStatus::kGuestError;
  told.error = outcome.error;
  told.usage = outcome.usage.value_or(sandbox::Usage());
  told.usage.host_calls = 1;
  told.usage.host_calls_by_name = {{kFunctions.at(static_cast<std::size_t>(place - kPlaces.begin())), 1}};
  const sandbox::CallAudit record({.run = run, .node = node, .policy = sandbox::digest_of(policy)}, told);
  return audit_->append(record.record());
}

}  // namespace caisson::runtime
