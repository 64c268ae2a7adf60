#pragma once

#include "language/program.h"

#include <caisson/error.h>

#include <cstdint>

namespace caisson::language {

/// Where it is written what code may import.
enum class ImportList : std::uint8_t {
  kNode,  ///< `imports` of a node
  kCall,  ///< `--import`, or CodeOptions::imports
};

/// An error code.import_denied with what would allow the import, or that nothing would because the language's image
/// does not have the module; any other error as it is.
[[nodiscard]] Error with_import_advice(Error error, const Program& program, ImportList list);

}  // namespace caisson::language
