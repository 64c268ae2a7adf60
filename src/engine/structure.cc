#include "engine/structure.h"

#include "base/unicode.h"
#include "engine/internal/handles.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace caisson::engine {

static_assert(kMetrics == CN_METRICS);
static_assert(kProposals == CN_PROPOSALS);

namespace {

struct MetricRow {
  std::string_view name;
  std::uint64_t limit;
};

constexpr std::array<MetricRow, kMetrics> kMetricTable = {{
    {"bytes", 16ULL << 20},
    {"functions", 50'000},
    {"body_bytes", 1ULL << 20},
    {"code_bytes", 16ULL << 20},
    {"locals", 2'000},
    {"nesting", 1'000},
    {"br_table_targets", 10'000},
    {"types", 10'000},
    {"imports", 1'000},
    {"exports", 1'000},
    {"globals", 10'000},
    {"tags", 1'000},
    {"tables", 100},
    {"table_elements", 10'000'000},
    {"memories", 100},
    {"memory_bytes", 4ULL << 30},
    {"segments", 10'000},
    {"data_bytes", 16ULL << 20},
    {"element_items", 1'000'000},
    {"custom_bytes", 5ULL << 20},
    {"modules", 64},
    {"depth", 5},
    {"instances", 256},
    {"items", 50'000},
}};

constexpr std::array<std::string_view, kProposals> kProposalNames = {"mutable-globals",
                                                                     "sign-extension",
                                                                     "nontrapping-conversions",
                                                                     "multi-value",
                                                                     "bulk-memory",
                                                                     "reference-types",
                                                                     "simd",
                                                                     "relaxed-simd",
                                                                     "tail-call",
                                                                     "extended-const",
                                                                     "multi-memory",
                                                                     "memory64",
                                                                     "threads",
                                                                     "exceptions",
                                                                     "legacy-exceptions",
                                                                     "function-references",
                                                                     "gc",
                                                                     "custom-page-sizes",
                                                                     "wide-arithmetic",
                                                                     "stack-switching",
                                                                     "memory-control",
                                                                     "shared-everything-threads",
                                                                     "custom-descriptors",
                                                                     "component-model",
                                                                     "component-model-async"};

}  // namespace

std::string_view to_string(Metric metric) noexcept { return kMetricTable[static_cast<std::size_t>(metric)].name; }

std::string_view to_string(Proposal proposal) noexcept { return kProposalNames[static_cast<std::size_t>(proposal)]; }

std::optional<Proposal> proposal_named(std::string_view name) noexcept {
  const auto found = std::ranges::find(kProposalNames, name);
  if (found == kProposalNames.end()) {
    return std::nullopt;
  }
  return static_cast<Proposal>(found - kProposalNames.begin());
}

std::vector<Proposal> Proposals::list() const {
  std::vector<Proposal> out;
  for (std::size_t i = 0; i < kProposals; ++i) {
    if (has(static_cast<Proposal>(i))) {
      out.push_back(static_cast<Proposal>(i));
    }
  }
  return out;
}

const Metrics& structural_limits() noexcept {
  static const Metrics kLimits = [] {
    Metrics out{};
    std::ranges::transform(kMetricTable, out.begin(), &MetricRow::limit);
    return out;
  }();
  return kLimits;
}

Structure read_structure(std::string_view wasm, const Metrics& limits) {
  cn_structure seen{};
  const ErrorHandle error(cn_structural_check(lent(wasm), limits.data(), &seen));
  Structure out;
  std::ranges::copy(seen.metrics, out.metrics.begin());
  out.proposals = Proposals(seen.proposals);
  if (error == nullptr) {
    return out;
  }
  if (seen.exceeded >= 0) {
    const auto metric = static_cast<std::size_t>(seen.exceeded);
    out.problem = Error{Category::kResourceExhausted, "engine.structural_limit",
                        fmt::format("the module has {} of {} and at most {} is accepted; an operator can accept more: "
                                    "`{}` in a configuration",
                                    out.metrics[metric], kMetricTable[metric].name, limits[metric],
                                    metric == 0 ? std::string("compile.module")
                                                : fmt::format("compile.structure.{}", kMetricTable[metric].name))};
  } else {
    out.problem = Error{Category::kInvalidArgument, "engine.malformed_module",
                        fmt::format("the module is not valid WebAssembly: {}",
                                    base::printable(base::shorten(message_of(*error), 500)))};
  }
  return out;
}

Proposals read_proposals(std::string_view wasm) {
  Metrics boundless;
  boundless.fill(std::numeric_limits<std::uint64_t>::max());
  return read_structure(wasm, boundless).proposals;
}

}  // namespace caisson::engine
