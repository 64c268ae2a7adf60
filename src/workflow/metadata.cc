#include "workflow/metadata.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

bool has_entries(const Value& metadata) {
  const document::Map* map = metadata.as_map();
  return map != nullptr && !map->empty();
}

/// By rank, then by id: the order of entries.
struct EntryOrder {
  const Plan& plan;
  bool operator()(NodeIndex a, NodeIndex b) const {
    return plan.rank(a) != plan.rank(b) ? plan.rank(a) < plan.rank(b) : plan.id(a) < plan.id(b);
  }
};

/// The first kCap nodes with metadata among a node and its ancestors, in order. Shared by the nodes for which it is the
/// same; only for as long as a dependent may need it.
struct FirstEntries {
  std::vector<NodeIndex> nodes;
  bool more = false;
};
using SharedEntries = std::shared_ptr<const FirstEntries>;

/// The first kCap of a union are among the first kCap of its parts.
SharedEntries merge(const SharedEntries& a, const SharedEntries& b, const EntryOrder& before) {
  if (a == b || b->nodes.empty()) {
    return a;
  }
  if (a->nodes.empty()) {
    return b;
  }
  FirstEntries out;
  std::ranges::set_union(a->nodes, b->nodes, std::back_inserter(out.nodes), before);
  out.more = a->more || b->more || out.nodes.size() > MetadataSummary::kCap;
  out.nodes.resize(std::min(out.nodes.size(), MetadataSummary::kCap));
  return std::make_shared<const FirstEntries>(std::move(out));
}

/// The node's own entry comes after those of its ancestors.
SharedEntries append(const SharedEntries& list, NodeIndex node) {
  if (list->nodes.size() == MetadataSummary::kCap) {
    if (list->more) {
      return list;
    }
    return std::make_shared<const FirstEntries>(FirstEntries{list->nodes, true});
  }
  FirstEntries out = *list;
  out.nodes.push_back(node);
  return std::make_shared<const FirstEntries>(std::move(out));
}

MetadataSummary summary_of(const FirstEntries& list, bool with_request) {
  MetadataSummary out;
  const std::size_t entries = list.nodes.size() + (with_request ? 1 : 0);
  out.more = list.more || entries > MetadataSummary::kCap;
  out.entries = static_cast<std::uint32_t>(std::min(entries, MetadataSummary::kCap));
  if (with_request) {
    out.samples[out.sample_count++] = {true, 0};
  }
  for (std::size_t i = 0; i < list.nodes.size() && out.sample_count < MetadataSummary::kFirst; ++i) {
    out.samples[out.sample_count++] = {false, list.nodes[i]};
  }
  return out;
}

}  // namespace

Value request_metadata(std::string_view config_file, std::string_view input_text,
                       const base::Environment& environment) {
  Value out = Value::map();
  out.set("config_file", config_file);
  out.set("hostname", environment.variable("HOSTNAME").value_or("unknown"));
  out.set("input_text", input_text);
  return out;
}

Value merged_metadata(const Plan& plan, const RunRecord& record, NodeIndex node) {
  std::vector<bool> seen(plan.size());
  std::vector<NodeIndex> found{node};
  seen[node] = true;
  for (std::size_t i = 0; i < found.size(); ++i) {
    for (const NodeIndex d : plan.dependencies(found[i])) {
      if (!seen[d]) {
        seen[d] = true;
        found.push_back(d);
      }
    }
  }
  std::erase_if(found, [&](NodeIndex n) { return !has_entries(record.nodes[n].metadata); });
  std::ranges::sort(found, EntryOrder{plan});
  Value out = Value::map();
  if (has_entries(record.run.context)) {
    out.set(std::string(kRequestId), record.run.context);
  }
  for (const NodeIndex n : found) {
    out.set(std::string(plan.id(n)), record.nodes[n].metadata);
  }
  return out;
}

std::vector<MetadataSummary> summarize_metadata(const Plan& plan, const RunRecord& record) {
  const EntryOrder before{plan};
  const bool with_request = has_entries(record.run.context);
  const auto nothing = std::make_shared<const FirstEntries>();
  std::vector<MetadataSummary> out(plan.size());
  std::vector<SharedEntries> lists(plan.size());
  std::vector<std::size_t> needed_by(plan.size());
  for (const NodeIndex node : plan.order()) {
    SharedEntries list = nothing;
    for (const NodeIndex d : plan.dependencies(node)) {
      list = merge(list, lists[d], before);
      if (--needed_by[d] == 0) {
        lists[d].reset();
      }
    }
    if (has_entries(record.nodes[node].metadata)) {
      list = append(list, node);
    }
    out[node] = summary_of(*list, with_request);
    needed_by[node] = plan.dependents(node).size();
    if (needed_by[node] > 0) {
      lists[node] = std::move(list);
    }
  }
  return out;
}

}  // namespace caisson::workflow
