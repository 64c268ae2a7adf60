#include "sandbox/guest.h"

#include "base/control.h"
#include "base/unicode.h"
#include "sandbox/internal/host_registry.h"
#include "sandbox/internal/imports.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>

namespace caisson::sandbox {

namespace {

using engine::ExternType;
using engine::Import;
using engine::ModuleInfo;
using engine::ValueType;

constexpr std::size_t kImportsShown = 12;

bool has(std::uint8_t families, Family family) noexcept { return (families & static_cast<std::uint8_t>(family)) != 0; }

std::uint8_t granted_families(const Grants& grants) noexcept {
  auto out = static_cast<std::uint8_t>(Family::kLog);
  if (grants.wants_wasi()) {
    out |= static_cast<std::uint8_t>(Family::kWasi);
  }
  if (grants.clock != ClockMode::kDenied) {
    out |= static_cast<std::uint8_t>(Family::kClock);
  }
  if (grants.random != RandomMode::kDenied) {
    out |= static_cast<std::uint8_t>(Family::kRandom);
  }
  if (!grants.imports.empty() || !grants.net.empty() || grants.clock != ClockMode::kDenied ||
      grants.random != RandomMode::kDenied) {
    out |= static_cast<std::uint8_t>(Family::kCalls);
  }
  return out;
}

char letter(ValueType type) noexcept {
  switch (type) {
    case ValueType::kI32:
      return 'i';
    case ValueType::kI64:
      return 'I';
    case ValueType::kF32:
      return 'f';
    case ValueType::kF64:
      return 'F';
    default:
      return '?';
  }
}

bool has_signature(const Import& import) {
  const engine::HostFunction& function = find_host_row(import.module, import.name)->function;
  const auto same = [](const std::vector<ValueType>& types, std::string_view letters) {
    return std::ranges::equal(types, letters, {}, letter);
  };
  return same(import.signature.parameters, function.parameters) && same(import.signature.results, function.results);
}

/// The imports for which `which` holds, each with what would allow it.
std::string listed(const ModuleInfo& info, const std::function<bool(const Import&)>& which) {
  std::string out;
  std::size_t count = 0;
  for (const Import& import : info.imports) {
    if (!which(import) || ++count > kImportsShown) {
      continue;
    }
    const std::string_view grant = grant_for_import(import.module, import.name);
    out += fmt::format("{}{}::{} ({})", out.empty() ? "" : ", ", base::printable(base::shorten(import.module, 64)),
                       base::printable(base::shorten(import.name, 64)),
                       grant.empty() ? "no grant allows this" : fmt::format("needs `{}`", grant));
  }
  return count > kImportsShown ? out + fmt::format(" and {} more", count - kImportsShown) : out;
}

/// What it needs; nothing when it is no function of the host.
std::optional<Family> family_of(const Import& import) noexcept {
  return import.type == ExternType::kFunction ? family_of_import(import.module, import.name) : std::nullopt;
}

bool is_unknown(const Import& import) noexcept { return !family_of(import); }

/// What somebody did who sees an unknown import.
std::string_view advice(const ModuleInfo& info) {
  const auto imports_from = [&](std::string_view module) {
    return std::ranges::any_of(info.imports, [&](const Import& import) { return import.module == module; });
  };
  if (info.kind == engine::BinaryKind::kComponent) {
    return "; what a component may import are the clocks, streams, random numbers, arguments and environment of WASI "
           "0.2, "
           "and caisson:node/host@1 (api/abi.md)";
  }
  if (imports_from("wasi_unstable")) {
    return "; wasi_unstable is the snapshot before preview 1: build the module with a current toolchain (target "
           "wasm32-wasip1)";
  }
  if (imports_from("wasi:cli/environment@0.2.0") || imports_from("wasi:io/streams@0.2.0")) {
    return "; these are imports of a component: build for the target wasm32-wasip1";
  }
  if (imports_from("env")) {
    return "; imports from 'env' are symbols that the linker did not find: the module was built for another host, or a "
           "library is missing";
  }
  return "; the functions a guest may import are wasi_snapshot_preview1 and caisson_v1 (api/abi.md)";
}

/// The advice for WASI that is not granted: H-011's two causes.
constexpr std::string_view kWasiAdvice =
    "; if it needs a standard library, grant WASI with `grants: {preset: wasi}`, or by what it needs; if it only "
    "computes, build it without one (target wasm32-unknown-unknown)";

}  // namespace

Result<std::uint8_t> families_of_imports(const ModuleInfo& info) {
  std::uint8_t families = 0;
  bool unknown = false;
  for (const Import& import : info.imports) {
    const auto family = family_of(import);
    if (!family) {
      unknown = true;
    } else if (info.kind == engine::BinaryKind::kModule && !has_signature(import)) {
      return Error{Category::kInvalidArgument, "sandbox.bad_signature",
                   fmt::format("the module imports {}::{} as {}, which is not what that function is", import.module,
                               import.name, engine::to_string(import.signature))};
    } else {
      families |= static_cast<std::uint8_t>(*family);
    }
  }
  if (unknown) {
    return Error{Category::kPermissionDenied, "sandbox.import_denied",
                 fmt::format("unknown import {}{}", listed(info, is_unknown), advice(info))};
  }
  return families;
}

Status check_imports(const Guest& guest, const Grants& grants) {
  const std::uint8_t granted = granted_families(grants);
  if ((guest.families & ~granted) == 0 || !base::holds(base::Control::kImportGrant)) {
    return {};
  }
  const auto refused = [&](const Import& import) {
    const auto family = family_of(import);
    return family && !has(granted, *family);
  };
  const bool component = guest.module->info().kind == engine::BinaryKind::kComponent;
  const bool wasi = !component && has(guest.families, Family::kWasi) && !has(granted, Family::kWasi);
  return Error{Category::kPermissionDenied, "sandbox.import_denied",
               fmt::format("the {} imports what it was not granted: {}{}", component ? "component" : "module",
                           listed(guest.module->info(), refused), wasi ? kWasiAdvice : "")};
}

Status check_guest(const Guest& guest, const Grants& grants) {
  if (grants.features && base::holds(base::Control::kFeatures)) {
    const engine::Proposals denied =
        guest.module->info().proposals.without(*grants.features).without(engine::Proposals::baseline());
    if (!denied.empty()) {
      std::vector<std::string_view> names;
      std::ranges::transform(denied.list(), std::back_inserter(names),
                             [](engine::Proposal proposal) { return engine::to_string(proposal); });
      return Error{Category::kPermissionDenied, "sandbox.feature_denied",
                   fmt::format("the module uses {0}, which its policy leaves out; build it without, or name what it "
                               "needs: `grants: {{features: [{0}]}}`, unless the operator denies it",
                               fmt::join(names, ", "))};
    }
  }
  return check_imports(guest, grants);
}

std::string_view grant_for_import(std::string_view module, std::string_view name) noexcept {
  const auto family = family_of_import(module, name);
  if (!family) {
    return {};
  }
  switch (*family) {
    case Family::kClock:
      return "grants: {clock: true}";
    case Family::kRandom:
      return "grants: {random: true}";
    case Family::kWasi:
      return name.starts_with("path_")      ? "grants: {read: [DIR]}"
             : name.starts_with("environ_") ? "grants: {env: [NAME]}"
             : name.starts_with("args_")    ? "grants: {args: [TEXT]}"
             : name.starts_with("clock_")   ? "grants: {clock: true}"
             : name.starts_with("random_")  ? "grants: {random: true}"
                                            : "grants: {preset: wasi}";
    case Family::kLog:
      return "nothing: it is always there";
    case Family::kCalls:
      return "grants: {imports: [kv]}";
  }
  return {};
}

}  // namespace caisson::sandbox
