#include "workflow/failing_runner.h"

#include <utility>

namespace caisson::workflow {

namespace {

class BrokenRunner final : public NodeRunner {
 public:
  explicit BrokenRunner(Error error) : error_(std::move(error)) {}

  NodeOutcome run(const NodeInput& /*input*/, const std::stop_token& /*stop*/) const override {
    NodeOutcome out;
    out.error = error_;
    return out;
  }

 private:
  Error error_;
};

}  // namespace

std::unique_ptr<NodeRunner> make_failing_runner(Error error) {
  return std::make_unique<BrokenRunner>(std::move(error));
}

}  // namespace caisson::workflow
