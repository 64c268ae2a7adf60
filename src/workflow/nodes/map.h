#pragma once

#include "workflow/internal/items.h"
#include "workflow/node_type.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace caisson::workflow {

/// `type: map`: runs its body for each item, several at once; its output is the JSON list of the results, in the order
/// of the items.
extern const NodeType kMapType;

struct MapSpec final : NodeSpec {
  ItemSource items{};
  std::string item_var = "item";
  std::vector<NodeDefinition> nodes{};
  std::size_t concurrency = 0;      ///< 0: as many as the run has room for
  std::size_t chunk = 0;            ///< items that one run of the body gets, as a list; 0: one, as it is
  std::uint32_t item_attempts = 1;  ///< in all
  bool keeps_errors = false;        ///< an item that fails has `{"error": ...}` as its result

  [[nodiscard]] const NodeType& type() const noexcept override { return kMapType; }
  [[nodiscard]] bool equals(const NodeSpec& other) const override;
  [[nodiscard]] std::string label() const override { return "map"; }
  [[nodiscard]] const sandbox::PolicyRequest& defaults(const Definition& definition) const override;
  [[nodiscard]] std::span<const NodeDefinition> body() const noexcept override { return nodes; }
  [[nodiscard]] Result<std::unique_ptr<NodeRunner>> open(const NodeDefinition& node, NodeSetup& setup) const override;
};

}  // namespace caisson::workflow
