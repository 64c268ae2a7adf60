// Our own words as one of the forms: the maps `limits:` and `grants:` of a definition.

#include "sandbox/internal/form_reader.h"
#include "sandbox/net_pattern.h"
#include "sandbox/policy_forms.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

namespace caisson::sandbox {

namespace {

using document::Value;
using internal::FormReader;

Value limits_value(const PolicyRequest& request) {
  Value out = Value::map();
  for (const LimitRow& row : limit_table()) {
    if (const LimitRequest* limit = request.find(row)) {
      out.set(std::string(row.key), print_limit(row, limit->amount));
    }
  }
  return out;
}

Value directory(const DirectoryGrant& grant) {
  if (!grant.links && grant.host.find(':') == std::string::npos) {
    return grant.host == grant.guest ? grant.host : grant.host + ':' + grant.guest;
  }
  Value out = Value::map({{"host", grant.host}, {"guest", grant.guest}});
  if (grant.links) {
    out.set("links", true);
  }
  return out;
}

/// A list of names when all are variables of the host, otherwise a map.
Value env_value(const std::vector<Written<VariableGrant>>& list) {
  const bool names = std::ranges::none_of(list, [](const auto& item) { return item.value.value.has_value(); });
  Value out = names ? Value::list() : Value::map();
  for (const Written<VariableGrant>& item : list) {
    if (names) {
      out.push(item.value.name);
    } else if (out.find(item.value.name) == nullptr) {
      out.set(item.value.name, item.value.value ? Value(*item.value.value) : Value::map({{"from", "host"}}));
    }
  }
  return out;
}

/// Adds a list that was written, each item as `print` gives it.
template <typename T, typename Print>
void add_list(Value& out, std::string_view key, const WrittenList<T>& list, const Print& print) {
  if (!list) {
    return;
  }
  Value items = Value::list();
  for (const Written<T>& item : *list) {
    items.push(print(item.value));
  }
  out.set(std::string(key), std::move(items));
}

Value grants_value(const PolicyRequest& request) {
  const auto name = [](const std::string& text) { return Value(text); };
  Value out = Value::map();
  if (request.preset) {
    out.set("preset", to_string(request.preset->value));
  }
  if (request.wasi) {
    out.set("wasi", request.wasi->value);
  }
  add_list(out, "read", request.read, directory);
  add_list(out, "write", request.write, directory);
  if (request.env) {
    out.set("env", env_value(*request.env));
  }
  if (request.args) {
    Value args = Value::list();
    for (const std::string& arg : request.args->value) {
      args.push(arg);
    }
    out.set("args", std::move(args));
  }
  if (request.stdin_is_input) {
    out.set("stdin", request.stdin_is_input->value);
  }
  if (request.clock) {
    out.set("clock", to_string(request.clock->value));
  }
  if (request.random) {
    const RandomRequest& random = request.random->value;
    out.set("random", random.seed == 0 ? Value(to_string(random.mode))
                                       : Value::map({{"seed", static_cast<std::int64_t>(random.seed)}}));
  }
  add_list(out, "net", request.net, [](const NetGrant& grant) { return Value(print_net(grant)); });
  add_list(out, "secrets", request.secrets, name);
  add_list(out, "imports", request.imports, name);
  add_list(out, "features", request.features, name);
  return out;
}

}  // namespace

Result<ForeignPolicy> read_definition_policy(const Value& value, std::string_view file) {
  FormReader form(file);
  form.read_map(value, "", {{"limits", form.own_limits()}, {"grants", form.own_grants()}});
  return std::move(form).finish();
}

PrintedPolicy print_definition_policy(const PolicyRequest& request) {
  Value out = Value::map();
  for (const auto& [key, part] : {std::pair("limits", limits_value(request)), {"grants", grants_value(request)}}) {
    if (!part.as_map()->empty()) {
      out.set(key, part);
    }
  }
  return internal::check_printed(std::move(out), request, read_definition_policy);
}

}  // namespace caisson::sandbox
