#pragma once

#include "base/boxed.h"
#include "document/value.h"
#include "sandbox/call_listener.h"
#include "sandbox/outcome.h"
#include "sandbox/run_memory.h"
#include "sandbox/run_storage.h"
#include "sandbox/usage.h"

#include <caisson/payload.h>
#include <caisson/result.h>

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {

/// What a node's payload is for.
enum class Intent : std::uint8_t {
  kTransform,  ///< it replaces the canonical payload for the nodes after it
  kAnalyze,    ///< it is shown and kept, the canonical payload stays as it was
};

/// What a sandbox has to tell besides its output and its usage.
struct SandboxDetails {
  sandbox::Captured captured{};
  std::optional<std::int32_t> exit_code{};
  std::vector<sandbox::Violation> violations{};

  friend bool operator==(const SandboxDetails&, const SandboxDetails&) = default;
};

/// What a dependency gave.
struct NamedPayload {
  std::string_view name;  ///< id of the node; outlives the run
  Payload payload;
};

class NestedRuns;

struct NodeInput {
  Payload payload;                         ///< the canonical payload at this node (ADR 0005)
  std::string_view run{};                  ///< id of the run; outlives it
  sandbox::RunStorage* storage = nullptr;  ///< of the run; outlives it
  sandbox::RunMemory* memory = nullptr;    ///< likewise
  /// Of the dependencies, and in a nested run what that was given, for runners that want them. That of a node which was
  /// not taken is the JSON `null`, that of one whose failure does not count `{"error": {"reason", "message"}}`.
  std::vector<NamedPayload> inputs{};
  document::Value metadata{};  ///< what the dependencies found out, by their ids, for runners that want it, or null
  sandbox::CallListener* listener = nullptr;  ///< hears what a guest tells; lives as long as the call
  NestedRuns* nested = nullptr;               ///< for runners that run nodes themselves; lives as long as the call
};

/// What running a node gave. A failure keeps its usage.
struct NodeOutcome {
  std::optional<Error> error{};           ///< nothing: success
  std::optional<Payload> payload{};       ///< nothing: the node has no output
  document::Value metadata{};             ///< a map of what the node found out, or null
  base::Boxed<sandbox::Usage> usage{};    ///< for nodes that ran in a sandbox
  base::Boxed<SandboxDetails> details{};  ///< of these, when there is something to tell
  std::vector<std::string> not_taken{};   ///< of a node that chooses: the dependents that it did not choose
};

/// Runs one node of a plan, whatever stands behind it.
///
/// Threads: `run` may be called concurrently. It returns soon after `stop` is requested, with a kCancelled error.
class NodeRunner {
 public:
  NodeRunner() = default;
  NodeRunner(const NodeRunner&) = delete;
  NodeRunner& operator=(const NodeRunner&) = delete;
  virtual ~NodeRunner() = default;

  /// Whether it looks at NodeInput::inputs.
  [[nodiscard]] virtual bool wants_inputs() const noexcept { return false; }
  /// Whether it looks at NodeInput::metadata.
  [[nodiscard]] virtual bool wants_metadata() const noexcept { return false; }
  /// Whether it ever gives NodeOutcome::not_taken.
  [[nodiscard]] virtual bool chooses() const noexcept { return false; }

  [[nodiscard]] virtual NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const = 0;
};

}  // namespace caisson::workflow
