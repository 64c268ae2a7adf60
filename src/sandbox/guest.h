#pragma once

#include "engine/module.h"

#include <caisson/result.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::sandbox {

/// How a module is called; api/abi.md has the contracts.
enum class GuestAbi : std::uint8_t {
  kBuffer,  ///< caisson_alloc, caisson_process: bytes in, bytes out
  kCStyle,  ///< allocate, process, deallocate: bytes in, bytes out, as modules of existing DAG engines export
  kScalar,  ///< any function of numbers, called by name with a JSON array
};

/// `buffer`, `c-style`, `scalar`
[[nodiscard]] std::string_view to_string(GuestAbi abi) noexcept;

/// A module together with the way it is called: everything that can be known before a call.
struct Guest {
  std::shared_ptr<const engine::Module> module;
  GuestAbi abi = GuestAbi::kBuffer;
  std::string entry;            ///< the exported function that gets the input
  engine::Signature signature;  ///< of the entry
};

/// Finds out how a module is called: by `function` when it is named, otherwise by what it exports.
///
/// A module with imports is refused, because nothing is granted yet: the error names each import and the grant that
/// would allow it. Errors: permission_denied / sandbox.import_denied; not_found, invalid_argument /
/// sandbox.missing_export; invalid_argument / sandbox.bad_signature, sandbox.unsupported_abi (zero-terminated strings);
/// unimplemented / sandbox.unsupported_abi (a command).
[[nodiscard]] Result<Guest> bind_guest(std::shared_ptr<const engine::Module> module,
                                       const std::optional<std::string>& function = std::nullopt);

/// The grant that allows an import, as a line of a definition; empty when no grant can.
[[nodiscard]] std::string_view grant_for_import(std::string_view module, std::string_view name) noexcept;

}  // namespace caisson::sandbox
