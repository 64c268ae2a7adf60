#pragma once

#include "workflow/internal/items.h"
#include "workflow/node_type.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace caisson::workflow {

/// `type: loop`: runs its body again and again: for each item, while an expression holds, or both. Its output is
/// `{"results", "iterations", "stopped_by"}`. What still runs when `max_duration` is over is stopped, and has no
/// result; in a parallel loop it is null.
extern const NodeType kLoopType;

struct LoopSpec final : NodeSpec {
  static constexpr std::size_t kStandardIterations =
      1'000;  ///< reaching it is a failure; reaching a written one is not
  static constexpr std::size_t kMostIterations = 100'000;

  std::optional<ItemSource> items{};  ///< nothing: only `while_holds` decides
  std::optional<Expression> while_holds{};
  std::string item_var = "item";
  std::vector<NodeDefinition> nodes{};
  std::optional<std::size_t> max_iterations{};
  std::optional<std::chrono::nanoseconds> max_duration{};
  std::size_t parallel = 1;

  [[nodiscard]] const NodeType& type() const noexcept override { return kLoopType; }
  [[nodiscard]] bool equals(const NodeSpec& other) const override;
  [[nodiscard]] std::string label() const override { return "loop"; }
  [[nodiscard]] const sandbox::PolicyRequest& defaults(const Definition& definition) const override;
  [[nodiscard]] std::span<const NodeDefinition> body() const noexcept override { return nodes; }
  [[nodiscard]] Result<std::unique_ptr<NodeRunner>> open(const NodeDefinition& node, NodeSetup& setup) const override;
};

/// What the expressions of a node that repeats have where nobody says otherwise: 64 MiB and 60 s (I-017), no grants.
[[nodiscard]] const sandbox::PolicyRequest& loop_defaults();

}  // namespace caisson::workflow
