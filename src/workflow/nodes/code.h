#pragma once

#include "language/language.h"
#include "language/program.h"
#include "workflow/node_type.h"

#include <optional>
#include <string>
#include <vector>

namespace caisson::workflow {

/// `type: code`: code of a language, each time in a sandbox of its own. It gets the outputs of the node's dependencies
/// as `inputs`, and the canonical payload. Its value is the node's payload.
extern const NodeType kCodeType;

struct CodeSpec final : NodeSpec {
  language::Language language = language::Language::kPython;
  std::optional<std::string> text{};                  ///< written in the definition, or
  std::string file{};                                 ///< the path as written
  std::optional<std::string> entry{};                 ///< the function that is called
  std::optional<std::vector<std::string>> imports{};  ///< all that it may import
  bool deterministic = false;  ///< a virtual clock and seeded randomness, unless it asks for others

  [[nodiscard]] const NodeType& type() const noexcept override { return kCodeType; }
  [[nodiscard]] bool equals(const NodeSpec& other) const override;
  [[nodiscard]] std::string label() const override;
  [[nodiscard]] const sandbox::PolicyRequest& defaults(const Definition& definition) const override;
  [[nodiscard]] bool has_inline_code() const noexcept override { return text.has_value(); }
  [[nodiscard]] Status check(const NodeDefinition& node, NodeSetup& setup) const override;
  [[nodiscard]] Result<std::unique_ptr<NodeRunner>> open(const NodeDefinition& node, NodeSetup& setup) const override;

 private:
  [[nodiscard]] Result<language::Program> program(const NodeDefinition& node, NodeSetup& setup) const;
};

/// What code has where nobody says otherwise: the limits of I-017, a coarse clock and real randomness; deterministic
/// code a virtual clock and seeded randomness.
[[nodiscard]] const sandbox::PolicyRequest& code_defaults(bool deterministic);

}  // namespace caisson::workflow
