#include "workflow/graph.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <iterator>
#include <string_view>

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

bool transforms(const Plan& plan, NodeIndex node) { return plan.intent(node) == Intent::kTransform; }

}  // namespace

std::string to_mermaid(const Definition& definition, const Plan& plan) {
  std::string out = "flowchart TD\n";
  const auto to = std::back_inserter(out);
  for (NodeIndex i = 0; i < plan.size(); ++i) {
    const NodeType::Shape& shape = definition.nodes[i].type().shape;
    fmt::format_to(to, "  n{}{}\"{}\"{}{}\n", i, shape.open, mermaid_label(plan.id(i)), shape.close,
                   transforms(plan, i) ? "" : ":::analyze");
  }
  for (NodeIndex i = 0; i < plan.size(); ++i) {
    for (const NodeIndex d : plan.dependencies(i)) {
      fmt::format_to(to, "  n{} {} n{}\n", d, transforms(plan, d) ? "-->" : "-.->", i);
    }
  }
  return out + "  classDef analyze stroke-dasharray: 4 3\n";
}

std::string to_dot(const Definition& definition, const Plan& plan) {
  std::string out = "digraph workflow {\n";
  const auto to = std::back_inserter(out);
  for (NodeIndex i = 0; i < plan.size(); ++i) {
    fmt::format_to(to, "  n{} [label=\"{}\", shape={}{}];\n", i, dot_label(plan.id(i)),
                   definition.nodes[i].type().shape.dot, transforms(plan, i) ? "" : ", style=dashed");
  }
  for (NodeIndex i = 0; i < plan.size(); ++i) {
    for (const NodeIndex d : plan.dependencies(i)) {
      fmt::format_to(to, "  n{} -> n{}{};\n", d, i, transforms(plan, d) ? "" : " [style=dashed]");
    }
  }
  return out + "}\n";
}

}  // namespace caisson::workflow
