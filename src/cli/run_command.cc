#include "base/unicode.h"
#include "cli/command.h"
#include "cli/definition_source.h"
#include "cli/exit_codes.h"
#include "cli/find_definitions.h"
#include "cli/help_text.h"
#include "cli/input.h"
#include "cli/messages.h"
#include "cli/own_runtime.h"
#include "cli/policy_options.h"
#include "cli/run_views.h"
#include "cli/run_watch.h"
#include "cli/stop_signals.h"
#include "document/parse.h"
#include "workflow/definition.h"
#include "workflow/strategy.h"

#include <caisson/runtime.h>

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace caisson::cli {

namespace {

/// The definitions and the input of a command line.
struct Work {
  std::vector<std::string> files;
  std::string input;
};

class RunCommand final : public Command {
 public:
  void describe(Arguments& arguments) override;
  int run(Context& context, const std::vector<std::string>& operands) override;

 private:
  Result<Work> read_work(const std::vector<std::string>& operands) const;
  std::optional<Error> clash() const;
  ViewKind view_kind() const;
  RunWatch::Progress progress(const Context& context) const;
  Result<Run> run_file(Context& context, Runtime& runtime, RunWatch& watch, const std::string& file,
                       const Payload& input, const std::stop_token& stop) const;

  std::optional<std::string> input_path_;
  bool no_input_ = false;
  bool json_input_ = false;
  std::optional<std::string> strategy_;
  std::optional<std::size_t> max_concurrency_;
  bool json_ = false;
  bool quiet_ = false;
  bool verbose_ = false;
  bool plain_ = false;
  std::optional<std::string> events_;
  std::optional<std::string> trace_;
  std::optional<std::string> progress_;
  bool no_cache_ = false;
  std::optional<std::string> audit_;
  bool audit_strict_ = false;
  std::optional<std::string> audit_key_;
  DefinitionSource definitions_;
  PolicyOptions policy_;
};

/// What SIGQUIT prints: the sandbox calls that are running.
void list_calls(Context& context, const Runtime& runtime) {
  const std::vector<RunningCall> calls = runtime.calls();
  print_message(context, calls.empty() ? std::string("no sandbox call is running")
                                       : fmt::format("{} sandbox call{} running", calls.size(),
                                                     calls.size() == 1 ? " is" : "s are"));
  for (const RunningCall& call : calls) {
    print_message(context, fmt::format("call {}: node {}, module {}, run {}, {:.3f} s", call.id, base::quote(call.node),
                                       call.module.substr(0, 12), base::quote(call.run),
                                       std::chrono::duration<double>(call.elapsed).count()));
  }
}

void RunCommand::describe(Arguments& arguments) {
  arguments.usage("[OPTIONS] FILE... INPUT")
      .about(
          "Runs one or more workflows on an input, one after the other, and prints what happened. A workflow that "
          "fails "
          "does not keep the next one from running; the exit code is that of the first failure.")
      .operand("FILE",
               "A workflow definition, a folder of them, or a name in workflows, examples, templates or tests; `-` is "
               "standard "
               "input")
      .operand("INPUT",
               "The text to work on; `-` takes it from standard input. Leave it out with --input-file or --no-input")
      .path("--input-file", "Takes the input from a file, bytes as they are; `-` is standard input", input_path_)
      .flag("--no-input", "Runs with an empty input", no_input_)
      .flag("--json-input", "The input is JSON: expressions and code see what it says instead of a text", json_input_)
      .choice("--strategy", {workflow::strategy_names().begin(), workflow::strategy_names().end()},
              "Instead of what the definition says", strategy_)
      .number("--max-concurrency", 1, workflow::kMaxConcurrency,
              "How many nodes run at the same time, instead of what the definition says", max_concurrency_)
      .flag("--json", "Prints the run as JSON: an object, or an array of them for several definitions", json_)
      .flag("--quiet", "Prints the output of the workflow and nothing else", quiet_)
      .flag("--verbose", "Also prints warnings about the definition and what the engine does, on standard error",
            verbose_)
      .flag("--plain", "Prints no colour and no sign that is not ASCII; the data stays as it is", plain_)
      .path("--events",
            "Writes what happens, while it happens, as JSON Lines to a file; `-` is standard output, and nothing else "
            "goes there then",
            events_)
      .path("--trace-out", "Writes a trace of the steps, for Perfetto or chrome://tracing", trace_)
      .choice("--progress", {"auto", "lines", "none"},
              "A display of the steps when standard error is a terminal (auto), a line for each event, or nothing",
              progress_)
      .flag("--no-cache", "Neither reads nor writes the cache of compiled modules", no_cache_)
      .path("--audit", "Adds a record of every sandbox call to an audit log; a folder means audit.jsonl in it", audit_)
      .flag("--audit-strict",
            "Runs nothing more when somebody removes or changes the audit log meanwhile, instead of going on in a new "
            "file",
            audit_strict_)
      .path("--audit-key", "File with the key that seals the audit log", audit_key_);
  definitions_.describe(arguments);
  policy_.describe(arguments);
  arguments
      .example("caisson run examples/04-wasm-integration.yaml \"hello world\"",
               "Runs a workflow on a text and prints a report.")
      .example("caisson run --quiet --input-file letter.txt flow.yaml > result.txt",
               "Runs a workflow on a file and keeps the output.");
}

/// What is wrong with the options taken together.
std::optional<Error> RunCommand::clash() const {
  if (json_ && quiet_) {
    return usage_error("--json and --quiet exclude each other");
  }
  if (json_input_ && no_input_) {
    return usage_error("--json-input and --no-input exclude each other");
  }
  if (input_path_ && no_input_) {
    return usage_error("--input-file and --no-input exclude each other");
  }
  if (events_ == "-" && (json_ || quiet_)) {
    return usage_error(fmt::format("--events - and {} exclude each other: both write to standard output",
                                   json_ ? "--json" : "--quiet"));
  }
  if (trace_ == "-") {
    return usage_error("--trace-out needs a file: a trace is read by a program that opens it");
  }
  if (events_ && events_ == trace_) {
    return usage_error("--events and --trace-out name the same file");
  }
  return std::nullopt;
}

ViewKind RunCommand::view_kind() const {
  if (events_ == "-") {
    return ViewKind::kNothing;
  }
  return json_ ? ViewKind::kJson : quiet_ ? ViewKind::kOutput : ViewKind::kReport;
}

RunWatch::Progress RunCommand::progress(const Context& context) const {
  if (progress_ == "lines") {
    return RunWatch::Progress::kLines;
  }
  const bool to_program = view_kind() != ViewKind::kReport && ::isatty(STDOUT_FILENO) != 0;
  const bool shows = !quiet_ && !plain_ && !to_program && can_redraw(STDERR_FILENO, context.environment);
  return progress_ != "none" && shows ? RunWatch::Progress::kDisplay : RunWatch::Progress::kNone;
}

Result<Work> RunCommand::read_work(const std::vector<std::string>& operands) const {
  Work work{{}, {}};
  if (std::optional<Error> error = clash()) {
    return *std::move(error);
  }
  const bool input_is_last = !input_path_ && !no_input_;
  if (operands.size() < (input_is_last ? 2 : 1)) {
    return usage_error(input_is_last && !operands.empty()
                           ? fmt::format("there is no input behind '{}'", operands.front())
                           : std::string("there is no workflow definition"));
  }
  std::vector<std::string> named(operands.begin(), operands.end() - (input_is_last ? 1 : 0));
  work.files = find_definitions(named);
  if (no_input_) {
    return work;
  }
  std::string from = input_path_.value_or("-");
  if (input_is_last) {
    if (operands.back() != "-") {
      if (is_definition_file(operands.back())) {
        return usage_error(
            fmt::format("the last argument is the input, and '{}' is a definition file: add --no-input to run "
                        "it without an input, or the input behind it",
                        operands.back()));
      }
      work.input = operands.back();
      return work;
    }
  }
  if (from == "-" && std::ranges::find(work.files, "-") != work.files.end()) {
    return usage_error("standard input cannot be both the definition and the input");
  }
  CAISSON_TRY(work.input, read_input(from));
  return work;
}

Result<Run> RunCommand::run_file(Context& context, Runtime& runtime, RunWatch& watch, const std::string& file,
                                 const Payload& input, const std::stop_token& stop) const {
  if (stop.stop_requested()) {
    return Error{Category::kCancelled, "workflow.cancelled", "not started, because the command was stopped"};
  }
  CAISSON_TRY(const auto workflow, definitions_.load(runtime, file));
  if (verbose_) {
    print_diagnostics(context, workflow->warnings());
  }
  return runtime.run(
      *workflow, input,
      {.strategy = strategy_, .max_concurrency = max_concurrency_, .stop = stop, .on_event = watch.receiver(file)});
}

int RunCommand::run(Context& context, const std::vector<std::string>& operands) {
  Result<Work> work = read_work(operands);
  if (!work) {
    if (work.error().reason != kUsage) {
      return fail(context, work.error());
    }
    print_message(context, "run: " + work.error().message);
    context.output.error(short_usage(cli::describe(*find_command("run"))));
    return kExitUsage;
  }

  StopSignals signals;
  NoticePrinter notices(context, verbose_ ? NoticePrinter::Detail::kEverything : NoticePrinter::Detail::kWarnings);
  RuntimeOptions options;
  policy_.apply(options);
  options.on_notice = notices.receiver();
  if (no_cache_) {
    options.cache_folder = "";
  }
  options.audit_file = audit_;
  options.audit_strict = audit_strict_;
  options.audit_key_file = audit_key_;
  Result<std::unique_ptr<Runtime>> runtime = create_runtime(std::move(options));
  if (!runtime) {
    return fail(context, runtime.error());
  }

  signals.on_quit([&] { list_calls(context, **runtime); });
  if (json_input_ && !document::is_json(work->input)) {
    return fail(context, {Category::kInvalidArgument, "workflow.invalid_json", "--json-input: the input is not JSON"});
  }
  const Payload input =
      json_input_ ? Payload(std::move(work->input), Payload::kJson) : to_payload(std::move(work->input));
  const Look look = plain_ ? Look::kPlain : Look::kNormal;
  Result<std::unique_ptr<RunWatch>> watch =
      RunWatch::open(context, {.events = events_,
                               .trace = trace_,
                               .progress = progress(context),
                               .signs = report_options(STDERR_FILENO, look, context.environment).signs});
  if (!watch) {
    return fail(context, watch.error());
  }
  const std::unique_ptr<RunView> view = make_run_view(view_kind(), context, look);
  int status = 0;
  view->begin(input, work->files);
  for (const std::string& file : work->files) {
    const Result<Run> run = run_file(context, **runtime, **watch, file, input, signals.token());
    view->add(file, run);
    const std::optional<Error> error = run ? run->error() : std::optional(run.error());
    if (error && status == 0) {
      status = exit_code(error->category);
    }
  }
  view->end();
  signals.on_quit({});
  if (const int failed = (*watch)->finish(); status == 0) {
    status = failed;
  }
  if (const Status recorded = (*runtime)->flush_audit(); !recorded) {
    const int failed = fail(context, recorded.error());
    return status == 0 ? failed : status;
  }
  return status;
}

}  // namespace

std::unique_ptr<Command> make_run_command() { return std::make_unique<RunCommand>(); }

}  // namespace caisson::cli
