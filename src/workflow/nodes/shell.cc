#include "workflow/nodes/shell.h"

#include "base/child_process.h"
#include "base/unicode.h"
#include "document/parse.h"
#include "document/print.h"
#include "language/program.h"
#include "sandbox/limit_table.h"
#include "sandbox/policy_print.h"
#include "workflow/internal/node_reading.h"
#include "workflow/node_setup.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <csignal>
#include <utility>
#include <vector>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::string_view kPath = "PATH=/usr/local/bin:/usr/bin:/bin";
constexpr std::size_t kMostVariableBytes = 96U << 10;  // the system takes 128 KiB
constexpr std::size_t kMostVariables = 1'000;

// `parse_input STEP` writes what the step gave, `parse_input STEP KEY` a member of it.
constexpr std::string_view kShellBegin =
    R"sh(set -e
parse_input() {
  caisson_name="INPUT_$(printf %s "$1${2:+_$2}" | tr 'a-z' 'A-Z' | tr -c 'A-Z0-9_' '_')"
  eval "printf '%s\n' \"\${$caisson_name-}\""
}
)sh";
constexpr std::string_view kPythonBegin = "import json, sys\ninputs = json.load(sys.stdin)\n";
constexpr std::string_view kPythonEnd = R"py(
if callable(globals().get("run")):
    print(json.dumps(run(inputs) if run.__code__.co_argcount else run()))
)py";
constexpr std::string_view kNodeBegin = "const inputs = JSON.parse(require('fs').readFileSync(0, 'utf8'));\n";
constexpr std::string_view kNodeEnd = R"js(
if (typeof run === 'function') {
  Promise.resolve(run(inputs)).then((result) => {
    const value = result === null || result === undefined ? {} : typeof result === 'object' ? result : {value: result};
    console.log(JSON.stringify(value));
  });
}
)js";

/// How an interpreter is started, and which of its lines counts.
struct Way {
  std::string_view begin;
  std::string_view end;
  std::array<std::string_view, 2> options;  ///< the last takes the script
  bool last_line;
};

Way way_of(Interpreter interpreter) {
  switch (interpreter) {
    case Interpreter::kPython:
      return {kPythonBegin, kPythonEnd, {"-I", "-c"}, true};
    case Interpreter::kNode:
      return {kNodeBegin, kNodeEnd, {"", "-e"}, true};
    case Interpreter::kSh:
    case Interpreter::kBash:
      break;
  }
  return {kShellBegin, "", {"", "-c"}, false};
}

/// `INPUT_LOAD_DATA` for `load-data`.
std::string variable_of(std::string_view id) {
  std::string out = "INPUT_";
  for (const char c : id) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool kept = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    out += lower ? static_cast<char>(c - 'a' + 'A') : kept ? c : '_';
  }
  return out;
}

class Variables {
 public:
  /// The values of a step, and of its members when it is a map.
  Status add(std::string_view step, const Payload& payload) {
    const std::string json = language::json_of(payload);
    const auto value = document::parse_json(json, "", {.bytes = 16U << 20, .scalar_bytes = 16U << 20});
    const std::string name = variable_of(step);
    const bool is_text = value && value->as_string() != nullptr;
    CAISSON_CHECK(set(name, is_text ? *value->as_string() : json));
    if (value && value->as_map() != nullptr) {
      for (const document::Entry& entry : *value->as_map()) {
        const std::string member = variable_of(entry.name).substr(6);
        CAISSON_CHECK(set(fmt::format("{}_{}", name, member),
                          entry.value.as_string() != nullptr ? *entry.value.as_string() : to_json(entry.value)));
      }
    }
    return {};
  }
  [[nodiscard]] std::vector<std::string> take() && { return std::move(all_); }

