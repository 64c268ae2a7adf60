// Any bytes as a configuration, a definition's limits and grants, flags, and the forms of other systems: read or
// refused with good manners; what is allowed is never more than the ceiling, and what is printed reads back as the
// same.

#include "base/testing/fake_environment.h"
#include "base/unicode.h"
#include "document/parse.h"
#include "fuzz.h"
#include "sandbox/net_pattern.h"
#include "sandbox/policy_forms.h"
#include "sandbox/policy_print.h"
#include "sandbox/policy_read.h"
#include "sandbox/policy_resolve.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace base = caisson::base;
namespace document = caisson::document;
namespace fuzz = caisson::fuzz;
namespace sandbox = caisson::sandbox;

namespace {

void check_message(std::string_view message) {
  fuzz::require(!message.empty() && base::is_utf8(message), "messages are UTF-8");
  fuzz::require(std::ranges::none_of(message, [](char c) { return static_cast<unsigned char>(c) < 0x20; }),
                "messages have no control characters");
}

void check_problems(const std::vector<caisson::Diagnostic>& problems) {
  for (const caisson::Diagnostic& d : problems) {
    check_message(d.message);
    fuzz::require(d.reason.starts_with("policy."), "problems have a reason");
  }
}

/// What is resolved obeys the ceiling, whatever was asked.
void check_resolved(const sandbox::PolicyRequest& asked, const base::Environment& environment) {
  const sandbox::Ceiling ceiling = sandbox::make_ceiling({}, environment);
  const sandbox::PolicyRequest* borrowed = &asked;
  const sandbox::ResolveContext context{&environment, "/flow", ""};
  std::vector<sandbox::Decision> decisions;
  const auto policy = sandbox::resolve_policy({&borrowed, 1}, ceiling, context, &decisions);
  if (!policy) {
    check_message(policy.error().message);
    check_problems(policy.error().diagnostics);
    return;
  }
  const auto rows = sandbox::limit_table();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    fuzz::require(!sandbox::is_wider(rows[i].get(policy->limits), ceiling.limits[i].amount), "limits are within");
  }
  for (const sandbox::DirectoryGrant& grant : policy->grants.directories) {
    fuzz::require(grant.access == sandbox::Access::kRead && sandbox::is_within(grant.host, "/flow"),
                  "only its own folder");
  }
  fuzz::require(policy->grants.net.empty() && policy->grants.secrets.empty(), "nothing that was not allowed");
  for (const sandbox::VariableGrant& variable : policy->grants.env) {
    fuzz::require(!variable.from_host, "no variable of the host");
  }
  fuzz::require(sandbox::digest_of(*policy).hex().size() == 64, "a policy has a digest");
}

void check_form(const sandbox::PolicyForm& form, const document::Value& value) {
  const auto policy = form.read(value, "in");
  if (!policy) {
    check_message(policy.error().message);
    check_problems(policy.error().diagnostics);
    return;
  }
  check_problems(policy->warnings);
  const sandbox::PrintedPolicy printed = form.print(policy->request);
  if (printed.left_out.empty()) {
    fuzz::require(form.read(printed.value, "").has_value(), "what is printed can be read");
  }
  const sandbox::PrintedPolicy ours = sandbox::print_definition_policy(policy->request);
  for (const std::string& name : ours.left_out) {  // one variable, given in two ways, has one of them in a map
    fuzz::require(name == "grants.env", "a definition can say whatever another form says");
  }
}

void check_flags(std::string_view text) {
  sandbox::PolicyRequest asked;
  for (const auto use : {sandbox::RequestUse::kAllow, sandbox::RequestUse::kDeny}) {
    if (const auto read = sandbox::read_allow_flag(text, {}, asked, use); !read) {
      check_message(read.error().message);
    }
  }
  if (const auto read = sandbox::read_limit_flag(text, {}, asked); !read) {
    check_message(read.error().message);
  }
  sandbox::PolicyRequest allowed;
  if (const auto read = sandbox::read_grant_flag(text, {}, "/srv", asked, allowed); !read) {
    check_message(read.error().message);
  }
  if (const auto host = sandbox::canonical_host(text)) {
    fuzz::require(sandbox::canonical_host(*host).value() == *host, "a canonical host is its own form");
  }
  if (const auto path = sandbox::canonical_path(text)) {
    fuzz::require(sandbox::canonical_path(*path).value() == *path, "a canonical path is its own form");
  }
  if (const auto grant = sandbox::parse_net(text)) {
    const auto again = sandbox::parse_net(sandbox::print_net(*grant));
    fuzz::require(again.has_value() && *again == *grant, "a pattern prints as itself");
    fuzz::require(sandbox::net_covers(*grant, *grant) && sandbox::net_meets(*grant, *grant), "it covers itself");
  }
  for (const auto unit :
       {sandbox::Unit::kBytes, sandbox::Unit::kCount, sandbox::Unit::kDuration, sandbox::Unit::kPercent}) {
    if (const auto amount = sandbox::parse_amount(text, unit)) {
      fuzz::require(sandbox::parse_amount(sandbox::print_amount(*amount, unit), unit).value() == *amount,
                    "an amount prints as itself");
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_flags(text);
  const auto value = document::parse_yaml(text, "in");
  if (!value) {
    return 0;
  }
  base::FakeEnvironment environment;
  environment.add_directory("/flow/data");
  environment.add_directory("/srv");
  environment.set_variable("HOME", "/home");
  for (const auto use : {sandbox::RequestUse::kAsk, sandbox::RequestUse::kAllow, sandbox::RequestUse::kDeny}) {
    std::vector<caisson::Diagnostic> problems;
    sandbox::PolicyRequest asked;
    sandbox::RequestReader reader("in", "", problems, asked);
    reader.read_limits(value->find("limits") == nullptr ? *value : *value->find("limits"));
    reader.read_grants(value->find("grants") == nullptr ? *value : *value->find("grants"), use);
    check_problems(problems);
    if (use == sandbox::RequestUse::kAsk) {
      check_resolved(asked, environment);
    }
  }
  for (const sandbox::PolicyForm& form : sandbox::policy_forms()) {
    check_form(form, *value);
  }
  return 0;
}
