#include "runtime/runners.h"

#include "base/control.h"
#include "base/unicode.h"
#include "language/check.h"
#include "language/images.h"
#include "language/import_advice.h"
#include "sandbox/audit_record.h"
#include "sandbox/policy_print.h"
#include "workflow/code_node.h"
#include "workflow/local_processors.h"
#include "workflow/schema_node.h"
#include "workflow/wasm_node.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace caisson::runtime {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMaxCodeBytes = 1U << 20;

/// A file that a definition names: from the working directory, then from the folder of the definition.
Result<std::string> read_named(const std::string& name, const std::string& definition_file,
                               const base::Environment& environment, std::uint64_t most) {
  const fs::path path(name);
  Result<std::string> bytes = environment.read_file(path, most);
  const bool missing = !bytes && bytes.error().category == Category::kNotFound;
  const fs::path beside = fs::path(definition_file).parent_path() / path;
  if (missing && path.is_relative() && beside != path) {
    bytes = environment.read_file(beside, most);
    if (!bytes && bytes.error().category == Category::kNotFound) {
      return Error{Category::kNotFound, "file.missing",
                   fmt::format("there is no such file, neither '{}' in the working directory nor '{}'",
                               base::printable(path.native()), base::printable(beside.native()))};
    }
  }
  if (missing && !bytes && bytes.error().category == Category::kNotFound) {
    return Error{Category::kNotFound, "file.missing", "there is no such file"};
  }
  return bytes;
}

Result<std::string> read_module(const std::string& module, const std::string& definition_file,
                                const base::Environment& environment, std::uint64_t max_bytes) {
  const std::uint64_t most = base::holds(base::Control::kModuleSize) ? max_bytes : 1ULL << 30;
  Result<std::string> bytes = read_named(module, definition_file, environment, most);
  if (!bytes && bytes.error().reason == "file.too_large") {
    return Error{Category::kResourceExhausted, "engine.module_too_large", bytes.error().message};
  }
  return bytes;
}

Result<language::Program> program_of(const workflow::Definition& definition, const workflow::NodeDefinition& node,
                                     const base::Environment& environment) {
  const workflow::CodeDefinition& code = node.code;
  language::Program program{.language = code.language, .code = {}, .name = node.id, .imports = code.imports};
  program.entry = code.entry.value_or(program.entry);
  if (code.text) {
    program.code = *code.text;
    return program;
  }
  program.name = fs::path(code.file).filename().native();
  Result<std::string> text = read_named(code.file, definition.file, environment, kMaxCodeBytes);
  if (!text) {
    return std::move(text).error().with_context(fmt::format("code '{}'", base::printable(code.file)));
  }
  program.code = std::move(*text);
  return program;
}

/// The runner of a node in a sandbox. `digest`: that of its module, as soon as it is known.
Result<std::unique_ptr<workflow::NodeRunner>> open_runner(const workflow::Definition& definition,
                                                          const workflow::NodeDefinition& node,
                                                          const sandbox::Policy& policy, Machinery& machinery,
                                                          std::optional<base::Digest>& digest) {
  if (node.type == workflow::NodeType::kCode) {
    CAISSON_TRY(language::Program program, program_of(definition, node, machinery.environment()));
    CAISSON_TRY(sandbox::Guest guest, machinery.images().bind(program));
    digest = guest.module->info().digest;
    return workflow::make_code_runner(std::move(guest), std::move(program), policy, node, machinery.executor());
  }
  CAISSON_TRY(sandbox::Guest guest, open_guest(definition, node, &policy, machinery, &digest));
  return workflow::make_wasm_runner(std::move(guest), policy, node, machinery.executor());
}

Result<std::unique_ptr<workflow::NodeRunner>> make_runner(const workflow::Definition& definition,
                                                          const workflow::NodeDefinition& node,
                                                          const sandbox::Policy& policy, std::string_view run,
                                                          Machinery& machinery) {
  if (node.type == workflow::NodeType::kLocal) {
    Result<workflow::LocalProcessor> local = workflow::make_local_processor(node.processor, node.options);
    return local ? std::move(local->runner) : workflow::make_failing_runner(std::move(local).error());
  }
  std::optional<base::Digest> module;
  auto runner = open_runner(definition, node, policy, machinery, module);
  if (runner) {
    return workflow::with_schemas(*std::move(runner), node);
  }
  Error error = std::move(runner).error();
  if (observe::Audit* const audit = machinery.audit()) {
    CAISSON_CHECK(sandbox::audit_refusal(
        *audit, {.run = run, .node = node.id, .module = module, .policy = sandbox::digest_of(policy)}, error));
  }
  return workflow::make_failing_runner(std::move(error));
}

}  // namespace

Result<sandbox::Guest> open_guest(const workflow::Definition& definition, const workflow::NodeDefinition& node,
                                  const sandbox::Policy* policy, Machinery& machinery,
                                  std::optional<base::Digest>* digest) {
  const auto open = [&]() -> Result<sandbox::Guest> {
    CAISSON_TRY(engine::ModuleCache * modules, machinery.modules(policy == nullptr ? 0 : policy->limits.stack_bytes));
    CAISSON_TRY(const std::string bytes,
                read_module(node.module, definition.file, machinery.environment(), modules->max_module_bytes()));
    if (digest != nullptr) {
      *digest = base::sha256(bytes);
    }
    CAISSON_TRY(auto module, modules->get(bytes));
    CAISSON_TRY(sandbox::Guest guest, sandbox::bind_guest(std::move(module), node.func));
    if (policy != nullptr) {
      CAISSON_CHECK(sandbox::check_guest(guest, policy->grants));
    }
    return guest;
  };
  Result<sandbox::Guest> guest = open();
  if (!guest) {
    return std::move(guest).error().with_context(fmt::format("module '{}'", base::printable(node.module)));
  }
  return guest;
}

Status check_code(const workflow::Definition& definition, const workflow::NodeDefinition& node, Machinery& machinery) {
  CAISSON_TRY(const language::Program program, program_of(definition, node, machinery.environment()));
  CAISSON_TRY(const sandbox::Guest guest, machinery.images().bind(program));
  const Status checked = language::check(program, guest, machinery.executor());
  return checked ? Status() : Status(with_import_advice(checked.error(), program, language::ImportList::kNode));
}

Result<Runners> make_runners(const workflow::Definition& definition, const Policies& policies, std::string_view run,
                             Machinery& machinery) {
  Runners runners;
  runners.reserve(definition.nodes.size());
  for (std::size_t i = 0; i < definition.nodes.size(); ++i) {
    CAISSON_TRY(auto runner, make_runner(definition, definition.nodes[i], policies[i], run, machinery));
    runners.push_back(std::move(runner));
  }
  return runners;
}

}  // namespace caisson::runtime
