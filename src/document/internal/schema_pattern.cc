#include "document/internal/schema_pattern.h"

#include "document/internal/ecma_pattern.h"

namespace caisson::document::internal {

const Result<base::Regex>& Pattern::regex() const {
  std::call_once(once_, [this] { regex_ = base::Regex::compile(from_ecma(written_)); });
  return regex_;
}

}  // namespace caisson::document::internal
