#pragma once

#include "workflow/definition.h"
#include "workflow/node_rules.h"

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace caisson::workflow {

class NodeSetup;

/// The groups with limits that the nodes of one definition are in: its types that have a limit, and its keys.
class DefinitionGroups {
 public:
  /// `groups`: all of a run, for RunOptions::groups; those of this definition are added as its nodes ask for them.
  /// Outlives this.
  explicit DefinitionGroups(std::vector<NodeGroup>& groups) : groups_(groups) {}

  /// The groups of a node of `definition`, as NodeRules has them.
  [[nodiscard]] std::vector<std::uint32_t> of(const Definition& definition, const NodeDefinition& node);

 private:
  using Name = std::pair<const NodeType*, std::string>;  ///< a type, or a key
  std::uint32_t group(Name name, std::size_t limit);

  std::vector<NodeGroup>& groups_;
  std::map<Name, std::uint32_t> numbers_;
};

/// The rules of nodes that are run as a whole, by index; none when all of them only run. A condition that cannot be set
/// up fails its node.
[[nodiscard]] std::vector<NodeRules> make_rules(std::span<const NodeDefinition> nodes, const Definition& definition,
                                                DefinitionGroups& groups, NodeSetup& setup);

}  // namespace caisson::workflow
