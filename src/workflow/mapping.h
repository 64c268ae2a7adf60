#pragma once

#include "document/value.h"
#include "workflow/node_runner.h"
#include "workflow/template.h"

#include <caisson/result.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

namespace caisson::workflow {

struct NodeDefinition;

/// What a node gets instead of its dependencies' outputs: `input_mappings`, a map whose texts may be templates.
struct InputMappings {
  document::Value values{};

  friend bool operator==(const InputMappings&, const InputMappings&) = default;
};

/// What is kept of a node's output, which is JSON then: these members of an object, or what the path leads to.
struct OutputSelection {
  std::vector<std::string> fields{};  ///< none: the path counts
  ValuePath path{};

  friend bool operator==(const OutputSelection&, const OutputSelection&) = default;
};

/// Of what is filled in: bytes of JSON or text that one dependency may have, and that one text may become.
inline constexpr std::size_t kMaxMappedBytes = 10U << 20;

/// `runner` with what `node` says of its input and output; `runner` itself when it says nothing.
///
/// The mappings become the object `inputs` of nodes that take values, and the payload, as JSON, of nodes that take
/// bytes. Errors, of a node that is not run: those of Template::fill; invalid_argument / workflow.template_missing:
/// the output is no JSON. Of an output: guest_fault / workflow.selection_missing.
[[nodiscard]] std::unique_ptr<NodeRunner> with_mappings(std::unique_ptr<NodeRunner> runner, const NodeDefinition& node);

}  // namespace caisson::workflow
