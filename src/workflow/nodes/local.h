#pragma once

#include "document/value.h"
#include "workflow/node_type.h"

#include <string>

namespace caisson::workflow {

/// `type: local`: a built-in text processor.
extern const NodeType kLocalType;

struct LocalSpec final : NodeSpec {
  std::string processor{};          ///< one of local_processor_names()
  document::Value options{};        ///< for the processor: a map, or null; without `intent` and `fuel_level`
  Intent own = Intent::kTransform;  ///< the processor's

  [[nodiscard]] const NodeType& type() const noexcept override { return kLocalType; }
  [[nodiscard]] bool equals(const NodeSpec& other) const override;
  [[nodiscard]] Intent intent() const noexcept override { return own; }
  [[nodiscard]] Result<std::unique_ptr<NodeRunner>> open(const NodeDefinition& node, NodeSetup& setup) const override;
};

}  // namespace caisson::workflow
