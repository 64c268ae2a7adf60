#include "cli/command.h"
#include "cli/messages.h"
#include "workflow/definition_schema.h"

namespace caisson::cli {

namespace {

class SchemaCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS]")
        .about("Prints the JSON Schema of workflow definitions, for editors and programs.")
        .example(
            "caisson schema > workflow.schema.json",
            "Writes it into a file; an editor finds it by `# yaml-language-server: $schema=workflow.schema.json`.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (!operands.empty()) {
      return fail_usage(context, "schema", "there is one schema, and nothing to choose");
    }
    context.output.out(workflow::definition_schema_text());
    return 0;
  }
};

}  // namespace

std::unique_ptr<Command> make_schema_command() { return std::make_unique<SchemaCommand>(); }

}  // namespace caisson::cli
