#include "base/suggest.h"
#include "base/unicode.h"
#include "sandbox/policy_ceiling.h"
#include "sandbox/policy_read.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace caisson::sandbox {

namespace {

using document::Value;

constexpr std::size_t kMostFlagBytes = 64 << 10;

struct Item {
  std::string key;
  std::string value;
};

/// What may be said without `=true`.
constexpr std::array<std::string_view, 4> kTruths = {"wasi", "stdin", "clock", "random"};

bool takes_truth(std::string_view key) noexcept { return std::ranges::find(kTruths, key) != kTruths.end(); }

bool is_key(std::string_view word) noexcept {
  return !word.empty() && std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
}

Error bad(std::string_view text, std::string_view why) {
  return {Category::kInvalidArgument, "policy.bad_value",
          fmt::format("{}: {}", base::quote(base::shorten(text, 80)), why)};
}

/// A comma ends an item when `word=` follows it, or a word that may stand alone.
Result<std::vector<Item>> split(std::string_view text) {
  if (text.size() > kMostFlagBytes) {
    return bad(text, "this is too long");
  }
  std::vector<Item> out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    const std::string_view part = text.substr(begin, end - begin);
    const std::size_t equals = part.find('=');
    if (equals != std::string_view::npos && is_key(part.substr(0, equals))) {
      out.push_back({std::string(part.substr(0, equals)), std::string(part.substr(equals + 1))});
    } else if (takes_truth(part)) {
      out.push_back({std::string(part), "true"});
    } else if (!out.empty()) {
      out.back().value += ',';
      out.back().value += part;
    } else {
      return bad(text, "write NAME=VALUE, and a comma between two of them");
    }
    begin = end + 1;
  }
  for (const Item& item : out) {
    if (item.value.empty()) {
      return bad(text, fmt::format("there is nothing behind '{}='", item.key));
    }
  }
  return out;
}

/// `true` and `false` are what they are in a file where a truth value may stand.
Value flag_value(const Item& item) {
  if (takes_truth(item.key) && (item.value == "true" || item.value == "false")) {
    return item.value == "true";
  }
  return item.value;
}

bool takes_list(std::string_view key) noexcept {
  return key == "read" || key == "write" || key == "env" || key == "net" || key == "secrets" || key == "imports" ||
         key == "features";
}

Status first_of(const std::vector<Diagnostic>& problems) {
  if (problems.empty()) {
    return {};
  }
  return Error{Category::kInvalidArgument, problems.front().reason, problems.front().message};
}

/// What one item of a flag says.
Result<PolicyRequest> read_item(const Item& item, const Origin& origin, RequestUse use) {
  std::vector<Diagnostic> problems;
  PolicyRequest out;
  RequestReader reader("", "", problems, out);
  reader.set_origin(origin);
  const auto grants = grant_names();
  // `random` is a grant and a limit; only an amount begins with a digit.
  const bool is_amount = !item.value.empty() && item.value.front() >= '0' && item.value.front() <= '9';
  const bool is_limit = use == RequestUse::kAllow && (item.key != "random" || is_amount) &&
                        (find_limit(item.key) != nullptr || find_run_limit(item.key) != nullptr);
  const std::size_t equals = item.value.find('=');
  if (use == RequestUse::kAsk && item.key == "env" && equals != std::string::npos) {
    reader.read_grants(
        Value::map({{"env", Value::map({{item.value.substr(0, equals), item.value.substr(equals + 1)}})}}), use);
  } else if (is_limit) {
    reader.read_limits(Value::map({{item.key, item.value}}), LimitScope::kCallAndRun);
  } else if (std::ranges::find(grants, item.key) != grants.end()) {
    Value value = flag_value(item);
    reader.read_grants(Value::map({{item.key, takes_list(item.key) ? Value::list({std::move(value)}) : value}}), use);
  } else {
    return Error{Category::kInvalidArgument, "policy.unknown_key",
                 fmt::format("there is no grant called {}{}", base::quote(item.key),
                             find_limit(item.key) != nullptr ? "; limits are set by --limit"
                                                             : base::did_you_mean(item.key, grants))};
  }
  CAISSON_CHECK(first_of(problems));
  return out;
}

/// What an operator must allow for it. A variable with a value is data; arguments, input and WASI need no permission.
PolicyRequest permission_for(const PolicyRequest& asked) {
  PolicyRequest out;
  out.read = asked.read;
  out.write = asked.write;
  out.clock = asked.clock;
  out.random = asked.random;
  out.net = asked.net;
  out.secrets = asked.secrets;
  out.imports = asked.imports;
  out.features = asked.features;
  if (asked.env) {
    out.env.emplace();
    std::ranges::copy_if(*asked.env, std::back_inserter(*out.env),
                         [](const Written<VariableGrant>& variable) { return !variable.value.value; });
  }
  return out;
}

}  // namespace

Status read_limit_flag(std::string_view text, const Origin& origin, PolicyRequest& out) {
  CAISSON_TRY(const std::vector<Item> items, split(text));
  std::vector<Diagnostic> problems;
  PolicyRequest one;
  RequestReader reader("", "", problems, one);
  reader.set_origin(origin);
  for (const Item& item : items) {
    reader.read_limits(Value::map({{item.key, item.value}}));
  }
  CAISSON_CHECK(first_of(problems));
  add_to(out, std::move(one));
  return {};
}

Status read_allow_flag(std::string_view text, const Origin& origin, PolicyRequest& out, RequestUse use) {
  CAISSON_TRY(const std::vector<Item> items, split(text));
  for (const Item& item : items) {
    CAISSON_TRY(PolicyRequest one, read_item(item, origin, use));
    add_to(out, std::move(one));
  }
  return {};
}

Status read_grant_flag(std::string_view text, const Origin& origin, std::string_view folder, PolicyRequest& asked,
                       PolicyRequest& allowed) {
  CAISSON_TRY(const std::vector<Item> items, split(text));
  for (const Item& item : items) {
    CAISSON_TRY(PolicyRequest one, read_item(item, origin, RequestUse::kAsk));
    if (one.preset) {
      if (one.preset->value == Preset::kNone) {
        return bad(text, "this grants nothing, and takes nothing back; --deny does");
      }
      one = expand(one.preset->value, origin);
    }
    add_to(allowed, permission_for(one));
    for (auto* list : {&one.read, &one.write}) {
      if (*list) {
        std::ranges::for_each(**list, [&](Written<DirectoryGrant>& grant) {
          grant.value.host = absolute_path(grant.value.host, folder);
        });
      }
    }
    add_to(asked, std::move(one));
  }
  return {};
}

Status read_argument_flag(std::string_view text, const Origin& origin, PolicyRequest& asked) {
  CAISSON_TRY(PolicyRequest one, read_item({"args", std::string(text)}, origin, RequestUse::kAsk));
  add_to(asked, std::move(one));
  return {};
}

}  // namespace caisson::sandbox
