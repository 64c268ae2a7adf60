#pragma once

#include "document/places.h"
#include "document/value.h"

#include <caisson/error.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// Collects what is wrong with one text. Keeps at most kMax errors and kMax warnings, and counts the rest.
class Problems {
 public:
  static constexpr std::size_t kMax = 100;

  /// `text`: that of the document, which outlives it; empty: there is none, and what is wrong inside of a string is
  /// where the string begins.
  explicit Problems(std::string_view file, std::string_view text = {}) : file_(file), text_(text) {}

  void error(std::string_view reason, std::string message, document::Mark mark) {
    add(Severity::kError, reason, std::move(message), mark);
  }
  void warning(std::string_view reason, std::string message, document::Mark mark) {
    add(Severity::kWarning, reason, std::move(message), mark);
  }
  /// One of the character at `offset` of a string of the document.
  void error_inside(std::string_view reason, std::string message, const document::Value& string, std::size_t offset);
  /// A problem that somebody else found in the same text.
  void add(const Diagnostic& diagnostic);

  [[nodiscard]] bool has_errors() const noexcept { return !errors_.empty(); }
  [[nodiscard]] std::size_t error_count() const noexcept { return error_count_; }
  [[nodiscard]] const std::vector<Diagnostic>& errors() const noexcept { return errors_; }
  [[nodiscard]] const std::vector<Diagnostic>& warnings() const noexcept { return warnings_; }

  /// The errors as one Error, sorted by place. Only when there are any. Unimplemented when every one of them is
  /// workflow.unimplemented, otherwise invalid_argument; the reason is theirs when they share one.
  [[nodiscard]] Error to_error() const;

 private:
  void add(Severity severity, std::string_view reason, std::string message, document::Mark mark);

  std::string file_;
  std::string_view text_;
  std::unique_ptr<document::Places> places_;  // once something asked for one
  std::vector<Diagnostic> errors_;
  std::vector<Diagnostic> warnings_;
  std::size_t error_count_ = 0;
};

}  // namespace caisson::workflow
