#include "cli/command.h"
#include "cli/definition_source.h"
#include "cli/graphviz.h"
#include "cli/messages.h"
#include "cli/output_file.h"
#include "cli/own_runtime.h"

#include <caisson/runtime.h>

#include <unistd.h>

#include <optional>
#include <string>

namespace caisson::cli {

namespace {

class GraphCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] FILE")
        .about(
            "Prints the graph of a workflow: boxes are local nodes, hexagons are sandboxed ones, and what is dashed "
            "analyses and changes nothing. Nodes that others run stand in a frame with them.")
        .operand("FILE", "A workflow definition; `-` takes it from standard input")
        .choice("--format", {"mermaid", "dot", "svg", "png"},
                "For Mermaid (the default), as in Markdown, for Graphviz, or a picture, which Graphviz makes", format_)
        .path("-o,--output", "The file to write; without it, standard output", output_);
    definitions_.describe(arguments);
    arguments.example("caisson graph examples/05-complex-workflow.yaml", "Prints a Mermaid flowchart.")
        .example("caisson graph --format svg -o flow.svg flow.yaml", "Draws a picture, if Graphviz is installed.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (operands.size() != 1) {
      return fail_usage(context, "graph",
                        operands.empty() ? "there is no workflow definition" : "one definition at a time");
    }
    if (format_ == "png" && !output_ && ::isatty(STDOUT_FILENO) != 0) {
      return fail_usage(context, "graph", "a PNG file is nothing for a terminal; `--output FILE` writes it");
    }
    Result<std::unique_ptr<Runtime>> runtime = create_runtime({});
    if (!runtime) {
      return fail(context, runtime.error());
    }
    const Result<std::shared_ptr<const Workflow>> workflow = definitions_.load(**runtime, operands.front());
    if (!workflow) {
      return fail(context, workflow.error());
    }
    const Result<std::string> picture = draw(**workflow, context.environment);
    if (!picture) {
      return fail(context, picture.error());
    }
    if (!output_) {
      context.output.out(*picture);
      return 0;
    }
    const Status written = write_file(*output_, *picture);
    return written ? 0 : fail(context, written.error());
  }

 private:
  Result<std::string> draw(const Workflow& workflow, const base::Environment& environment) const {
    if (format_ == "svg" || format_ == "png") {
      return draw_graph(workflow.graph(GraphFormat::kDot), *format_, environment);
    }
    return workflow.graph(format_ == "dot" ? GraphFormat::kDot : GraphFormat::kMermaid);
  }

  DefinitionSource definitions_;
  std::optional<std::string> format_;
  std::optional<std::string> output_;
};

}  // namespace

std::unique_ptr<Command> make_graph_command() { return std::make_unique<GraphCommand>(); }

}  // namespace caisson::cli
