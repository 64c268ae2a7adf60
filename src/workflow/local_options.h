#pragma once

#include "document/value.h"

#include <caisson/result.h>

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// Reads the options of one local processor and collects all that is wrong with them, each problem with its place.
/// Names that were never asked for are unknown.
///
/// `intent` belongs to the node, not to its processor, and is passed over.
class OptionReader {
 public:
  /// `options` is a map, or null for none; anything else is a problem. Both must outlive the reader.
  OptionReader(std::string_view processor, const document::Value& options);

  /// The text of an option, or `otherwise` when it is absent. After a problem: empty.
  [[nodiscard]] std::string text(std::string_view name, std::string_view otherwise);

  /// The text of an option that must be there; nothing after a problem.
  [[nodiscard]] std::optional<std::string> required_text(std::string_view name);

  /// The index in `allowed` of an option's text, or `otherwise` when it is absent.
  [[nodiscard]] std::size_t choice(std::string_view name, std::span<const std::string_view> allowed,
                                   std::size_t otherwise);

  /// The indices in `allowed` of the texts in an option, which is a list of them or one of them; none when it is
  /// absent.
  [[nodiscard]] std::vector<std::size_t> choices(std::string_view name, std::span<const std::string_view> allowed);

  [[nodiscard]] bool has(std::string_view name) { return take(name) != nullptr; }

  /// Adds a problem at an option's value. `reason` is that of its diagnostic.
  void problem(std::string_view name, std::string message, std::string_view reason = kBadOption);

  /// Success when nothing was wrong. Errors: invalid_argument / workflow.bad_option; when all problems share one other
  /// reason, that reason, and unimplemented for it.
  [[nodiscard]] Status finish();

 private:
  static constexpr std::string_view kBadOption = "workflow.bad_option";

  const document::Value* take(std::string_view name);
  const std::string* text_of(std::string_view name, const document::Value& value);
  std::size_t index_of(std::string_view name, const document::Value& value, std::span<const std::string_view> allowed);
  void problem_at(document::Mark mark, std::string message, std::string_view reason = kBadOption);

  std::string_view processor_;
  const document::Value& options_;
  std::vector<std::string_view> known_;
  std::vector<Diagnostic> problems_;
};

}  // namespace caisson::workflow
