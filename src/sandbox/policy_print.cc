#include "sandbox/policy_print.h"

#include "document/print.h"
#include "sandbox/limit_table.h"
#include "sandbox/net_pattern.h"
#include "sandbox/policy_request.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

namespace caisson::sandbox {

namespace {

using document::Value;

Value to_list(const std::vector<std::string>& items) {
  Value out = Value::list();
  for (const std::string& item : items) {
    out.push(item);
  }
  return out;
}

template <typename T>
std::vector<T> sorted(std::vector<T> list) {
  std::ranges::sort(list);
  return list;
}

Value limits_value(const Limits& limits) {
  Value out = Value::map();
  for (const LimitRow& row : limit_table()) {
    out.set(std::string(row.key), print_limit(row, row.get(limits)));
  }
  return out;
}

Value directories(const Grants& grants, Access access) {
  Value out = Value::list();
  for (const DirectoryGrant& grant : sorted(grants.directories)) {
    if (grant.access == access) {
      out.push(Value::map({{"host", grant.host}, {"guest", grant.guest}, {"links", grant.links}}));
    }
  }
  return out;
}

Value env_value(const Grants& grants) {
  Value out = Value::map();
  for (const VariableGrant& grant : sorted(grants.env)) {
    // A text is the definition's own; a map says that the host's value, which stays secret, is passed on.
    out.set(grant.name, grant.value && !grant.from_host ? Value(*grant.value) : Value::map({{"from", "host"}}));
  }
  return out;
}

Value random_value(const Grants& grants) {
  return grants.random == RandomMode::kSeeded ? Value::map({{"seed", static_cast<std::int64_t>(grants.random_seed)}})
                                              : Value(to_string(grants.random));
}

Value features_value(engine::Proposals features) {
  std::vector<std::string> out;
  std::ranges::transform(features.without(engine::Proposals::baseline()).list(), std::back_inserter(out),
                         [](engine::Proposal proposal) { return std::string(engine::to_string(proposal)); });
  return to_list(sorted(std::move(out)));
}

Value net_value(const Grants& grants) {
  std::vector<std::string> out;
  std::ranges::transform(grants.net, std::back_inserter(out), print_net);
  return to_list(sorted(std::move(out)));
}

}  // namespace

Value to_value(const Policy& policy) {
  const Grants& grants = policy.grants;
  Value out = Value::map({{"wasi", grants.wasi},
                          {"read", directories(grants, Access::kRead)},
                          {"write", directories(grants, Access::kWrite)},
                          {"env", env_value(grants)},
                          {"args", to_list(grants.args)},
                          {"stdin", grants.stdin_is_input},
                          {"clock", to_string(grants.clock)},
                          {"random", random_value(grants)},
                          {"net", net_value(grants)},
                          {"secrets", to_list(sorted(grants.secrets))},
                          {"imports", to_list(sorted(grants.imports))}});
  if (grants.features) {
    out.set("features", features_value(*grants.features));
  }
  return Value::map({{"limits", limits_value(policy.limits)}, {"grants", std::move(out)}});
}

base::Digest digest_of(const Policy& policy) { return base::sha256(document::to_json(to_value(policy))); }

}  // namespace caisson::sandbox
