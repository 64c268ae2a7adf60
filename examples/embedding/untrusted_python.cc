// Runs Python that nobody vouches for, inside of this program: what a tool for an agent, a rule engine or a spreadsheet
// needs, and nothing else.
//
//   example_untrusted_python CODE.py [JSON]     the code, and what it gets as `inputs["value"]`
//   example_untrusted_python                    a code of our own, on two threads
//
// Built with the project (target example_untrusted_python); docs/guide/code.md is about the code itself.

#include <caisson/runtime.h>

#include <array>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>
#include <thread>

namespace {

/// What a stranger's code may use. Everything else is refused: it has no files, no network, no variables, no processes,
/// whatever it tries. The operator's configuration can only make this less.
caisson::CodeOptions options_for(std::string code) {
  return {
      .language = "python",  // javascript, lua
      .code = std::move(code),
      .name = "rule.py",                                  // what tracebacks call it
      .imports = {{"json", "math", "re"}},                // instead of the default list
      .limits = {"memory=32MB", "cpu=2s", "timeout=5s"},  // memory: on top of what Python itself takes
      // .grants = {"net=https://api.example.com"},   // it would have to be allowed as well: RuntimeOptions::allow
      .output_schema = R"({"type": ["object", "array", "string", "number", "boolean", "null"]})",
  };
}

/// Says what became of a call. Whatever comes out of the sandbox is data: print it, store it, never run it.
bool show(const caisson::Execution& execution) {
  for (const caisson::CodeLine& line : execution.lines) {  // print(), logging, caisson.log
    std::cout << "  | " << line.text << '\n';
  }
  std::cout << "  " << std::chrono::duration<double, std::milli>(execution.wall).count() << " ms, "
            << execution.memory_over_baseline_bytes / 1024 << " KiB of its own\n";
  if (execution.success()) {
    std::cout << "  value: " << execution.output.bytes() << '\n';
    return true;
  }
  // The reason is stable and meant for programs: code.exception, code.import_denied, sandbox.memory_limit,
  // sandbox.cpu_limit, sandbox.timeout ... The message is meant for whoever wrote the code.
  std::cout << "  " << execution.error->reason << ": " << execution.error->message << '\n' << execution.trace;
  return false;
}

/// One call, everything decided at once: load and run.
int run_file(caisson::Runtime& runtime, const char* path, const char* inputs) {
  std::ifstream file(path);
  const std::string code{std::istreambuf_iterator<char>(file), {}};
  caisson::CodeInput input;
  if (inputs != nullptr) {
    input.inputs.emplace_back("value", caisson::Payload(std::string(inputs), caisson::Payload::kJson));
  }
  return show(runtime.execute(options_for(code), input)) ? 0 : 1;
}

constexpr std::string_view kRule = R"(
def run(inputs):
    order = inputs["order"]
    print("order", order["id"])
    if order["id"] == 2:
        return open("/etc/passwd").read()       # found before anything runs: a built-in that is denied
    return {"id": order["id"], "total": sum(line["price"] * line["count"] for line in order["lines"])}
)";

/// Code that is called often is loaded once, and shared by any number of threads: each call has a sandbox of its own,
/// and sees nothing of another.
int run_rule(caisson::Runtime& runtime) {
  std::string text(kRule);
  text.replace(text.find("open(\"/etc/passwd\").read()"), 26, "[0] * (1 << 30)");  // a memory bomb instead
  const auto code = runtime.load_code(options_for(std::move(text)));
  if (!code) {  // a language that is none, a limit that cannot be read, a grant that is not allowed
    std::cerr << code.error().message << '\n';
    return 1;
  }
  constexpr std::array kOrders = {R"({"id": 1, "lines": [{"price": 2.5, "count": 4}]})", R"({"id": 2, "lines": []})"};
  std::array<caisson::Execution, kOrders.size()> executions;
  {
    std::array<std::jthread, kOrders.size()> threads;
    for (std::size_t i = 0; i < kOrders.size(); ++i) {
      threads.at(i) = std::jthread([&, i] {
        const caisson::Payload order(std::string(kOrders.at(i)), caisson::Payload::kJson);
        executions.at(i) = runtime.execute(**code, {.inputs = {{"order", order}}});
      });
    }
  }
  const bool first = show(executions[0]);
  const bool second = show(executions[1]);                 // sandbox.memory_limit
  show(runtime.execute(options_for(std::string(kRule))));  // code.import_denied, with the line
  return first && !second ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const auto runtime = caisson::Runtime::create({});  // one for a process; the first use of a language compiles it
  if (!runtime) {
    std::cerr << runtime.error().message << '\n';
    return 1;
  }
  return argc > 1 ? run_file(**runtime, argv[1], argc > 2 ? argv[2] : nullptr) : run_rule(**runtime);
}
