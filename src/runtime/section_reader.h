#pragma once

#include "document/value.h"
#include "sandbox/policy_request.h"

#include <caisson/error.h>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::runtime {

/// What the readers of a configuration file have in common: values of a kind, and what is said when they are of
/// another.
class SectionReader {
 protected:
  SectionReader(const std::string& file, std::vector<Diagnostic>& problems) : file_(file), problems_(problems) {}

  /// The entries of a map, the items of a list, a text that is not empty, a truth value; otherwise a problem, and
  /// nothing.
  [[nodiscard]] const document::Map& entries(std::string_view name, const document::Value& value);
  [[nodiscard]] const document::List& items(std::string_view name, const document::Value& value);
  [[nodiscard]] const std::string* text(std::string_view name, const document::Value& value);
  [[nodiscard]] const bool* truth(std::string_view name, const document::Value& value);

  [[nodiscard]] sandbox::Origin at(const document::Value& value) const;
  /// `section`: empty at the top of the file.
  void unknown(std::string_view section, const document::Entry& entry, std::span<const std::string_view> known);
  void problem(std::string_view reason, document::Mark mark, std::string message);

 private:
  const std::string& file_;
  std::vector<Diagnostic>& problems_;
};

}  // namespace caisson::runtime
