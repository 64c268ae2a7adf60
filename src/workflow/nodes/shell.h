#pragma once

#include "workflow/node_type.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace caisson::workflow {

/// `type: shell`: a script of an interpreter of the host, in a process of its own. It is in NO sandbox: it can do what
/// the user can who runs the program. So it is refused unless the operator allows the interpreter
/// (NodeSetup::interpreter).
extern const NodeType kShellType;

enum class Interpreter : std::uint8_t { kSh, kBash, kPython, kNode };

/// `sh`, `bash`, `python`, `node`: what an operator allows.
[[nodiscard]] std::string_view to_string(Interpreter interpreter) noexcept;
/// Also `shell`, `python3`, `javascript`, `js`, `nodejs`.
[[nodiscard]] std::optional<Interpreter> interpreter_from(std::string_view name) noexcept;

struct ShellSpec final : NodeSpec {
  static constexpr std::uint64_t kMostBytes = 96U << 10;  ///< of a script: it is an argument of a process

  Interpreter interpreter = Interpreter::kSh;
  std::optional<std::string> text{};  ///< written in the definition, or
  std::string file{};                 ///< the path as written

  [[nodiscard]] const NodeType& type() const noexcept override { return kShellType; }
  [[nodiscard]] bool equals(const NodeSpec& other) const override;
  [[nodiscard]] std::string label() const override;
  [[nodiscard]] const sandbox::PolicyRequest& defaults(const Definition& definition) const override;
  [[nodiscard]] std::string_view host_interpreter() const noexcept override { return to_string(interpreter); }
  [[nodiscard]] bool has_inline_code() const noexcept override { return text.has_value(); }
  [[nodiscard]] Status check(const NodeDefinition& node, NodeSetup& setup) const override;
  [[nodiscard]] Result<std::unique_ptr<NodeRunner>> open(const NodeDefinition& node, NodeSetup& setup) const override;

 private:
  [[nodiscard]] Result<std::string> script(NodeSetup& setup) const;
};

}  // namespace caisson::workflow
