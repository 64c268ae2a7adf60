#include "runtime/inspect.h"

#include "base/digest.h"
#include "base/unicode.h"
#include "engine/binary.h"
#include "sandbox/guest.h"

#include <fmt/format.h>

namespace caisson::runtime {

namespace {

std::string type_of(engine::ExternType type, const engine::Signature& signature) {
  return type == engine::ExternType::kFunction ? fmt::format("function {}", engine::to_string(signature))
                                               : std::string(engine::to_string(type));
}

}  // namespace

Result<ModuleReport> inspect(std::string_view bytes, engine::ModuleCache& modules) {
  ModuleReport report;
  report.digest = base::sha256(bytes).hex();
  report.bytes = bytes.size();
  const engine::BinaryVerdict verdict = engine::classify_binary(bytes);
  report.kind = verdict.kind == engine::BinaryKind::kComponent ? "component" : "module";
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
    report.imports.push_back({base::printable(import.module), base::printable(import.name),
                              type_of(import.type, import.signature),
                              std::string(sandbox::grant_for_import(import.module, import.name))});
  }
  for (const engine::Export& entry : info.exports) {
    report.exports.push_back({base::printable(entry.name), type_of(entry.type, entry.signature)});
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
