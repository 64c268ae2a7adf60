#include "workflow/internal/node_list.h"

#include "base/suggest.h"
#include "workflow/internal/mapping_fields.h"
#include "workflow/internal/node_reader.h"
#include "workflow/internal/node_reading.h"
#include "workflow/node_type.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace caisson::workflow {

namespace {

using document::List;
using document::Value;

std::string_view id_of(const Value& node) {
  const Value* id = node.find("id");
  return id == nullptr || id->as_string() == nullptr ? std::string_view() : std::string_view(*id->as_string());
}

/// Calls `visit` with each member of the bodies of a node.
template <typename Visit>
void for_each_member(const Value& node, const Visit& visit) {
  for (const std::string_view name : {"body", "branches"}) {
    const Value* list = node.find(name);
    if (list == nullptr || list->as_list() == nullptr) {
      continue;
    }
    for (const Value& item : *list->as_list()) {
      if (name == "branches" && item.as_list() != nullptr) {
        std::ranges::for_each(*item.as_list(), visit);
      } else {
        visit(item);
      }
    }
  }
}

/// Moves nodes into the bodies that name them: each at most once, so the work is linear.
class Gatherer {
 public:
  Gatherer(const List& nodes, Problems& problems) : nodes_(nodes), problems_(problems) {
    for (const Value& node : nodes) {
      if (const std::string_view id = id_of(node); !id.empty()) {
        by_id_.emplace(id, &node);
      }
    }
  }

  List gather() {
    for (const Value& node : nodes_) {
      claim(node, node);
    }
    List out;
    for (const Value& node : nodes_) {
      if (!claims_.contains(&node)) {
        out.push_back(whole(node, 0));
      }
    }
    for (const auto& [node, claim] : claims_) {
      if (!placed_.contains(node) && !too_deep_) {
        problems_.error("workflow.cycle", fmt::format("node '{}' is in its own body", shown(id_of(*node))),
                        claim.item->mark());
      }
    }
    return out;
  }

 private:
  struct Claim {
    const Value* owner;
    const Value* item;  ///< where its id is written
  };

  /// Notes which nodes the bodies of `node` name, which stands in the list as, or in, `owner`.
  void claim(const Value& node, const Value& owner) {
    for_each_member(node, [&](const Value& item) {
      const std::string* id = item.as_string();
      if (id == nullptr) {
        claim(item, owner);
        return;
      }
      const std::string who = fmt::format("node '{}'", shown(id_of(node)));
      const auto found = by_id_.find(*id);
      if (found == by_id_.end()) {
        std::vector<std::string_view> ids;
        std::ranges::transform(by_id_, std::back_inserter(ids), [](const auto& entry) { return entry.first; });
        problems_.error(
            "workflow.unknown_dependency",
            fmt::format("{}: its body names '{}', which no node has{}", who, shown(*id), base::did_you_mean(*id, ids)),
            item.mark());
        return;
      }
      const auto [claim, is_first] = claims_.emplace(found->second, Claim{&owner, &item});
      if (!is_first) {
        problems_.error("workflow.bad_value",
                        fmt::format("{}: node '{}' is in the body of node '{}' already; a node is in one body, once",
                                    who, shown(*id), shown(id_of(*claim->second.owner))),
                        item.mark());
      }
    });
  }

  /// The node with its bodies made whole.
  Value whole(const Value& node, std::size_t depth) {
    Value out = node;
    if (out.as_map() == nullptr) {
      return out;
    }
    for (document::Entry& entry : *out.as_map()) {
      List* list = entry.value.as_list();
      if (list == nullptr || (entry.name != "body" && entry.name != "branches")) {
        continue;
      }
      const List& written = *node.find(entry.name)->as_list();
      for (std::size_t i = 0; i < list->size(); ++i) {
        List* branch = entry.name == "branches" ? (*list)[i].as_list() : nullptr;
        for (std::size_t j = 0; branch != nullptr && j < branch->size(); ++j) {
          (*branch)[j] = member((*written[i].as_list())[j], depth);
        }
        if (branch == nullptr) {
          (*list)[i] = member(written[i], depth);
        }
      }
    }
    return out;
  }

