#pragma once

#include "engine/module.h"
#include "sandbox/grants.h"

#include <caisson/result.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::sandbox {

/// How a module is called; api/abi.md has the contracts.
enum class GuestAbi : std::uint8_t {
  kBuffer,   ///< caisson_alloc, caisson_process: bytes in, bytes out
  kCStyle,   ///< allocate, process, deallocate: bytes in, bytes out, as modules of existing DAG engines export
  kScalar,   ///< any function of numbers, called by name with a JSON array
  kCommand,  ///< a WASI program, module or component: standard input, standard output, exit code
  kNode,     ///< a component of the world caisson:node: bytes in, bytes out
  kDagwood,  ///< a component of the world dagwood:component, as those of existing DAG engines: bytes in, bytes out
};

/// `buffer`, `c-style`, `scalar`, `command`, `caisson:node`, `dagwood:component`
[[nodiscard]] std::string_view to_string(GuestAbi abi) noexcept;

/// Host functions that are granted together, as bits.
enum class Family : std::uint8_t {
  kWasi = 1,    ///< WASI preview 1; of WASI 0.2 what is not below
  kLog = 2,     ///< the log: everybody has it
  kCalls = 4,   ///< operations, with at least one group of them granted
  kClock = 8,   ///< clocks of WASI 0.2, whose functions have no way to refuse
  kRandom = 16  ///< random bytes of WASI 0.2, likewise
};

/// A module together with the way it is called: everything that can be known before a call.
struct Guest {
  std::shared_ptr<const engine::Module> module;
  GuestAbi abi = GuestAbi::kBuffer;
  std::string entry;                 ///< the exported function that gets the input; of a component its export
  engine::Signature signature;       ///< of the entry
  std::uint8_t families = 0;         ///< what its imports need, as bits of Family
  bool initialize = false;           ///< a reactor: `_initialize` is called before the entry
  std::uint64_t baseline_bytes = 0;  ///< memory it starts with, when it exports its memory
};

/// Finds out how a module is called: by `function` when it is named, otherwise by what it exports.
///
/// A component is called by the interface that it exports; naming a function of one is an error.
///
/// A module that imports what no grant can give is refused here, with an error that names each import; what a grant can
/// give is checked by check_guest. Errors: permission_denied / sandbox.import_denied; invalid_argument /
/// sandbox.missing_export, sandbox.bad_signature, sandbox.unsupported_abi (zero-terminated strings).
[[nodiscard]] Result<Guest> bind_guest(std::shared_ptr<const engine::Module> module,
                                       const std::optional<std::string>& function = std::nullopt);

/// Whether these grants link everything that the guest imports.
/// Errors: permission_denied / sandbox.import_denied, naming each import and the grant that would allow it.
[[nodiscard]] Status check_imports(const Guest& guest, const Grants& grants);

/// Whether these grants let the guest begin: check_imports, and the proposals that it uses. The one place that decides
/// it; every call asks.
/// Errors: those of check_imports; permission_denied / sandbox.feature_denied, naming each proposal.
[[nodiscard]] Status check_guest(const Guest& guest, const Grants& grants);

/// The grant that allows an import, as a line of a definition; empty when no grant can, or none is needed.
[[nodiscard]] std::string_view grant_for_import(std::string_view module, std::string_view name) noexcept;

}  // namespace caisson::sandbox
