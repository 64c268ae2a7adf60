#pragma once

#include <caisson/result.h>

#include <string>
#include <string_view>

namespace caisson::base {

/// A name of the domain name system as it is asked for: ASCII in lower case, other scripts as `xn--` labels, without
/// the dot at its end. Two spellings of one name give the same text; two names that only look alike do not.
///
/// Labels are letters, digits, `-` and `_`, from 1 to 63 bytes each and 253 together.
/// Errors: invalid_argument / text.bad_domain. Source: UTS 46, nontransitional; RFC 5891.
[[nodiscard]] Result<std::string> to_ascii_domain(std::string_view name);

}  // namespace caisson::base