 private:
  Status set(const std::string& name, std::string_view value) {
    if (value.size() > kMostVariableBytes || value.find('\0') != std::string_view::npos || name.size() > 1'000 ||
        all_.size() >= kMostVariables) {
      return Error{Category::kResourceExhausted, "workflow.input_too_large",
                   fmt::format("{} cannot be a variable of a process: at most {} KiB without zero bytes are possible, "
                               "and {} variables; all inputs are on standard input, as one JSON object",
                               base::printable(base::shorten(name, 64)), kMostVariableBytes >> 10, kMostVariables)};
    }
    const std::string begin = name + "=";
    const bool taken = std::ranges::any_of(all_, [&](const std::string& one) { return one.starts_with(begin); });
    if (!taken) {
      all_.push_back(begin + std::string(value));
    }
    return {};
  }

  std::vector<std::string> all_{std::string(kPath), "LANG=C.UTF-8"};
};

class ShellRunner final : public NodeRunner {
 public:
  ShellRunner(const ShellSpec& spec, std::string id, std::string script, std::filesystem::path program,
              const sandbox::Policy& policy, NodeSetup& setup)
      : interpreter_(spec.interpreter),
        id_(std::move(id)),
        script_(std::move(script)),
        program_(std::move(program)),
        policy_(policy),
        native_(setup.native_calls()) {}

  [[nodiscard]] bool wants_inputs() const noexcept override { return true; }

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    NodeOutcome out;
    out.metadata = Value::map({{"interpreter", to_string(interpreter_)}, {"sandboxed", false}});
    Variables variables;
    std::vector<language::NamedInput> inputs;
    for (const NamedPayload& given : input.inputs) {
      if (Status added = variables.add(given.name, given.payload); !added) {
        out.error = std::move(added).error();
        return out;
      }
      inputs.push_back({std::string(given.name), given.payload});
    }
    const std::string sent = language::json_of(inputs);
    const Way way = way_of(interpreter_);
    base::ChildOptions options{.program = program_, .environment = std::move(variables).take(), .input = sent};
    for (const std::string_view option : way.options) {
      if (!option.empty()) {
        options.arguments.emplace_back(option);
      }
    }
    options.arguments.push_back(fmt::format("{}{}{}", way.begin, script_, way.end));
    const sandbox::Limits& limits = policy_.limits;
    options.max_output_bytes = limits.stdout_bytes;
    options.max_error_bytes = limits.stderr_bytes;
    options.deadline = std::chrono::ceil<std::chrono::milliseconds>(limits.timeout);
    if (limits.cpu) {
      options.limits.cpu = std::max(std::chrono::seconds(1), std::chrono::ceil<std::chrono::seconds>(*limits.cpu));
    }
    if (interpreter_ != Interpreter::kNode) {  // which reserves more address space than any limit
      options.limits.memory_bytes = limits.memory_bytes;
    }
    options.limits.file_bytes = limits.file_size_bytes;
    const auto begin = std::chrono::steady_clock::now();
    auto child = base::run_child(options, stop);
    const auto wall = std::chrono::steady_clock::now() - begin;
    finish(std::move(child), sent.size(), wall, out);
    if (Status told = native_.ended(id_, to_string(interpreter_), input.run, policy_, out); !told) {
      out.payload.reset();
      out.error = std::move(told).error();
    }
    return out;
  }

 private:
  void finish(Result<base::ChildOutcome> child, std::size_t sent, std::chrono::nanoseconds wall,
              NodeOutcome& out) const {
    if (!child) {
      out.error = std::move(child).error();
      return;
    }
    out.usage = sandbox::Usage{.wall = wall, .cpu = child->cpu};
    out.usage->memory_bytes = child->max_resident_bytes;
    out.usage->input_bytes = sent;
    out.usage->stdout_bytes = child->output.size();
    out.usage->stderr_bytes = child->error.size();
    out.error = error_of(*child);
    if (!out.error) {
      out.payload = payload_of_output(*child);
      out.usage->output_bytes = out.payload->size();
    }
    out.details.emplace().captured.standard_error = std::move(child->error);
    if (child->end == base::ChildEnd::kExited) {
      out.details->exit_code = child->code;
    }
  }

  [[nodiscard]] std::optional<Error> error_of(const base::ChildOutcome& child) const {
    switch (child.end) {
      case base::ChildEnd::kExited: {
        if (child.code == 0) {
          return std::nullopt;
        }
        const std::string_view trimmed =
            std::string_view(child.error).substr(0, child.error.find_last_not_of(" \r\n") + 1);
        const std::size_t line = trimmed.rfind('\n');
        const std::string_view last = line == std::string_view::npos ? trimmed : trimmed.substr(line + 1);
        return Error{Category::kGuestFault, "workflow.script_failed",
                     fmt::format("the script ended with exit code {}{}{}", child.code, last.empty() ? "" : ": ",
                                 base::printable(base::shorten(last, 300)))};
      }
      case base::ChildEnd::kDeadline:
        return Error{Category::kDeadlineExceeded, "sandbox.deadline",
                     fmt::format("the script took longer than {} s; `limits: {{timeout: ...}}` gives it more",
                                 std::chrono::duration<double>(policy_.limits.timeout).count())};
      case base::ChildEnd::kOutput:
        return Error{Category::kResourceExhausted, "sandbox.output_limit",
                     fmt::format("the script wrote more than {} bytes; `limits: {{stdout: ...}}` gives it more",
                                 policy_.limits.stdout_bytes)};
      case base::ChildEnd::kCancelled:
        return Error{Category::kCancelled, "sandbox.cancelled", "the run was told to stop"};
      case base::ChildEnd::kSignalled:
        break;
    }
    if (child.code == SIGXCPU || child.code == SIGKILL) {
      return Error{Category::kDeadlineExceeded, "sandbox.cpu_limit",
                   "the script used its CPU time, or was killed; `limits: {cpu: ...}` gives it more"};
    }
    return Error{Category::kGuestFault, "workflow.script_failed",
                 fmt::format("the script was ended by signal {}", child.code)};
  }

  /// The first line that is JSON, of some interpreters the last; otherwise what there is.
  [[nodiscard]] Payload payload_of_output(const base::ChildOutcome& child) const {
    std::optional<std::string> found;
    std::string_view rest = child.output;
    while (!rest.empty() && (!found || way_of(interpreter_).last_line)) {
      const std::size_t end = std::min(rest.find('\n'), rest.size());
      std::string_view line = rest.substr(0, end);
      line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
      if (!line.empty() && document::is_json(line)) {
        found = line;
      }
      rest = rest.substr(std::min(end + 1, rest.size()));
    }
    if (found) {
      return Payload(*std::move(found), Payload::kJson);
    }
    const Value all = Value::map(
        {{"stdout", child.output}, {"stderr", child.error}, {"exit_code", static_cast<std::int64_t>(child.code)}});
    return Payload(document::to_json(all), Payload::kJson);
  }

  Interpreter interpreter_;
  std::string id_;
  std::string script_;
  std::filesystem::path program_;
  sandbox::Policy policy_;
  const NativeCalls& native_;
};

