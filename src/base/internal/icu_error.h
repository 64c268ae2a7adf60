#pragma once

#include <caisson/error.h>

#include <cstddef>
#include <optional>
#include <string_view>

namespace caisson::base::internal {

/// Why a text cannot be given to ICU, which counts in 32 bits: resource_exhausted / text.too_large over 1 GiB.
[[nodiscard]] std::optional<Error> refuse_too_large(std::string_view text);

/// internal / text.icu for an ICU error code (a UErrorCode).
[[nodiscard]] Error icu_error(std::string_view doing, int code);

}  // namespace caisson::base::internal
