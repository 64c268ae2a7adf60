#include "runtime/runners.h"

#include "base/control.h"
#include "base/digest.h"
#include "base/unicode.h"
#include "language/images.h"
#include "sandbox/audit_record.h"
#include "sandbox/policy_print.h"
#include "workflow/failing_runner.h"
#include "workflow/mapping.h"
#include "workflow/node_setup.h"
#include "workflow/schema_node.h"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>

namespace caisson::runtime {

namespace {

namespace fs = std::filesystem;

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

/// What the nodes of one definition are set up with.
class Setup final : public workflow::NodeSetup {
 public:
  Setup(const workflow::Definition& definition, Machinery& machinery)
      : definition_(definition), machinery_(machinery) {}

  /// What the next node may do; nullptr: that is not looked at.
  void begin(const sandbox::Policy* policy) {
    policy_ = policy;
    module_.reset();
  }
  /// Of the node that was begun: the digest of its module, as soon as its bytes were read.
  [[nodiscard]] const std::optional<base::Digest>& module() const noexcept { return module_; }

  const sandbox::Executor& executor() override { return machinery_.executor(); }
  const sandbox::Policy* policy_of(const workflow::NodeDefinition& /*node*/) override { return policy_; }

  Result<sandbox::Guest> open_module(const std::string& path, const std::optional<std::string>& func,
                                     const sandbox::Policy* policy) override {
    const auto open = [&]() -> Result<sandbox::Guest> {
      CAISSON_TRY(engine::ModuleCache * modules,
                  machinery_.modules(policy == nullptr ? 0 : policy->limits.stack_bytes));
      CAISSON_TRY(const std::string bytes, read_module(path, modules->max_module_bytes()));
      module_ = base::sha256(bytes);
      CAISSON_TRY(auto module, modules->get(bytes));
      CAISSON_TRY(sandbox::Guest guest, sandbox::bind_guest(std::move(module), func));
      if (policy != nullptr) {
        CAISSON_CHECK(sandbox::check_guest(guest, policy->grants));
      }
      return guest;
    };
    Result<sandbox::Guest> guest = open();
    if (!guest) {
      return std::move(guest).error().with_context(fmt::format("module '{}'", base::printable(path)));
    }
    return guest;
  }

  Result<sandbox::Guest> bind(const language::Program& program) override {
    CAISSON_TRY(sandbox::Guest guest, machinery_.images().bind(program));
    module_ = guest.module->info().digest;
    return guest;
  }

  Result<std::string> read_file(const std::string& path, std::uint64_t most_bytes) override {
    return read_named(path, definition_.file, machinery_.environment(), most_bytes);
  }

 private:
  Result<std::string> read_module(const std::string& path, std::uint64_t max_bytes) {
    const std::uint64_t most = base::holds(base::Control::kModuleSize) ? max_bytes : 1ULL << 30;
    Result<std::string> bytes = read_file(path, most);
    if (!bytes && bytes.error().reason == "file.too_large") {
      return Error{Category::kResourceExhausted, "engine.module_too_large", bytes.error().message};
    }
    return bytes;
  }

  const workflow::Definition& definition_;
  Machinery& machinery_;
  const sandbox::Policy* policy_ = nullptr;
  std::optional<base::Digest> module_;
};

Result<std::unique_ptr<workflow::NodeRunner>> make_runner(const workflow::NodeDefinition& node,
                                                          const sandbox::Policy& policy, std::string_view run,
                                                          Setup& setup, observe::Audit* audit) {
  setup.begin(&policy);
  auto runner = node.spec->open(node, setup);
  if (runner) {
    return workflow::with_mappings(workflow::with_schemas(*std::move(runner), node), node);
  }
  Error error = std::move(runner).error();
  if (audit != nullptr && node.type().is_sandboxed()) {
    CAISSON_CHECK(sandbox::audit_refusal(
        *audit, {.run = run, .node = node.id, .module = setup.module(), .policy = sandbox::digest_of(policy)}, error));
  }
  return workflow::make_failing_runner(std::move(error));
}

}  // namespace

Status check_node(const workflow::Definition& definition, const workflow::NodeDefinition& node,
                  const sandbox::Policy* policy, Machinery& machinery) {
  Setup setup(definition, machinery);
  setup.begin(policy);
  return node.spec->check(node, setup);
}

Result<Runners> make_runners(const workflow::Definition& definition, const Policies& policies, std::string_view run,
                             Machinery& machinery) {
  Setup setup(definition, machinery);
  Runners runners;
  runners.reserve(definition.nodes.size());
  for (std::size_t i = 0; i < definition.nodes.size(); ++i) {
    CAISSON_TRY(auto runner, make_runner(definition.nodes[i], policies[i], run, setup, machinery.audit()));
    runners.push_back(std::move(runner));
  }
  return runners;
}

}  // namespace caisson::runtime
