#include "workflow/nodes/code.h"

#include "base/unicode.h"
#include "language/check.h"
#include "language/import_advice.h"
#include "sandbox/limit_table.h"
#include "sandbox/policy_print.h"
#include "workflow/definition.h"
#include "workflow/internal/sandboxed.h"
#include "workflow/node_setup.h"
#include "workflow/nodes/code_fields.h"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string_view>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

class CodeRunner final : public NodeRunner {
 public:
  CodeRunner(sandbox::Guest guest, language::Program program, const sandbox::Policy& policy, const NodeDefinition& node,
             const sandbox::Executor& executor)
      : guest_(std::move(guest)),
        program_(std::move(program)),
        policy_(policy),
        policy_digest_(sandbox::digest_of(policy)),
        id_(node.id),
        executor_(executor) {}

  [[nodiscard]] bool wants_inputs() const noexcept override { return true; }
  [[nodiscard]] bool wants_metadata() const noexcept override { return true; }

  NodeOutcome run(const NodeInput& input, const std::stop_token& stop) const override {
    language::Arguments arguments{.payload = input.payload,
                                  .metadata = input.metadata,
                                  .run = Value::map({{"id", std::string(input.run)}, {"node", id_}})};
    arguments.inputs.reserve(input.inputs.size());
    for (const NamedPayload& given : input.inputs) {
      arguments.inputs.push_back({std::string(given.name), given.payload});
    }
    const Payload request(request_for(program_, arguments), Payload::kJson);
    NodeOutcome out = outcome_of(executor_.call(guest_, request, policy_, stop,
                                                {.run = input.run,
                                                 .node = id_,
                                                 .policy = &policy_digest_,
                                                 .storage = input.storage,
                                                 .memory = input.memory,
                                                 .listener = input.listener}));
    if (out.error) {
      out.error = with_import_advice(*std::move(out.error), program_, language::ImportList::kNode);
    }
    out.metadata = Value::map({{"processor_id", id_},
                               {"language", language::to_string(program_.language)},
                               {"artifact_type", sandbox::to_string(guest_.abi)},
                               {"capabilities", capabilities_of(policy_.grants)},
                               {"input_length", static_cast<std::int64_t>(input.payload.size())},
                               {"output_length", static_cast<std::int64_t>(out.payload.value_or(Payload()).size())}});
    return out;
  }

 private:
  sandbox::Guest guest_;
  language::Program program_;
  sandbox::Policy policy_;
  base::Digest policy_digest_;
  std::string id_;
  const sandbox::Executor& executor_;
};

constexpr std::uint64_t kMostCodeBytes = 1U << 20;
constexpr std::array<std::string_view, 6> kFields{"language", "code", "file", "entry", "imports", "deterministic"};

}  // namespace

const NodeType kCodeType{.name = "code",
                         .fields = kFields,
                         .options = {},
                         .runs = NodeType::Runs::kInSandbox,
                         .data = NodeType::Data::kValues,
                         .shape = {"[[", "]]", "component"},
                         .read = read_code};

bool CodeSpec::equals(const NodeSpec& other) const {
  const auto& that = static_cast<const CodeSpec&>(other);
  return language == that.language && text == that.text && file == that.file && entry == that.entry &&
         imports == that.imports && deterministic == that.deterministic;
}

std::string CodeSpec::label() const { return std::string(language::title(language)); }

const sandbox::PolicyRequest& CodeSpec::defaults(const Definition& /*definition*/) const {
  return code_defaults(deterministic);
}

Result<language::Program> CodeSpec::program(const NodeDefinition& node, NodeSetup& setup) const {
  language::Program out{.language = language, .code = {}, .name = node.id, .imports = imports};
  out.entry = entry.value_or(out.entry);
  if (text) {
    out.code = *text;
    return out;
  }
  out.name = std::filesystem::path(file).filename().native();
  Result<std::string> read = setup.read_file(file, kMostCodeBytes);
  if (!read) {
    return std::move(read).error().with_context(fmt::format("code '{}'", base::printable(file)));
  }
  out.code = std::move(*read);
  return out;
}

Status CodeSpec::check(const NodeDefinition& node, NodeSetup& setup) const {
  CAISSON_TRY(const language::Program code, program(node, setup));
  CAISSON_TRY(const sandbox::Guest guest, setup.bind(code));
  const Status checked = language::check(code, guest, setup.executor());
  return checked ? Status() : Status(with_import_advice(checked.error(), code, language::ImportList::kNode));
}

Result<std::unique_ptr<NodeRunner>> CodeSpec::open(const NodeDefinition& node, NodeSetup& setup) const {
  CAISSON_TRY(language::Program code, program(node, setup));
  CAISSON_TRY(sandbox::Guest guest, setup.bind(code));
  return std::unique_ptr<NodeRunner>(
      std::make_unique<CodeRunner>(std::move(guest), std::move(code), *setup.policy_of(node), node, setup.executor()));
}

const sandbox::PolicyRequest& code_defaults(bool deterministic) {
  const auto make = [](sandbox::ClockMode clock, sandbox::RandomMode random) {
    sandbox::PolicyRequest out;
    const auto set = [&](std::string_view key, sandbox::Amount amount) {
      out.set(*sandbox::find_limit(key), amount, {});
    };
    set("memory", 32ULL << 20);
    set("cpu", static_cast<std::uint64_t>(std::chrono::nanoseconds(std::chrono::seconds(10)).count()));
    set("timeout", static_cast<std::uint64_t>(std::chrono::nanoseconds(std::chrono::seconds(30)).count()));
    set("fuel", std::nullopt);
    out.clock = {clock, {}};
    out.random = {sandbox::RandomRequest{random, 0}, {}};
    return out;
  };
  static const sandbox::PolicyRequest usual = make(sandbox::ClockMode::kCoarse, sandbox::RandomMode::kReal);
  static const sandbox::PolicyRequest same = make(sandbox::ClockMode::kVirtual, sandbox::RandomMode::kSeeded);
  return deterministic ? same : usual;
}

}  // namespace caisson::workflow
