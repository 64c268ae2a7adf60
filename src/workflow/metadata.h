#pragma once

#include "base/environment.h"
#include "document/value.h"
#include "workflow/plan.h"
#include "workflow/run_record.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// The metadata of the run itself, which every node sees under kRequestId: `config_file`, `hostname` (the variable
/// HOSTNAME, otherwise `unknown`) and `input_text`.
[[nodiscard]] document::Value request_metadata(std::string_view config_file, std::string_view input_text,
                                               const base::Environment& environment);

/// What a node hands on: one entry per id with metadata of its own, nested, so that two nodes may use the same names.
/// First the run's own under kRequestId, then those of the node's ancestors and the node itself by rank and id. Nodes
/// that found out nothing have no entry.
///
/// Takes time linear in the node's ancestors and their dependencies.
[[nodiscard]] document::Value merged_metadata(const Plan& plan, const RunRecord& record, NodeIndex node);

/// Enough of a merged view to show it.
struct MetadataSummary {
  static constexpr std::size_t kCap = 1'000;  ///< entries are counted up to here
  static constexpr std::size_t kFirst = 3;

  struct Sample {
    bool is_request = false;
    NodeIndex node = 0;  ///< whose entry it is, unless it is the run's

    friend bool operator==(const Sample&, const Sample&) = default;
  };

  std::uint32_t entries = 0;
  bool more = false;  ///< there are more than kCap
  std::uint8_t sample_count = 0;
  std::array<Sample, kFirst> samples{};  ///< the first `sample_count` of them, in the order of merged_metadata
};

/// The summary of every node's merged view. Takes time linear in the plan's dependencies times kCap, and much less when
/// few nodes have metadata or many paths share them.
[[nodiscard]] std::vector<MetadataSummary> summarize_metadata(const Plan& plan, const RunRecord& record);

}  // namespace caisson::workflow
