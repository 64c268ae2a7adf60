#pragma once

#include "document/value.h"
#include "workflow/expression.h"
#include "workflow/node_rules.h"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace caisson::workflow {

/// How a node is run, as its definition says: what NodeRules are made of (definition_rules.h).
struct WrittenRules {
  std::optional<Expression> when{};
  std::optional<RetryRule> retry{};     ///< nothing: as the definition says for all nodes
  std::chrono::nanoseconds timeout{0};  ///< of one attempt; 0: none
  bool continue_on_error = false;
  std::int8_t priority = 0;
  std::string concurrency_key{};  ///< nodes with the same one have a limit together; empty: none
  document::Mark key_mark{};

  friend bool operator==(const WrittenRules&, const WrittenRules&) = default;
};

}  // namespace caisson::workflow
