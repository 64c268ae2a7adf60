#pragma once

#include "document/value.h"

#include <caisson/result.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// A place in a JSON document, written as `/items/0/name`; the empty text is the whole document.
///
/// Source: RFC 6901 (the text form; not the URI fragment form).
class JsonPointer {
 public:
  /// Errors: invalid_argument / workflow.bad_option, saying what is wrong.
  [[nodiscard]] static Result<JsonPointer> parse(std::string_view text);

  /// What it points to.
  ///
  /// Lifetime: as long as `document`. Errors: not_found / workflow.json_path_missing, saying which part leads nowhere.
  [[nodiscard]] Result<const document::Value*> find(const document::Value& document) const;

 private:
  std::vector<std::string> tokens_;
};

}  // namespace caisson::workflow