constexpr std::array<std::string_view, 3> kFields{"language", "code", "file"};
constexpr std::array<std::string_view, 4> kInterpreters{"sh", "bash", "python", "node"};

std::shared_ptr<const NodeSpec> read_shell(NodeReading& reading) {
  auto spec = std::make_shared<ShellSpec>();
  Fields& fields = reading.fields;
  const auto refuse = [&](std::string_view name, std::string message) {
    reading.problems.error("workflow.bad_value", fmt::format("{}: {}", fields.what(), message),
                           fields.find(name)->mark());
  };
  if (const std::string* name = fields.string("language")) {
    const auto known = interpreter_from(*name);
    spec->interpreter = known.value_or(Interpreter::kSh);
    if (!known) {
      refuse("language", fmt::format("Unsupported language: {}; it must be sh, bash, python or node", shown(*name)));
    }
  }
  if (const std::string* text = fields.string("code")) {
    spec->text = *text;
    if (text->size() > ShellSpec::kMostBytes || text->find('\0') != std::string::npos) {
      refuse("code", fmt::format("a script has at most {} KiB, and no zero bytes", ShellSpec::kMostBytes >> 10));
    }
  }
  if (const std::string* path = fields.string("file")) {
    spec->file = *path;
    if (path->empty() || path->find('\0') != std::string::npos) {
      refuse("file", "file must be the path of a file");
    }
  }
  if ((fields.find("code") == nullptr) == (fields.find("file") == nullptr)) {
    fields.missing("code", "a shell node has either 'code', its script, or 'file', the path of it");
  }
  if (reading.fields.find("grants") != nullptr) {
    refuse("grants", "grants have no effect on a shell node: it is in no sandbox, and may do what the user may");
  }
  for (std::size_t i = 0; i < reading.node.depends_on.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const std::string& a = reading.node.depends_on[j].id;
      const std::string& b = reading.node.depends_on[i].id;
      if (a != b && variable_of(a) == variable_of(b)) {
        reading.problems.error("workflow.bad_value",
                               fmt::format("{}: '{}' and '{}' would both be the variable {}; rename one of them",
                                           fields.what(), shown(a), shown(b), variable_of(a)),
                               reading.node.depends_on[i].mark);
      }
    }
  }
  return spec;
}

}  // namespace

