#pragma once

#include "workflow/nested_runs.h"
#include "workflow/node_setup.h"

#include <caisson/payload.h>
#include <caisson/result.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// What a control node adds to what it has from outside, for one time that its body runs.
struct BodyInput {
  std::string scope{};                ///< `again[3]`; empty inside of run_each: see NestedOptions
  Payload payload{};                  ///< the canonical payload at the entry nodes
  std::vector<NamedPayload> names{};  ///< nearer than the inputs of the node itself; the names outlive the call
};

/// The body of a control node, ready to run any number of times.
///
/// Threads: safe to call concurrently.
class BodyRuns {
 public:
  /// Errors: those of NodeSetup::section.
  [[nodiscard]] static Result<BodyRuns> open(std::span<const NodeDefinition> body, NodeSetup& setup);
  explicit BodyRuns(SubWorkflow workflow);

  /// Runs it once. The payload is the result; a failure is that of the nodes; the usage is all of theirs.
  [[nodiscard]] NodeOutcome run(const NodeInput& outer, const BodyInput& input, const std::stop_token& stop) const;

 private:
  SubWorkflow body_;
};

struct EachOptions {
  std::string scope{};
  std::size_t count = 0;
  std::size_t max_concurrency = 1;
  FailureStrategy failure_strategy = FailureStrategy::kFailFast;
  RetryRule retry{};
};

/// Calls `each` with 0, 1, ... `count` - 1, several at once; the outcomes are the nodes of the record, whose ids are
/// `[0]`, `[1]`, ...: what is nested in one has the scope `each[3]`.
[[nodiscard]] RunRecord run_each(
    const NodeInput& outer, const EachOptions& options, const std::stop_token& stop,
    const std::function<NodeOutcome(std::size_t index, const NodeInput& input, const std::stop_token& stop)>& each);

/// A JSON list that grows by one payload after the other, within 64 MiB.
class ResultList {
 public:
  static constexpr std::size_t kMostBytes = 64U << 20;

  /// Errors: resource_exhausted / workflow.result_too_large.
  [[nodiscard]] Status add(const Payload& payload);
  [[nodiscard]] std::string json() const { return text_ + "]"; }

 private:
  std::string text_ = "[";
};

/// Text is text, anything else JSON.
[[nodiscard]] Payload payload_of(const document::Value& value);

}  // namespace caisson::workflow
