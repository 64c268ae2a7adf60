#pragma once

#include "base/boxed.h"
#include "language/program.h"
#include "sandbox/executor.h"
#include "sandbox/policy_request.h"
#include "workflow/expression.h"

#include <caisson/error.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

namespace caisson::workflow {

/// What a name of an expression stands for.
struct ExpressionInput {
  std::string_view name;
  std::string json;  ///< language::json_of of a payload
};

enum class ExpressionUse : std::uint8_t {
  kTruth,  ///< whether it holds: 0, "", [], {}, null and false do not
  kValue,  ///< what it is
};

/// What came of an expression.
struct Evaluation {
  std::optional<Error> error{};  ///< nothing: it was evaluated
  bool truth = false;
  std::string json{};                   ///< of kValue
  base::Boxed<sandbox::Usage> usage{};  ///< when it ran in a sandbox
};

/// Evaluates expressions.
///
/// Threads: safe to call concurrently.
class ExpressionEvaluator {
 public:
  ExpressionEvaluator() = default;
  ExpressionEvaluator(const ExpressionEvaluator&) = delete;
  ExpressionEvaluator& operator=(const ExpressionEvaluator&) = delete;
  virtual ~ExpressionEvaluator() = default;

  /// `inputs` may have names that the expression does not use; they cost nothing, so leave out what is costly to make.
  /// Errors: guest_fault / workflow.expression_failed: a name or member that is not there, operands that do not go
  /// together, a division by zero, a number beyond 64 bits; sandbox.*: a limit.
  [[nodiscard]] virtual Evaluation evaluate(const Expression& expression, std::span<const ExpressionInput> inputs,
                                            ExpressionUse use, const std::stop_token& stop,
                                            const sandbox::CallContext& context) const = 0;
};

/// The program that evaluates every expression: always the same; an expression is data of it.
[[nodiscard]] const language::Program& expression_program();

/// What the sandbox of an expression has where nobody says otherwise: 8 MiB and a second (I-017), and no grants.
[[nodiscard]] const sandbox::PolicyRequest& expression_defaults();

/// In a sandbox. `guest`: what language::Images::bind gave for expression_program. `executor` is borrowed.
[[nodiscard]] std::unique_ptr<ExpressionEvaluator> make_expression_evaluator(sandbox::Guest guest,
                                                                             const sandbox::Policy& policy,
                                                                             const sandbox::Executor& executor);

}  // namespace caisson::workflow
