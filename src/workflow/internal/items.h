#pragma once

#include "workflow/expression.h"
#include "workflow/internal/node_expression.h"
#include "workflow/internal/node_reading.h"

#include <caisson/payload.h>
#include <caisson/result.h>

#include <cstddef>
#include <optional>
#include <vector>

namespace caisson::workflow {

/// Where a node that does something for each of several items has them from.
struct ItemSource {
  std::optional<document::Value> list{};   ///< written in the definition, or
  std::optional<Expression> expression{};  ///< what it gives, or
  bool of_input = false;                   ///< the payload

  friend bool operator==(const ItemSource&, const ItemSource&) = default;
};

/// The most items that one node takes.
inline constexpr std::size_t kMostItems = 10'000;

/// `items`, a list or an expression, or `items_source`, an expression; the payload when there is neither.
[[nodiscard]] ItemSource read_items(NodeReading& reading);

/// The items of one run of a node. `usage`: what finding them used is added.
/// Errors: invalid_argument / workflow.bad_items: there is no list; resource_exhausted / workflow.too_many_items; those
/// of ExpressionEvaluator::evaluate.
[[nodiscard]] Result<std::vector<Payload>> items_of(const ItemSource& source, const NodeExpressions& expressions,
                                                    const NodeInput& input, const std::stop_token& stop,
                                                    sandbox::Usage& usage);

}  // namespace caisson::workflow
