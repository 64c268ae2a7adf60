#include "engine/compiler.h"

#include "base/child_process.h"
#include "base/control.h"
#include "base/unicode.h"
#include "engine/compile_child.h"
#include "engine/structure.h"

#include <fmt/format.h>

#include <csignal>
#include <utility>

namespace caisson::engine {

namespace {

using base::ChildEnd;
using base::Control;

constexpr bool kThreadsSanitized =
#if defined(__SANITIZE_THREAD__)
    true;
#else
    false;
#endif
constexpr bool kSanitized =
#if defined(__SANITIZE_ADDRESS__)
    true;
#else
    kThreadsSanitized;
#endif

/// What the kernel limits by and what it reports differ by some hundredths.
bool is_about(std::chrono::microseconds used, std::chrono::microseconds cap) { return used >= cap * 95 / 100; }

Error compile_limit(std::string what) {
  return {Category::kResourceExhausted, "engine.compile_limit",
          fmt::format("compiling the module {}: it is larger or more entangled than this version takes", what)};
}

/// Why there is no answer.
Error failure_of(const base::ChildOutcome& child, const CompileCaps& caps) {
  const auto seconds = [](auto time) { return std::chrono::duration_cast<std::chrono::seconds>(time).count(); };
  switch (child.end) {
    case ChildEnd::kDeadline:
      return compile_limit(fmt::format("took more than {} s", seconds(caps.wall)));
    case ChildEnd::kOutput:
      return compile_limit(fmt::format("gave more than {} bytes of machine code", caps.code_bytes));
    case ChildEnd::kSignalled:
      if (child.code == SIGXCPU || (child.code == SIGKILL && is_about(child.cpu, caps.cpu))) {
        return compile_limit(fmt::format("took more than {} s of processor time", seconds(caps.cpu)));
      }
      // What cannot have memory says so and aborts.
      if (child.code == SIGABRT && (child.error.find("memory allocation") != std::string::npos ||
                                    child.error.find("bad_alloc") != std::string::npos)) {
        return compile_limit(fmt::format("needed more than {} MiB of memory", caps.memory_bytes >> 20U));
      }
      return {Category::kInternal, "engine.compile_crashed",
              fmt::format("the program that compiles died of signal {}: {}", child.code,
                          base::printable(base::shorten(child.error, 300)))};
    case ChildEnd::kExited:
    case ChildEnd::kCancelled:
      break;
  }
  return {Category::kInternal, "engine.compile_crashed",
          fmt::format("the program that compiles ended with {}: {}", child.code,
                      base::printable(base::shorten(child.error, 300)))};
}

}  // namespace

Result<Compiled> Compiler::compile(std::string_view wasm, const base::Digest& digest, const Compilation& how) const {
  Structure structure = read_structure(wasm, options_.structure);
  // What is not WebAssembly at all is said better by who compiles.
  if (structure.problem && structure.problem->reason != "engine.malformed_module" && base::holds(Control::kStructure)) {
    return *std::move(structure.problem);
  }
  if (!options_.program || !base::holds(Control::kProposals)) {  // the program knows only the profile
    CAISSON_TRY(auto module, options_.engine->compile(wasm));
    CAISSON_TRY(std::string code, options_.engine->serialize(*module));
    return Compiled{std::move(module), std::move(code)};
  }
  CAISSON_TRY(std::string code, compile_apart(wasm, *options_.program, how));
  CAISSON_TRY(auto module, options_.engine->load(code, {digest, wasm.size(), structure.proposals}));
  return Compiled{std::move(module), std::move(code)};
}

Result<std::string> Compiler::compile_apart(std::string_view wasm, const CompileProgram& program,
                                            const Compilation& how) const {
  const CompileCaps& caps = options_.caps;
  base::ChildOptions child;
  child.program = program.program;
  child.arguments = program.arguments;
  for (std::string& argument :
       compile_arguments(options_.engine->profile(), how.effort.value_or(caps.effort_for(wasm.size())))) {
    child.arguments.push_back(std::move(argument));
  }
  child.input = wasm;
  child.max_output_bytes = caps.code_bytes;
  child.deadline = caps.wall;
  child.niceness = how.niceness;
  if (!kThreadsSanitized) {  // which writes a file at its start
    child.limits.file_bytes = 0;
  }
  if (base::holds(Control::kCompileDeadline)) {
    child.limits.cpu = caps.cpu;
  } else {
    child.deadline = 4 * caps.wall;
  }
  if (base::holds(Control::kCompileMemory) && !kSanitized) {
    child.limits.memory_bytes = caps.memory_bytes;
  }
  const auto outcome = base::run_child(child, how.stop);
  if (!outcome) {
    return Error{Category::kUnavailable, "engine.no_compiler",
                 fmt::format("{}; modules that nobody vouches for are compiled by a program of its own: install it, or "
                             "compile them in this process, without caps: [compile] here = true in the configuration",
                             outcome.error().message)};
  }
  if (outcome->end != ChildEnd::kExited || outcome->code != 0) {
    return failure_of(*outcome, caps);
  }
  return read_compile_answer(outcome->output);
}

}  // namespace caisson::engine
