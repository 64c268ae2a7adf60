#include "base/suggest.h"
#include "base/unicode.h"
#include "sandbox/internal/form_reader.h"
#include "sandbox/policy_forms.h"

#include <fmt/format.h>

#include <array>
#include <string>
#include <utility>

namespace caisson::sandbox {

namespace {

using document::Value;
using internal::FormReader;

constexpr std::array<std::string_view, 12> kKnown = {
    "memory:manage",  "random:secure",         "random:pseudo",       "time:wall",
    "time:monotonic", "fs:read:DIR/**",        "fs:write:DIR/**",     "net:http:outbound",
    "env:read:NAME",  "dagwood:metadata:read", "dagwood:config:read", "dagwood:logging:info"};

class Reader {
 public:
  explicit Reader(std::string_view file) : form_(file) {}

  Result<ForeignPolicy> read(const Value& value) && {
    form_.read_list(value, "capabilities",
                    form_.text([this](const std::string& text, const Value& where) { one(text, where); }));
    return std::move(form_).finish();
  }

 private:
  void one(std::string_view text, const Value& where) {
    const auto is = [&](std::string_view name) { return text == name; };
    const auto after = [&](std::string_view prefix) {
      return text.starts_with(prefix) ? std::optional(text.substr(prefix.size())) : std::nullopt;
    };
    if (is("random:secure")) {
      form_.grants(Value::map({{"random", "real"}}), where);
    } else if (is("random:pseudo")) {
      if (!form_.request().random) {  // `random:secure` beside it says more
        form_.grants(Value::map({{"random", "seeded"}}), where);
      }
    } else if (is("time:wall") || is("time:monotonic")) {
      form_.grants(Value::map({{"clock", "real"}}), where);
    } else if (is("net:http:outbound")) {
      form_.grants(Value::map({{"net", Value::list({"* http://*", "* https://*"})}}), where);
    } else if (const auto dir = after("fs:read:")) {
      directory("read", *dir, where);
    } else if (const auto target = after("fs:write:")) {
      directory("write", *target, where);
    } else if (const auto name = after("env:read:")) {
      form_.grants(Value::map({{"env", Value::list({*name})}}), where);
    } else if (after("net:tcp:connect:")) {
      form_.bad(where, shown(text), "a guest has no sockets; ask for HTTP with net:http:outbound");
    } else if (is("memory:manage") || is("dagwood:logging:info") || is("dagwood:metadata:read")) {
      form_.warn(where, shown(text), "every node has it");
    } else if (is("dagwood:config:read")) {
      form_.warn(where, shown(text), "a node sees its own options only");
    } else {
      form_.bad(where, shown(text), fmt::format("there is no such capability{}", base::did_you_mean(text, kKnown)));
    }
  }

  static std::string shown(std::string_view text) { return base::quote(base::shorten(text, 80)); }

  /// A glob is accepted where it means a directory with all that is in it.
  void directory(std::string_view key, std::string_view glob, const Value& where) {
    std::string_view path = glob;
    for (const std::string_view ending : {"/**", "/*", "/"}) {
      if (path.size() > ending.size() && path.ends_with(ending)) {
        path.remove_suffix(ending.size());
        break;
      }
    }
    if (path.find_first_of("*?[]{}") != std::string_view::npos) {
      form_.bad(where, shown(glob), "directories are granted whole: write DIR or DIR/**");
      return;
    }
    // Not as HOST:GUEST: a path of this form may have colons.
    form_.grants(Value::map({{std::string(key), Value::list({Value::map({{"host", path}})})}}), where);
  }

  FormReader form_;
};

}  // namespace

Result<ForeignPolicy> read_capabilities(const Value& value, std::string_view file) { return Reader(file).read(value); }

PrintedPolicy print_capabilities(const PolicyRequest& request) {
  Value out = Value::list();
  if (request.random && request.random->value.mode == RandomMode::kReal) {
    out.push("random:secure");
  } else if (request.random && request.random->value.mode == RandomMode::kSeeded) {
    out.push("random:pseudo");
  }
  if (request.clock && request.clock->value == ClockMode::kReal) {
    out.push("time:wall");
    out.push("time:monotonic");
  }
  const auto directories = [&](std::string_view key, const WrittenList<DirectoryGrant>& list) {
    for (const Written<DirectoryGrant>& item : list.value_or(std::vector<Written<DirectoryGrant>>())) {
      if (item.value.host == item.value.guest && !item.value.links) {
        out.push(fmt::format("fs:{}:{}/**", key, item.value.host));
      }
    }
  };
  directories("read", request.read);
  directories("write", request.write);
  if (request.net && !request.net->empty()) {
    out.push("net:http:outbound");
  }
  for (const Written<VariableGrant>& item : request.env.value_or(std::vector<Written<VariableGrant>>())) {
    if (!item.value.value) {
      out.push(fmt::format("env:read:{}", item.value.name));
    }
  }
  return internal::check_printed(std::move(out), request, read_capabilities);
}

}  // namespace caisson::sandbox
