#pragma once

#include "workflow/node_runner.h"

#include <concepts>
#include <memory>
#include <string_view>
#include <utility>

namespace caisson::workflow {

/// What a text processor made of its input.
struct TextOutput {
  Payload payload;
  document::Value metadata{};
};

/// A processor of text: looks after what all of them do alike. Input that is not UTF-8 is invalid_argument /
/// workflow.invalid_utf8; a stop that was requested is cancelled / workflow.cancelled.
class TextRunner : public NodeRunner {
 public:
  [[nodiscard]] NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const final;

 private:
  /// `text` is UTF-8. Long work looks at `stop` now and then.
  [[nodiscard]] virtual Result<TextOutput> process(std::string_view text, const std::stop_token& stop) const = 0;
};

/// The error of a runner that was stopped.
[[nodiscard]] Error cancelled();

/// A TextRunner whose `process` is `f`.
template <typename F>
  requires std::invocable<const F&, std::string_view, const std::stop_token&>
[[nodiscard]] std::unique_ptr<NodeRunner> make_text_runner(F f) {
  class Runner final : public TextRunner {
   public:
    explicit Runner(F process) : process_(std::move(process)) {}

   private:
    Result<TextOutput> process(std::string_view text, const std::stop_token& stop) const override {
      return process_(text, stop);
    }
    F process_;
  };
  return std::make_unique<Runner>(std::move(f));
}

}  // namespace caisson::workflow
