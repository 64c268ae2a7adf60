#include "sandbox/policy_request.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

namespace caisson::sandbox {

std::string to_string(const Origin& origin) {
  switch (origin.kind) {
    case Origin::Kind::kBuiltIn:
      return "built-in";
    case Origin::Kind::kProgram:
      return "the program";
    case Origin::Kind::kFile:
    case Origin::Kind::kFlag:
    case Origin::Kind::kVariable:
      break;
  }
  std::string out = base::printable(origin.name);
  if (origin.line > 0) {
    out += fmt::format(":{}:{}", origin.line, origin.column);
  }
  return out;
}

const LimitRequest* PolicyRequest::find(const LimitRow& row) const noexcept {
  const auto found = std::ranges::find(limits, &row, &LimitRequest::row);
  return found == limits.end() ? nullptr : &*found;
}

void PolicyRequest::set(const LimitRow& row, Amount amount, Origin origin) {
  const auto found = std::ranges::find(limits, &row, &LimitRequest::row);
  LimitRequest& target = found == limits.end() ? limits.emplace_back() : *found;
  target = {&row, amount, std::move(origin)};
}

bool PolicyRequest::has_grants() const noexcept {
  return preset || wasi || read || write || env || args || stdin_is_input || clock || random || net || secrets ||
         imports || features;
}

void add_to(PolicyRequest& request, PolicyRequest more) {
  for (LimitRequest& limit : more.limits) {
    request.set(*limit.row, limit.amount, std::move(limit.origin));
  }
  const auto replace = [](auto& target, auto& value) {
    if (value) {
      target = std::move(value);
    }
  };
  const auto append = [](auto& target, auto& list) {
    if (list && !target) {
      target = std::move(list);
    } else if (list) {
      target->insert(target->end(), std::make_move_iterator(list->begin()), std::make_move_iterator(list->end()));
    }
  };
  replace(request.preset, more.preset);
  replace(request.wasi, more.wasi);
  append(request.read, more.read);
  append(request.write, more.write);
  append(request.env, more.env);
  if (request.args && more.args) {
    more.args->value.insert(more.args->value.begin(), request.args->value.begin(), request.args->value.end());
  }
  replace(request.args, more.args);
  replace(request.stdin_is_input, more.stdin_is_input);
  replace(request.clock, more.clock);
  replace(request.random, more.random);
  append(request.net, more.net);
  append(request.secrets, more.secrets);
  append(request.imports, more.imports);
  append(request.features, more.features);
}

std::string_view to_string(Preset preset) noexcept {
  switch (preset) {
    case Preset::kNone:
      return "none";
    case Preset::kCompute:
      return "compute";
    case Preset::kWasi:
      return "wasi";
    case Preset::kNetwork:
      break;
  }
  return "network";
}

PolicyRequest expand(Preset preset, const Origin& origin) {
  PolicyRequest out;
  if (preset == Preset::kNone) {
    return out;
  }
  const bool compute = preset == Preset::kCompute;
  out.wasi = {true, origin};
  out.stdin_is_input = {true, origin};
  out.clock = {compute ? ClockMode::kVirtual : ClockMode::kReal, origin};
  out.random = {RandomRequest{compute ? RandomMode::kSeeded : RandomMode::kReal, 0}, origin};
  if (preset == Preset::kNetwork) {
    out.net = {{NetGrant{"https://*", {}}, origin}};
  }
  return out;
}

std::string_view to_string(ClockMode mode) noexcept {
  switch (mode) {
    case ClockMode::kDenied:
      return "denied";
    case ClockMode::kReal:
      return "real";
    case ClockMode::kCoarse:
      return "coarse";
    case ClockMode::kVirtual:
      break;
  }
  return "virtual";
}

std::string_view to_string(RandomMode mode) noexcept {
  switch (mode) {
    case RandomMode::kDenied:
      return "denied";
    case RandomMode::kReal:
      return "real";
    case RandomMode::kSeeded:
      break;
  }
  return "seeded";
}

}  // namespace caisson::sandbox
