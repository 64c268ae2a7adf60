#include "runtime/inspect.h"

#include "base/digest.h"
#include "base/unicode.h"
#include "engine/binary.h"
#include "engine/structure.h"
#include "sandbox/guest.h"

#include <fmt/format.h>

namespace caisson::runtime {

namespace {

/// Of an import or an export.
template <typename Item>
std::string type_of(const Item& item) {
  if (item.type != engine::ExternType::kFunction) {
    return std::string(engine::to_string(item.type));
  }
  return item.wit.empty() ? fmt::format("function {}", engine::to_string(item.signature)) : base::printable(item.wit);
}

void add_structure(const engine::Structure& structure, ModuleReport& report) {
  for (const engine::Proposal proposal : structure.proposals.list()) {
    report.proposals.emplace_back(engine::to_string(proposal));
  }
  for (std::size_t i = 0; i < engine::kMetrics; ++i) {
    const auto metric = static_cast<engine::Metric>(i);
    if (structure[metric] > 0 && metric != engine::Metric::kBytes) {
      report.structure.emplace_back(engine::to_string(metric), structure[metric]);
    }
  }
}

}  // namespace

Result<ModuleReport> inspect(std::string_view bytes, engine::ModuleCache& modules) {
  ModuleReport report;
  report.digest = base::sha256(bytes).hex();
  report.bytes = bytes.size();
  const engine::BinaryVerdict verdict = engine::classify_binary(bytes);
  report.kind = verdict.kind == engine::BinaryKind::kComponent ? "component" : "module";
  engine::Structure structure = engine::read_structure(bytes, modules.structure());
  add_structure(structure, report);
  if (structure.problem && structure.problem->reason == "engine.structural_limit") {
    report.problem = std::move(structure.problem);
    return report;
  }
  Result<std::shared_ptr<const engine::Module>> module = modules.get(bytes);
  if (!module) {
    if (verdict.kind == engine::BinaryKind::kInvalid) {
      return std::move(module).error();
    }
    report.problem = std::move(module).error();
    return report;
  }
  const engine::ModuleInfo& info = (*module)->info();
  for (const engine::Import& import : info.imports) {
    report.imports.push_back({base::printable(import.module), base::printable(import.name), type_of(import),
                              std::string(sandbox::grant_for_import(import.module, import.name))});
  }
  for (const engine::Export& entry : info.exports) {
    report.exports.push_back({base::printable(entry.name), type_of(entry)});
  }
  Result<sandbox::Guest> guest = sandbox::bind_guest(*module);
  if (guest) {
    report.abi = sandbox::to_string(guest->abi);
  } else {
    report.problem = std::move(guest).error();
  }
  return report;
}

}  // namespace caisson::runtime
