#pragma once

#include <caisson/result.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace caisson::language {

/// The bytes of a file in a ZIP archive (APPNOTE 6.3), stored or deflated, of at most `max_bytes`. The archive may be
/// anything.
/// Errors: data_loss / language.bad_package: no file has that name, the archive is damaged or of a form that is not
/// read here (encrypted, larger than 4 GiB), or the file is larger.
[[nodiscard]] Result<std::string> read_zip_member(std::string_view zip, std::string_view name, std::uint64_t max_bytes);

}  // namespace caisson::language