const NodeType kShellType{.name = "shell",
                          .fields = kFields,
                          .options = {},
                          .runs = NodeType::Runs::kInProcess,
                          .data = NodeType::Data::kValues,
                          .shape = {">", "]", "cds"},
                          .read = read_shell};

std::string_view to_string(Interpreter interpreter) noexcept {
  return kInterpreters.at(static_cast<std::size_t>(interpreter));
}

std::optional<Interpreter> interpreter_from(std::string_view name) noexcept {
  if (name == "shell") {
    return Interpreter::kSh;
  }
  if (name == "python3") {
    return Interpreter::kPython;
  }
  if (name == "javascript" || name == "js" || name == "nodejs") {
    return Interpreter::kNode;
  }
  const auto known = std::ranges::find(kInterpreters, name);
  return known == kInterpreters.end() ? std::nullopt
                                      : std::optional(static_cast<Interpreter>(known - kInterpreters.begin()));
}

bool ShellSpec::equals(const NodeSpec& other) const {
  const auto& that = static_cast<const ShellSpec&>(other);
  return interpreter == that.interpreter && text == that.text && file == that.file;
}

std::string ShellSpec::label() const { return fmt::format("{}, NOT SANDBOXED", to_string(interpreter)); }

const sandbox::PolicyRequest& ShellSpec::defaults(const Definition& /*definition*/) const {
  static const sandbox::PolicyRequest defaults = [] {
    sandbox::PolicyRequest out;
    const auto seconds = [](int count) {
      return static_cast<std::uint64_t>(std::chrono::nanoseconds(std::chrono::seconds(count)).count());
    };
    out.set(*sandbox::find_limit("memory"), 512ULL << 20, {});
    out.set(*sandbox::find_limit("cpu"), seconds(10), {});
    out.set(*sandbox::find_limit("timeout"), seconds(30), {});
    return out;
  }();
  return defaults;
}

Result<std::string> ShellSpec::script(NodeSetup& setup) const {
  if (text) {
    return *text;
  }
  Result<std::string> read = setup.read_file(file, kMostBytes);
  if (!read) {
    return std::move(read).error().with_context(fmt::format("script '{}'", base::printable(file)));
  }
  if (read->find('\0') != std::string::npos) {
    return Error{Category::kInvalidArgument, "workflow.bad_value", "a script has no zero bytes"};
  }
  return read;
}

Status ShellSpec::check(const NodeDefinition& node, NodeSetup& setup) const {
  if (setup.policy_of(node) == nullptr) {
    return {};  // it was refused, and that was said
  }
  if (const auto program = setup.interpreter(to_string(interpreter)); !program) {
    return program.error();
  }
  const auto found = script(setup);
  return found ? Status() : Status(found.error());
}

Result<std::unique_ptr<NodeRunner>> ShellSpec::open(const NodeDefinition& node, NodeSetup& setup) const {
  CAISSON_TRY(std::filesystem::path program, setup.interpreter(to_string(interpreter)));
  CAISSON_TRY(std::string text_of_script, script(setup));
  return std::unique_ptr<NodeRunner>(std::make_unique<ShellRunner>(*this, node.id, std::move(text_of_script),
                                                                   std::move(program), *setup.policy_of(node), setup));
}

}  // namespace caisson::workflow
