#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::engine {

enum class BinaryKind : std::uint8_t {
  kModule,           ///< a core module
  kComponent,        ///< a component
  kLegacyComponent,  ///< a core module that carries its component in a custom section, as early tools made them
  kInvalid,          ///< neither
};

struct BinaryVerdict {
  BinaryKind kind = BinaryKind::kInvalid;
  std::string why;  ///< for kInvalid: what is wrong, lower-case, without the name of the file

  friend bool operator==(const BinaryVerdict&, const BinaryVerdict&) = default;
};

/// What the bytes are, by their header and the frame of their sections; nothing inside a section is looked at and
/// nothing is validated. Constant memory, linear time, safe for any bytes.
[[nodiscard]] BinaryVerdict classify_binary(std::string_view bytes);

}  // namespace caisson::engine
