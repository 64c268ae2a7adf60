#pragma once

#include "workflow/definition.h"
#include "workflow/node_type.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace caisson::workflow {

/// `type: parallel`: runs several branches, each a graph of its own, at the same time, on the same input.
extern const NodeType kParallelType;

struct ParallelSpec final : NodeSpec {
  enum class Wait : std::uint8_t {
    kAll,   ///< for every branch; one that fails fails the node
    kAny,   ///< for the first that succeeds; the others are stopped
    kRace,  ///< for the first that ends, in whatever way; the others are stopped
  };
  static constexpr std::size_t kMostBranches = 1'000;

  std::vector<NodeDefinition> nodes{};  ///< of all branches, one after the other
  std::vector<std::size_t> ends{};      ///< of each branch, in `nodes`
  Wait wait = Wait::kAll;
  std::size_t max_concurrency = 0;  ///< 0: as many as the run has room for
  bool merges = true;               ///< of kAll: results that are all maps become one map

  [[nodiscard]] const NodeType& type() const noexcept override { return kParallelType; }
  [[nodiscard]] bool equals(const NodeSpec& other) const override;
  [[nodiscard]] std::string label() const override { return "parallel"; }
  [[nodiscard]] std::span<const NodeDefinition> body() const noexcept override { return nodes; }
  [[nodiscard]] Result<std::unique_ptr<NodeRunner>> open(const NodeDefinition& node, NodeSetup& setup) const override;
};

}  // namespace caisson::workflow
