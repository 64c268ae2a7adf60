#pragma once

#include "base/regex.h"

#include <caisson/result.h>

#include <mutex>
#include <string>
#include <string_view>

namespace caisson::document::internal {

/// A pattern of a schema, compiled when it is first asked for. Threads: safe.
class Pattern {
 public:
  explicit Pattern(std::string_view written) : written_(written) {}

  /// Errors: those of base::Regex::compile.
  [[nodiscard]] const Result<base::Regex>& regex() const;

 private:
  std::string written_;
  mutable std::once_flag once_;
  mutable Result<base::Regex> regex_ = Error{Category::kInternal, "regex.bad_pattern", "the pattern is not compiled"};
};

}  // namespace caisson::document::internal
