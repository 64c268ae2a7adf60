#include "cli/command.h"
#include "cli/definition_source.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"

#include <caisson/runtime.h>

#include <optional>

namespace caisson::cli {

namespace {

class GraphCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] FILE")
        .about(
            "Prints the graph of a workflow: boxes are local nodes, hexagons are sandboxed ones, and what is dashed "
            "analyses and changes nothing.")
        .operand("FILE", "A workflow definition; `-` takes it from standard input")
        .choice("--format", {"mermaid", "dot"}, "For Mermaid (the default), as in Markdown, or for Graphviz", format_);
    definitions_.describe(arguments);
    arguments.example("caisson graph examples/05-complex-workflow.yaml", "Prints a Mermaid flowchart.")
        .example("caisson graph --format dot flow.yaml | dot -Tsvg > flow.svg", "Draws a picture with Graphviz.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (operands.size() != 1) {
      return fail_usage(context, "graph",
                        operands.empty() ? "there is no workflow definition" : "one definition at a time");
    }
    Result<std::unique_ptr<Runtime>> runtime = create_runtime({});
    if (!runtime) {
      return fail(context, runtime.error());
    }
    const Result<std::shared_ptr<const Workflow>> workflow = definitions_.load(**runtime, operands.front());
    if (!workflow) {
      return fail(context, workflow.error());
    }
    context.output.out((*workflow)->graph(format_ == "dot" ? GraphFormat::kDot : GraphFormat::kMermaid));
    return 0;
  }

 private:
  DefinitionSource definitions_;
  std::optional<std::string> format_;
};

}  // namespace

std::unique_ptr<Command> make_graph_command() { return std::make_unique<GraphCommand>(); }

}  // namespace caisson::cli
