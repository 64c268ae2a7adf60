#pragma once

#include "document/value.h"
#include "sandbox/policy_request.h"
#include "workflow/node_runner.h"
#include "workflow/plan.h"

#include <caisson/result.h>

#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace caisson::workflow {

struct Definition;
struct NodeDefinition;
struct NodeType;
struct NodeReading;
class NodeSetup;

/// What a type of node makes of the fields that are its own: read, checked, and ready to be set up. Immutable.
class NodeSpec {
 public:
  NodeSpec() = default;
  NodeSpec(const NodeSpec&) = delete;
  NodeSpec& operator=(const NodeSpec&) = delete;
  virtual ~NodeSpec() = default;

  [[nodiscard]] virtual const NodeType& type() const noexcept = 0;
  /// Of a spec of the same type.
  [[nodiscard]] virtual bool equals(const NodeSpec& other) const = 0;

  /// What the payload is for where the definition does not say.
  [[nodiscard]] virtual Intent intent() const noexcept { return Intent::kTransform; }
  /// What the report writes behind the node: `WASM`, `Python`; empty: the node is a part of the program.
  [[nodiscard]] virtual std::string label() const { return {}; }
  /// Of a sandboxed node: what it has where nobody says otherwise. Lives as long as the spec and the definition.
  [[nodiscard]] virtual const sandbox::PolicyRequest& defaults(const Definition& definition) const;
  /// Whether the definition holds the text of code that is run.
  [[nodiscard]] virtual bool has_inline_code() const noexcept { return false; }
  /// What runs it outside of any sandbox, by the name that an operator allows; empty: nothing does.
  [[nodiscard]] virtual std::string_view host_interpreter() const noexcept { return {}; }
  /// Nodes beside it that wait for it although they do not say so: those that it chooses among.
  [[nodiscard]] virtual std::span<const Dependency> followers() const noexcept { return {}; }
  /// Which of its ways leads to one of them: `true`; empty: every one.
  [[nodiscard]] virtual std::string_view way_to(std::string_view /*follower*/) const { return {}; }
  /// The nodes that it runs itself, as a graph of their own.
  [[nodiscard]] virtual std::span<const NodeDefinition> body() const noexcept { return {}; }

  /// Whether the files that it names can be used: what `open` would find.
  [[nodiscard]] virtual Status check(const NodeDefinition& node, NodeSetup& setup) const;
  /// What runs the node. `setup` outlives the runner.
  [[nodiscard]] virtual Result<std::unique_ptr<NodeRunner>> open(const NodeDefinition& node,
                                                                 NodeSetup& setup) const = 0;
};

/// One type of node. A new one is a file in `nodes/` and a line in `node_types.cc`.
struct NodeType {
  std::string_view name;                      ///< as definitions write it
  std::span<const std::string_view> fields;   ///< of a node, besides those that every node has
  std::span<const std::string_view> options;  ///< names in `options` that are allowed, besides `intent`; the type
                                              ///< checks them itself when `own_options`
  enum class Options : std::uint8_t { kListed, kOwn } option_check = Options::kListed;
  enum class Runs : std::uint8_t {
    kInProgram,  ///< as a part of it
    kInSandbox,
    kInProcess,  ///< outside of any sandbox; the operator has to allow it
  } runs = Runs::kInProgram;
  /// What its input and output are to a JSON Schema: the bytes of the payload, or the object `inputs` and a value.
  enum class Data : std::uint8_t { kBytes, kValues } data = Data::kBytes;
  /// Whether it runs other nodes itself. Then it is in no group with a limit: while it waits for its nodes it would
  /// keep places that these may need.
  enum class Contains : std::uint8_t { kNothing, kNodes } contains = Contains::kNothing;
  /// How a picture shows it: the brackets of Mermaid, the shape of Graphviz.
  struct Shape {
    std::string_view open;
    std::string_view close;
    std::string_view dot;
  } shape{"[", "]", "box"};
  /// Never nullptr; what is wrong is among the problems.
  std::shared_ptr<const NodeSpec> (*read)(NodeReading& reading) = nullptr;

  [[nodiscard]] bool is_sandboxed() const noexcept { return runs == Runs::kInSandbox; }
  /// Whether it has limits, and so a policy.
  [[nodiscard]] bool has_policy() const noexcept { return runs != Runs::kInProgram; }
};

/// All types, in the order in which messages list them.
[[nodiscard]] std::span<const NodeType* const> node_types() noexcept;

/// nullptr: there is none of that name.
[[nodiscard]] const NodeType* find_node_type(std::string_view name) noexcept;

}  // namespace caisson::workflow
