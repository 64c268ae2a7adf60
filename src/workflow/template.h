#pragma once

#include "document/value.h"

#include <caisson/result.h>

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace caisson::workflow {

/// A way into a JSON value: `.name` and `[0]`.
using ValuePath = std::vector<std::variant<std::string, std::size_t>>;

/// Reads `user.names[0]`: names of letters, digits, `_` and `-`, with places in brackets behind them.
/// Errors: invalid_argument / workflow.bad_template, saying what is wrong.
[[nodiscard]] Result<ValuePath> parse_value_path(std::string_view text);

/// Follows a path. `what` is what messages call the value.
/// Lifetime: as long as `value`. Errors: invalid_argument / workflow.template_missing: it leads nowhere; says what is
/// there.
[[nodiscard]] Result<const document::Value*> follow(const document::Value& value, const ValuePath& path,
                                                    std::string_view what);

/// A text with references to outputs of nodes in it: `Hello {{fetch.user.name}}`. Nothing in it is evaluated: between
/// the braces stands the id of a node, and a path into its output.
class Template {
 public:
  struct Reference {
    std::string node;
    ValuePath path{};
    std::size_t offset = 0;  ///< of the braces, in bytes

    friend bool operator==(const Reference&, const Reference&) = default;
  };

  static constexpr std::size_t kMostReferences = 100;

  /// Errors: invalid_argument / workflow.bad_template: braces that are not closed, closed without being open or nested,
  /// anything else between them, too many references. Its one diagnostic has the place in the text as column, counted
  /// in bytes from 1.
  [[nodiscard]] static Result<Template> parse(std::string_view text);

  [[nodiscard]] std::vector<Reference> references() const;
  /// Whether there is nothing to fill in.
  [[nodiscard]] bool is_text() const noexcept;

  /// The value: when a reference is all of the text what it refers to; otherwise a text, with strings as they are and
  /// anything else as JSON. `output_of` gives the output of a node. Errors: of output_of and follow;
  /// resource_exhausted / workflow.template_too_large: more than `most` bytes.
  using Outputs = std::function<Result<const document::Value*>(const std::string& node)>;
  [[nodiscard]] Result<document::Value> fill(const Outputs& output_of, std::size_t most) const;

  friend bool operator==(const Template&, const Template&) = default;

 private:
  std::vector<std::variant<std::string, Reference>> parts_;
};

}  // namespace caisson::workflow
