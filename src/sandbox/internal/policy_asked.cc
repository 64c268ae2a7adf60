#include "sandbox/internal/policy_asked.h"

#include "base/unicode.h"
#include "sandbox/net_pattern.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>

namespace caisson::sandbox {

namespace {

/// Whether two items of a list exclude each other: they are one name for a guest.
bool is_same(const DirectoryGrant& a, const DirectoryGrant& b) { return a.guest == b.guest; }
bool is_same(const VariableGrant& a, const VariableGrant& b) { return a.name == b.name; }
template <typename T>
bool is_same(const T& a, const T& b) {
  return a == b;
}

class Layering {
 public:
  enum class Lists : std::uint8_t { kReplace, kAdd };

  void add(const PolicyRequest& request, Lists lists) {
    lists_ = lists;
    if (request.preset) {
      replace_all(expand(request.preset->value, request.preset->origin));
    }
    value("wasi", request.wasi, asked_.grants.wasi);
    list("read", request.read, asked_.grants.read);
    list("write", request.write, asked_.grants.write);
    list("env", request.env, asked_.grants.env);
    value("args", request.args, asked_.grants.args);
    value("stdin", request.stdin_is_input, asked_.grants.stdin_is_input);
    value("clock", request.clock, asked_.grants.clock);
    value("random", request.random, asked_.grants.random);
    list("net", request.net, asked_.grants.net);
    list("secrets", request.secrets, asked_.grants.secrets);
    list("imports", request.imports, asked_.grants.imports);
    list("features", request.features, asked_.grants.features);
  }

  Asked take() && { return std::move(asked_); }

 private:
  /// A preset takes back whatever is farther, also what it says nothing about.
  void replace_all(PolicyRequest preset) {
    PolicyRequest before = std::exchange(asked_.grants, std::move(preset));
    lose("wasi", before.wasi);
    lose("read", before.read);
    lose("write", before.write);
    lose("env", before.env);
    lose("args", before.args);
    lose("stdin", before.stdin_is_input);
    lose("clock", before.clock);
    lose("random", before.random);
    lose("net", before.net);
    lose("secrets", before.secrets);
    lose("imports", before.imports);
    asked_.grants.features = std::move(before.features);
  }

  template <typename T>
  void value(std::string_view key, const std::optional<Written<T>>& nearer, std::optional<Written<T>>& target) {
    if (nearer) {
      if (target && !(target->value == nearer->value)) {
        lose(key, target);
      }
      target = nearer;
    }
  }

  template <typename T>
  void list(std::string_view key, const WrittenList<T>& nearer, WrittenList<T>& target) {
    if (!nearer) {
      return;
    }
    std::vector<Written<T>> kept = *nearer;
    for (const Written<T>& old : target.value_or(std::vector<Written<T>>())) {
      const auto equal = [&](const Written<T>& item) { return item.value == old.value; };
      const auto same = [&](const Written<T>& item) { return is_same(item.value, old.value); };
      if (std::ranges::any_of(*nearer, equal)) {
        continue;
      }
      if (lists_ == Lists::kAdd && std::ranges::none_of(*nearer, same)) {
        kept.push_back(old);
      } else {
        asked_.lost.push_back({key, {text_of(old.value), old.origin, std::string(kNearer)}});
      }
    }
    target = std::move(kept);
  }

  template <typename T>
  void lose(std::string_view key, const std::optional<Written<T>>& old) {
    if (old) {
      asked_.lost.push_back({key, {text_of(old->value), old->origin, std::string(kNearer)}});
    }
  }
  template <typename T>
  void lose(std::string_view key, const WrittenList<T>& old) {
    for (const Written<T>& item : old.value_or(std::vector<Written<T>>())) {
      asked_.lost.push_back({key, {text_of(item.value), item.origin, std::string(kNearer)}});
    }
  }

  Asked asked_;
  Lists lists_ = Lists::kReplace;
};

}  // namespace

Asked put_together(std::span<const PolicyRequest* const> requests, const PolicyRequest* operators) {
  Layering layering;
  for (const PolicyRequest* request : requests) {
    layering.add(*request, Layering::Lists::kReplace);
  }
  if (operators != nullptr) {
    layering.add(*operators, Layering::Lists::kAdd);
  }
  return std::move(layering).take();
}

std::string shown(std::string_view text) { return base::printable(base::shorten(text, 200)); }

std::string text_of(const DirectoryGrant& grant) {
  const std::string pair = grant.guest == grant.host ? grant.host : fmt::format("{}:{}", grant.host, grant.guest);
  return shown(pair) + (grant.links ? " (follows links)" : "");
}
std::string text_of(const VariableGrant& grant) {
  return grant.value ? fmt::format("{}={}", shown(grant.name), shown(*grant.value)) : shown(grant.name);
}
std::string text_of(const NetGrant& grant) { return shown(print_net(grant)); }
std::string text_of(const std::string& name) { return shown(name); }
std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(ClockMode mode) { return std::string(to_string(mode)); }
std::string text_of(const RandomRequest& random) {
  return random.mode == RandomMode::kSeeded ? fmt::format("{{seed: {}}}", random.seed)
                                            : std::string(to_string(random.mode));
}
std::string text_of(const std::vector<std::string>& args) {
  std::vector<std::string> quoted;
  std::ranges::transform(args, std::back_inserter(quoted),
                         [](const std::string& arg) { return base::quote(base::shorten(arg, 200)); });
  return fmt::format("[{}]", fmt::join(quoted, ", "));
}

}  // namespace caisson::sandbox
