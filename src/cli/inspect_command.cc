#include "base/unicode.h"
#include "cli/command.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"
#include "document/print.h"
#include "document/value.h"
#include "workflow/run_json.h"

#include <caisson/runtime.h>

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace caisson::cli {

namespace {

using document::Value;

Value to_value(const std::string& path, const ModuleReport& report) {
  Value out = Value::map({{"module", path},
                          {"kind", report.kind},
                          {"bytes", static_cast<std::int64_t>(report.bytes)},
                          {"sha256", report.digest},
                          {"runnable", !report.problem.has_value()}});
  if (!report.abi.empty()) {
    out.set("abi", report.abi);
  }
  if (report.problem) {
    out.set("problem", workflow::to_value(*report.problem));
  }
  Value imports = Value::list();
  for (const ModuleReport::Import& import : report.imports) {
    Value entry = Value::map({{"module", import.module}, {"name", import.name}, {"type", import.type}});
    if (!import.grant.empty()) {
      entry.set("grant", import.grant);
    }
    imports.push(std::move(entry));
  }
  out.set("imports", std::move(imports));
  Value exports = Value::list();
  for (const ModuleReport::Export& item : report.exports) {
    exports.push(Value::map({{"name", item.name}, {"type", item.type}}));
  }
  out.set("exports", std::move(exports));
  Value proposals = Value::list();
  for (const std::string& proposal : report.proposals) {
    proposals.push(proposal);
  }
  out.set("proposals", std::move(proposals));
  Value structure = Value::map();
  for (const auto& [name, number] : report.structure) {
    structure.set(name, static_cast<std::int64_t>(std::min<std::uint64_t>(number, INT64_MAX)));
  }
  out.set("structure", std::move(structure));
  return out;
}

std::string to_text(const std::string& path, const ModuleReport& report) {
  std::string out = fmt::format("{}: {}, {} bytes\n", base::printable(path), report.kind, report.bytes);
  out += fmt::format("  sha256   {}\n", report.digest);
  out += fmt::format("  abi      {}\n", report.abi.empty() ? "none" : report.abi);
  out += report.problem ? fmt::format("  runs     no: {}\n", base::printable(report.problem->message))
                        : std::string("  runs     yes, as a node of type wasm\n");
  std::string_view head = "  imports  ";
  for (const ModuleReport::Import& import : report.imports) {
    const std::string grant = import.grant.empty() ? "nothing can grant it" : "needs " + import.grant;
    out += fmt::format("{}{}.{}: {}; {}\n", head, import.module, import.name, import.type, grant);
    head = "           ";
  }
  out += report.imports.empty() ? "  imports  none\n" : "";
  head = "  exports  ";
  for (const ModuleReport::Export& item : report.exports) {
    out += fmt::format("{}{}: {}\n", head, item.name, item.type);
    head = "           ";
  }
  out += report.exports.empty() ? "  exports  none\n" : "";
  out += fmt::format("  uses     {}\n",
                     report.proposals.empty() ? "no proposal" : fmt::format("{}", fmt::join(report.proposals, ", ")));
  std::string structure;
  for (const auto& [name, number] : report.structure) {
    structure += fmt::format("{}{} {}", structure.empty() ? "" : ", ", name, number);
  }
  out += fmt::format("  made of  {}\n", structure.empty() ? "nothing" : structure);
  return out;
}

class InspectCommand final : public Command {
 public:
  void describe(Arguments& arguments) override {
    arguments.usage("[OPTIONS] MODULE")
        .about(
            "Shows what a WebAssembly file is: its kind, its digest, how Caisson would call it, what it imports with "
            "the grant that would allow it, what it exports, which proposals it uses and how much it has of what. "
            "Nothing "
            "in it is run.")
        .operand("MODULE", "A WebAssembly file")
        .flag("--json", "Prints the same as JSON", json_)
        .example("caisson inspect examples/wasm_components/hello.wasm", "Shows the module of the demo.");
  }

  int run(Context& context, const std::vector<std::string>& operands) override {
    if (operands.size() != 1) {
      return fail_usage(context, "inspect", operands.empty() ? "there is no module" : "one module at a time");
    }
    NoticePrinter notices(context, NoticePrinter::Detail::kWarnings);
    RuntimeOptions options;
    options.on_notice = notices.receiver();
    Result<std::unique_ptr<Runtime>> runtime = create_runtime(std::move(options));
    if (!runtime) {
      return fail(context, runtime.error());
    }
    const std::string& path = operands.front();
    const Result<ModuleReport> report = (*runtime)->inspect(path);
    if (!report) {
      return fail(context, report.error());
    }
    context.output.out(json_ ? document::to_json(to_value(path, *report), document::JsonStyle::kIndented) + '\n'
                             : to_text(path, *report));
    return 0;
  }

 private:
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_inspect_command() { return std::make_unique<InspectCommand>(); }

}  // namespace caisson::cli
