#include <caisson/runtime.h>

#include "base/suggest.h"
#include "base/unicode.h"
#include "document/parse.h"
#include "language/program.h"
#include "runtime/definitions.h"
#include "runtime/diagnose.h"
#include "runtime/inspect.h"
#include "runtime/outside.h"
#include "runtime/policies.h"
#include "runtime/run_events.h"
#include "runtime/runners.h"
#include "runtime/runtime_state.h"
#include "runtime/workflow_state.h"
#include "sandbox/audit_record.h"
#include "workflow/scheduler.h"
#include "workflow/schema_node.h"

#include <fmt/format.h>

#include <filesystem>
#include <utility>

namespace caisson {

namespace {

constexpr std::uint64_t kMaxDefinitionBytes = 1ULL << 20;

document::Value run_context(const std::string& file, const Payload& input, const base::Environment& environment) {
  document::Value context = document::Value::map();
  context.set("config_file", file);
  context.set("hostname", environment.variable("HOSTNAME").value_or("unknown"));
  context.set("input_text", input.bytes());
  return context;
}

Error bad_option(std::string message) { return {Category::kInvalidArgument, "workflow.bad_value", std::move(message)}; }

Error unknown_strategy(std::string_view name) {
  return bad_option(fmt::format("unknown strategy '{}'; allowed are {}{}", base::printable(name),
                                fmt::join(workflow::strategy_names(), ", "),
                                base::did_you_mean(name, workflow::strategy_names())));
}

/// The definition with what the caller wants instead. `most`: of max_concurrency; the caller's word is the operator's,
/// and counts more unless that is locked.
Result<workflow::Definition> apply_options(workflow::Definition definition, const RunOptions& options,
                                           const sandbox::LimitBound& most) {
  if (options.strategy) {
    const auto strategy = workflow::strategy_from(*options.strategy);
    if (!strategy) {
      return unknown_strategy(*options.strategy);
    }
    definition.strategy = *strategy;
  }
  if (options.max_concurrency) {
    const std::size_t wanted = *options.max_concurrency;
    if (wanted < 1 || wanted > workflow::kMaxConcurrency) {
      return bad_option(fmt::format("max_concurrency must be from 1 to {}, got {}", workflow::kMaxConcurrency, wanted));
    }
    if (most.lock && sandbox::is_wider(wanted, most.amount)) {
      return Error{Category::kPermissionDenied, "policy.refused",
                   fmt::format("max_concurrency {} is above what is allowed, {} ({}); this is locked by {}, and only a "
                               "change there allows it",
                               wanted, most.amount.value_or(0), to_string(most.origin), to_string(*most.lock))};
    }
    definition.max_concurrency = wanted;
  }
  return definition;
}

/// What a schema of a run sees: input and output that are JSON as what they are, anything else as a text.
std::string json_of_run(const Payload& payload) {
  return document::is_json(payload.bytes()) ? std::string(payload.bytes()) : language::json_of(payload);
}

constexpr std::size_t kMaxRunId = 256;

Result<std::string> run_id(const RunOptions& options, const base::Environment& environment) {
  if (options.id) {
    if (options.id->empty() || options.id->size() > kMaxRunId) {
      return bad_option(fmt::format("the id of a run has from 1 to {} bytes, got {}", kMaxRunId, options.id->size()));
    }
    return *options.id;
  }
  CAISSON_TRY(const std::string random, environment.random_bytes(8));
  std::string id;
  for (const char byte : random) {
    id += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return id;
}

}  // namespace

std::string_view version() noexcept { return CAISSON_VERSION; }
std::string_view wasmtime_version() noexcept { return engine::wasmtime_version(); }

Runtime::Runtime(std::unique_ptr<State> state) : state_(std::move(state)) {}
Runtime::~Runtime() = default;

Result<std::unique_ptr<Runtime>> Runtime::create(RuntimeOptions options) {
  return runtime::Outside().create(std::move(options));
}

Result<std::unique_ptr<Runtime>> runtime::Outside::create(RuntimeOptions options) const {
  std::unique_ptr<base::Environment> environment = base::make_environment();
  CAISSON_TRY(runtime::Configurations configurations,
              runtime::Configurations::load(*environment, {.allow = options.allow,
                                                           .deny = options.deny,
                                                           .limits = options.limits,
                                                           .grants = options.grants,
                                                           .args = options.args,
                                                           .file = options.configuration_file,
                                                           .read_files = options.read_configuration}));
  const auto key_file = options.audit_key_file;
  const auto audit_file =
      options.audit_file ? std::optional(observe::audit_file(*options.audit_file).native()) : std::nullopt;
  auto state = std::make_unique<Runtime::State>(std::move(options), std::move(environment), std::move(configurations));
  CAISSON_CHECK(state->machinery.open_audit());
  state->machinery.set_network(state->configurations, *this);
  state->machinery.set_compiling(state->configurations.compile());
  const auto folder_of = [&](const std::optional<std::string>& file) {
    return file ? std::filesystem::absolute(*file).lexically_normal().parent_path().native() : std::string();
  };
  // The key of compiled modules makes native code; the key of the audit log makes records.
  state->configurations.protect({state->machinery.cache_folder().native(), folder_of(key_file)},
                                {folder_of(audit_file)});
  return std::unique_ptr<Runtime>(new Runtime(std::move(state)));
}

Result<std::shared_ptr<const Workflow>> Runtime::load_file(const std::string& path, const LoadOptions& options) {
  base::Environment& environment = state_->machinery.environment();
  CAISSON_TRY(const std::string text, environment.read_file(path, kMaxDefinitionBytes));
  CAISSON_TRY(const std::string folder, runtime::definition_folder(path, environment));
  return load(text, path, folder, options);
}

Result<std::shared_ptr<const Workflow>> Runtime::load_text(std::string_view text, const std::string& name,
                                                           const LoadOptions& options) {
  return load(text, name, std::nullopt, options);
}

Result<std::shared_ptr<const Workflow>> Runtime::load(std::string_view text, const std::string& name,
                                                      const std::optional<std::string>& folder,
                                                      const LoadOptions& options) {
  const base::Environment& environment = state_->machinery.environment();
  // What is wrong with a project's file does not keep its definitions from being read, only from being run.
  const auto project = runtime::with_project(state_->configurations, folder, environment);
  const runtime::Configurations& configurations = project ? *project : state_->configurations;
  const auto concurrency = configurations.max_concurrency();
  CAISSON_TRY(workflow::Definition definition,
              runtime::read_definition(
                  {.text = std::string(text), .file = name, .folder = folder, .format = options.format}, configurations,
                  state_->machinery, {.max_concurrency = concurrency ? concurrency->value : 0}));
  const runtime::RunBounds bounds = runtime::run_bounds(configurations, environment);
  if (!definition.says_concurrency) {
    definition.max_concurrency =
        static_cast<std::size_t>(sandbox::tighter(definition.max_concurrency, bounds.concurrency.amount).value_or(1));
  }
  CAISSON_TRY(workflow::Plan plan, workflow::make_plan(definition));
  runtime::Surroundings surroundings{configurations, folder};
  Result<runtime::Policies> policies = project ? runtime::resolve_policies(definition, surroundings, environment)
                                               : Result<runtime::Policies>(project.error());
  std::optional<Error> refusal = policies ? std::nullopt : std::optional(policies.error());
  std::vector<Diagnostic> warnings = definition.warnings;
  warnings.insert(warnings.end(), plan.warnings().begin(), plan.warnings().end());
  auto state = std::make_shared<const Workflow::State>(Workflow::State{
      std::move(definition), std::move(plan), std::move(surroundings),
      std::move(policies).value_or(runtime::Policies()), std::move(refusal), std::move(warnings), bounds});
  return std::shared_ptr<const Workflow>(new Workflow(std::move(state)));
}

std::vector<Diagnostic> Runtime::check_modules(const Workflow& workflow) {
  return runtime::check_nodes(workflow.state_->definition, workflow.state_->policies, workflow.state_->surroundings,
                              state_->machinery);
}

Result<Run> Runtime::run(const Workflow& workflow, const Payload& input, const RunOptions& options) {
  runtime::Machinery& machinery = state_->machinery;
  workflow::RunOptions run_options;
  CAISSON_TRY(run_options.id, run_id(options, machinery.environment()));
  if (const auto& refusal = workflow.state_->refusal) {
    if (machinery.audit() != nullptr) {
      CAISSON_CHECK(sandbox::audit_refusal(*machinery.audit(), {.run = run_options.id}, *refusal));
    }
    return *refusal;
  }
  auto state = std::make_unique<Run::State>();
  state->workflow = workflow.state_;
  CAISSON_TRY(state->definition,
              apply_options(workflow.state_->definition, options, workflow.state_->bounds.concurrency));
  const workflow::Definition& definition = state->definition;
  if (definition.input_schema) {
    if (auto error = workflow::misfit(*definition.input_schema, json_of_run(input), workflow::SchemaUse::kInput)) {
      return *std::move(error);
    }
  }

  base::ThreadPool& pool = machinery.pool(definition.max_concurrency);
  CAISSON_TRY(const runtime::PreparedRun prepared,
              runtime::prepare_run(definition, workflow.state_->policies, workflow.state_->surroundings, run_options.id,
                                   machinery));
  run_options.strategy = definition.strategy;
  run_options.failure_strategy = definition.failure_strategy;
  run_options.hints = definition.hints;
  run_options.max_concurrency = definition.max_concurrency;
  run_options.groups = prepared.groups;
  run_options.rules = prepared.section->rules;
  run_options.timeout = definition.timeout;
  run_options.max_sandbox_bytes = workflow.state_->bounds.memory.amount.value_or(UINT64_MAX);
  run_options.input = input;
  run_options.context = run_context(definition.file, input, machinery.environment());
  run_options.stop = options.stop;
  runtime::RunEventForwarder events(options.on_event, run_options.id, definition.file);
  state->record = workflow::run(workflow.state_->plan, prepared.section->runners, run_options, pool,
                                machinery.environment(), options.on_event ? &events : nullptr);
  if (workflow::RunRecord& record = state->record; definition.output_schema && record.result) {
    record.error =
        workflow::misfit(*definition.output_schema, json_of_run(*record.result), workflow::SchemaUse::kOutput);
    if (record.error) {
      record.status = workflow::RunStatus::kFailed;
      record.result.reset();
    }
  }
  if (options.on_event) {
    events.finished(workflow.state_->plan, state->record);
  }
  return Run(std::move(state));
}

std::vector<RunningCall> Runtime::calls() const {
  std::vector<RunningCall> out;
  for (sandbox::RunningCall& call : state_->machinery.calls().list(state_->machinery.environment())) {
    out.push_back({.id = call.id,
                   .run = std::move(call.run),
                   .node = std::move(call.node),
                   .module = call.module.hex(),
                   .started = call.started,
                   .elapsed = call.elapsed});
  }
  return out;
}

bool Runtime::kill(std::uint64_t id) { return state_->machinery.calls().kill(id); }

Status Runtime::flush_audit() {
  observe::Audit* const audit = state_->machinery.audit();
  return audit == nullptr ? Status() : audit->flush(observe::Audit::Durability::kSynced);
}

Result<ModuleReport> Runtime::inspect(const std::string& path) {
  CAISSON_TRY(engine::ModuleCache * modules, state_->machinery.modules());
  CAISSON_TRY(const std::string bytes, state_->machinery.environment().read_file(path, modules->max_module_bytes()));
  Result<ModuleReport> report = runtime::inspect(bytes, *modules);
  if (!report) {
    return std::move(report).error().with_context(fmt::format("'{}'", base::printable(path)));
  }
  return report;
}

std::vector<Finding> Runtime::diagnose() { return runtime::diagnose(state_->machinery); }

}  // namespace caisson
