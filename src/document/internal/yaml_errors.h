#pragma once

#include "document/internal/builder.h"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::document::internal {

/// What a person is told instead of yaml-cpp's own words.
struct YamlProblem {
  std::string_view reason;
  std::size_t offset = 0;
  std::string message;
};

/// Explains the message of an exception that ended a parse at `offset`, while `open` was the innermost collection and
/// the last event was of `latest`.
[[nodiscard]] YamlProblem explain_yaml_error(std::string_view yaml_message, std::size_t offset, std::size_t latest,
                                             std::string_view text, const TextIndex& index,
                                             const std::optional<OpenCollection>& open);

/// Explains a second document that begins at `offset`; it may be a text that yaml-cpp could make no sense of.
[[nodiscard]] YamlProblem explain_second_document(std::size_t offset, std::string_view text);

/// What is written at `offset`, up to a blank or punctuation of YAML's.
[[nodiscard]] std::string_view word_at(std::string_view text, std::size_t offset) noexcept;

}  // namespace caisson::document::internal
