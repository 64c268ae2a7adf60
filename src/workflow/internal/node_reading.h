#pragma once

#include "document/value.h"
#include "workflow/definition.h"
#include "workflow/internal/fields.h"
#include "workflow/internal/node_list.h"
#include "workflow/internal/problems.h"

#include <initializer_list>
#include <string>
#include <string_view>

namespace caisson::workflow {

/// One node while it is read: what a type is given to read its own fields.
struct NodeReading {
  Fields& fields;
  const document::Value* options;  ///< its `options`, a map; nullptr: none
  NodeDefinition& node;            ///< what every node has is there already; a type may add to its policy
  const Definition& definition;    ///< what stands above the nodes is there already
  Problems& problems;
  const BodyScope& scope;  ///< the bodies around the node

  /// A string that older files write under another name.
  [[nodiscard]] const std::string* string_or_alias(std::string_view name, std::string_view alias) const;
};

/// Text of a definition as messages show it.
[[nodiscard]] std::string shown(std::string_view text);

/// The map without these names; null when there is no map or nothing is left of it.
[[nodiscard]] document::Value without(const document::Value* map, std::initializer_list<std::string_view> names);

}  // namespace caisson::workflow
