#pragma once

#include "workflow/node_type.h"

#include <optional>
#include <string>

namespace caisson::workflow {

/// `type: wasm`: a WebAssembly module, each time in a sandbox of its own.
extern const NodeType kWasmType;

struct WasmSpec final : NodeSpec {
  std::string module{};               ///< the path as written
  std::optional<std::string> func{};  ///< the export to call instead of the ABI's own

  [[nodiscard]] const NodeType& type() const noexcept override { return kWasmType; }
  [[nodiscard]] bool equals(const NodeSpec& other) const override;
  [[nodiscard]] std::string label() const override { return "WASM"; }
  [[nodiscard]] const sandbox::PolicyRequest& defaults(const Definition& definition) const override;
  [[nodiscard]] Status check(const NodeDefinition& node, NodeSetup& setup) const override;
  [[nodiscard]] Result<std::unique_ptr<NodeRunner>> open(const NodeDefinition& node, NodeSetup& setup) const override;
};

}  // namespace caisson::workflow