  /// The node in the place of its id; a text when there is none, which was reported.
  Value member(const Value& item, std::size_t depth) {
    if (depth >= kMaxBodyDepth) {
      if (!too_deep_) {
        problems_.error("workflow.bad_value",
                        fmt::format("nodes stand in the bodies of others more than {} deep", kMaxBodyDepth),
                        item.mark());
      }
      too_deep_ = true;
      return std::string();
    }
    if (item.as_string() == nullptr) {
      return whole(item, depth + 1);
    }
    const auto found = by_id_.find(*item.as_string());
    const auto claim = found == by_id_.end() ? claims_.end() : claims_.find(found->second);
    if (claim == claims_.end() || claim->second.item != &item) {
      return item;
    }
    placed_.insert(found->second);
    return whole(*found->second, depth + 1);
  }

  const List& nodes_;
  Problems& problems_;
  std::map<std::string_view, const Value*> by_id_;
  std::map<const Value*, Claim> claims_;
  std::set<const Value*> placed_;
  bool too_deep_ = false;
};

/// Lets nodes wait for the one that chooses them.
void add_followers(std::vector<NodeDefinition>& nodes, Problems& problems) {
  std::map<std::string_view, NodeDefinition*> by_id;
  for (NodeDefinition& node : nodes) {
    by_id.emplace(node.id, &node);
  }
  for (const NodeDefinition& node : nodes) {
    if (node.spec == nullptr) {
      continue;
    }
    for (const Dependency& follower : node.spec->followers()) {
      const auto found = by_id.find(follower.id);
      if (found == by_id.end()) {
        std::vector<std::string_view> ids;
        std::ranges::transform(by_id, std::back_inserter(ids), [](const auto& entry) { return entry.first; });
        problems.error("workflow.unknown_dependency",
                       fmt::format("node '{}': there is no node '{}' beside it{}", shown(node.id), shown(follower.id),
                                   base::did_you_mean(follower.id, ids)),
                       follower.mark);
      } else if (auto& waits_for = found->second->depends_on;
                 std::ranges::find(waits_for, node.id, &Dependency::id) == waits_for.end()) {
        waits_for.push_back({node.id, follower.mark});
      }
    }
  }
}

}  // namespace

List gather_bodies(const List& nodes, Problems& problems) {
  const bool any = std::ranges::any_of(
      nodes, [](const Value& node) { return node.find("body") != nullptr || node.find("branches") != nullptr; });
  return any ? Gatherer(nodes, problems).gather() : nodes;
}

std::vector<NodeDefinition> read_node_list(const List& nodes, const Definition& definition, Problems& problems,
                                           const BodyScope& scope) {
  std::vector<NodeDefinition> out;
  std::size_t number = 0;
  for (const Value& item : nodes) {
    if (scope.depth > 0 && item.as_string() != nullptr) {
      continue;  // an id that gather_bodies found nothing for, and said so
    }
    NodeDefinition node = read_node(item, ++number, definition, problems, scope);
    if (!node.id.empty()) {
      out.push_back(std::move(node));
    }
  }
  add_followers(out, problems);
  check_mappings(out, problems, scope.names);
  return out;
}

namespace {

void collect_ids(std::span<const NodeDefinition> nodes, std::size_t depth, std::set<std::string_view>& ids,
                 Problems& problems) {
  for (const NodeDefinition& node : nodes) {
    // Two of one list are a problem of its graph, which was reported.
    const bool is_new = ids.insert(node.id).second;
    const bool in_list = std::ranges::count(nodes, node.id, &NodeDefinition::id) > 1;
    if (!is_new && depth > 0 && !in_list) {
      problems.error(
          "workflow.duplicate_id",
          fmt::format("the id '{}' is taken by another node; ids are unique in a definition, bodies included",
                      shown(node.id)),
          node.mark);
    }
  }
  for (const NodeDefinition& node : nodes) {
    if (node.spec != nullptr) {
      collect_ids(node.spec->body(), depth + 1, ids, problems);
    }
  }
}

}  // namespace

void check_ids_in_bodies(std::span<const NodeDefinition> nodes, Problems& problems) {
  const bool any = std::ranges::any_of(
      nodes, [](const NodeDefinition& node) { return node.spec != nullptr && !node.spec->body().empty(); });
  if (any) {
    std::set<std::string_view> ids;
    collect_ids(nodes, 0, ids, problems);
  }
}

std::vector<PlanNode> plan_nodes(std::span<const NodeDefinition> nodes) {
  std::vector<PlanNode> out;
  out.reserve(nodes.size());
  for (const NodeDefinition& node : nodes) {
    out.push_back({node.id, node.depends_on, node.intent, node.mark});
  }
  return out;
}

}  // namespace caisson::workflow
