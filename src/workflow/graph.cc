#include "workflow/graph.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <iterator>
#include <span>
#include <string_view>
#include <utility>

namespace caisson::workflow {

namespace {

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
         c == '.' || c == ' ';
}

/// Mermaid has no backslash escapes, only character references (`#34;`): every ASCII sign becomes one.
std::string mermaid_label(std::string_view id) {
  std::string out;
  for (const char c : base::printable(id)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x80 || is_plain(c)) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "#{};", byte);
    }
  }
  return out;
}

/// Inside a quoted DOT string a backslash begins an escape, and only the quote ends it.
std::string dot_label(std::string_view id) {
  std::string out;
  for (const char c : base::printable(id)) {
    if (c == '"' || c == '\\') {
      out += '\\';
    }
    out += c;
  }
  return out;
}

/// A language for pictures of graphs. Names are words of ours; labels are escaped by it.
class Language {
 public:
  struct Node {
    std::string name;
    std::string_view id;
    const NodeType::Shape& shape;
    Intent intent;
  };
  struct Edge {
    std::string from;
    std::string to;
    Intent intent;
    std::string_view label{};  ///< a word of ours
  };

  Language() = default;
  Language(const Language&) = delete;
  Language& operator=(const Language&) = delete;
  virtual ~Language() = default;

  virtual void begin() = 0;
  virtual void node(const Node& node) = 0;
  virtual void edge(const Edge& edge) = 0;
  virtual void begin_frame(std::string_view name, std::string_view title) = 0;
  virtual void end_frame() = 0;
  virtual void end() = 0;

  [[nodiscard]] std::string take() && { return std::move(text_); }

 protected:
  template <typename... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    text_.append(2 * depth_, ' ');
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += '\n';
  }
  std::size_t depth_ = 0;

 private:
  std::string text_;
};

class Mermaid final : public Language {
 public:
  void begin() override {
    add("flowchart TD");
    ++depth_;
  }
  void node(const Node& node) override {
    add("{}{}\"{}\"{}{}", node.name, node.shape.open, mermaid_label(node.id), node.shape.close,
        node.intent == Intent::kTransform ? "" : ":::analyze");
  }
  void edge(const Edge& edge) override {
    add("{} {}{} {}", edge.from, edge.intent == Intent::kTransform ? "-->" : "-.->",
        edge.label.empty() ? "" : fmt::format("|{}|", edge.label), edge.to);
  }
  void begin_frame(std::string_view name, std::string_view title) override {
    add("subgraph {}_body[\"{}\"]", name, title);
    ++depth_;
  }
  void end_frame() override {
    --depth_;
    add("end");
  }
  void end() override { add("classDef analyze stroke-dasharray: 4 3"); }
};

class Dot final : public Language {
 public:
  void begin() override {
    add("digraph workflow {{");
    ++depth_;
  }
  void node(const Node& node) override {
    add("{} [label=\"{}\", shape={}{}];", node.name, dot_label(node.id), node.shape.dot,
        node.intent == Intent::kTransform ? "" : ", style=dashed");
  }
  void edge(const Edge& edge) override {
    std::string attributes = edge.intent == Intent::kTransform ? "" : "style=dashed";
    if (!edge.label.empty()) {
      attributes += fmt::format("{}label=\"{}\"", attributes.empty() ? "" : ", ", edge.label);
    }
    add("{} -> {}{};", edge.from, edge.to, attributes.empty() ? "" : fmt::format(" [{}]", attributes));
  }
  void begin_frame(std::string_view name, std::string_view title) override {
    add("subgraph cluster_{} {{", name);
    ++depth_;
    add("label=\"{}\";", title);
  }
  void end_frame() override {
    --depth_;
    add("}}");
  }
  void end() override {
    --depth_;
    add("}}");
  }
};

/// Nodes of one graph, and of those in it. `prefix`: what their names begin with.
void add_nodes(std::span<const NodeDefinition> nodes, const Plan& plan, const std::string& prefix, Language& out) {
  for (NodeIndex i = 0; i < nodes.size(); ++i) {
    const NodeType& type = nodes[i].type();
    const std::string name = fmt::format("{}{}", prefix, i);
    const auto body = nodes[i].spec->body();
    const Language::Node node{name, plan.id(i), type.shape, plan.intent(i)};
    if (body.empty()) {
      out.node(node);
      continue;
    }
    out.begin_frame(name, type.name);
    out.node(node);
    if (const Result<Plan> inner = make_plan(body, {})) {
      add_nodes(body, *inner, name + "_", out);
    }
    out.end_frame();
  }
}

void add_edges(std::span<const NodeDefinition> nodes, const Plan& plan, const std::string& prefix, Language& out) {
  for (NodeIndex i = 0; i < nodes.size(); ++i) {
    const std::string name = fmt::format("{}{}", prefix, i);
    for (const NodeIndex d : plan.dependencies(i)) {
      out.edge({fmt::format("{}{}", prefix, d), name, plan.intent(d), nodes[d].spec->way_to(plan.id(i))});
    }
  }
  for (NodeIndex i = 0; i < nodes.size(); ++i) {
    const auto body = nodes[i].spec->body();
    if (body.empty()) {
      continue;
    }
    const std::string name = fmt::format("{}{}", prefix, i);
    if (const Result<Plan> inner = make_plan(body, {})) {
      for (const NodeIndex first : inner->nodes_of_rank(0)) {
        out.edge({name, fmt::format("{}_{}", name, first), Intent::kTransform});
      }
      add_edges(body, *inner, name + "_", out);
    }
  }
}

template <typename Target>
std::string drawn(const Definition& definition, const Plan& plan) {
  Target out;
  out.begin();
  add_nodes(definition.nodes, plan, "n", out);
  add_edges(definition.nodes, plan, "n", out);
  out.end();
  return std::move(out).take();
}

}  // namespace

std::string to_mermaid(const Definition& definition, const Plan& plan) { return drawn<Mermaid>(definition, plan); }

std::string to_dot(const Definition& definition, const Plan& plan) { return drawn<Dot>(definition, plan); }

}  // namespace caisson::workflow
