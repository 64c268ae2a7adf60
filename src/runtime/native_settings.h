#pragma once

#include "base/environment.h"
#include "document/value.h"
#include "observe/audit.h"
#include "workflow/node_setup.h"

#include <caisson/error.h>
#include <caisson/result.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::runtime {

/// Which interpreters of the host may run what a definition says, outside of any sandbox: none, unless an operator
/// names them.
struct NativeSettings {
  std::set<std::string, std::less<>> allowed{};  ///< of `sh`, `bash`, `python`, `node`

  friend bool operator==(const NativeSettings&, const NativeSettings&) = default;
};

/// What `--allow native=sh,bash` begins with.
inline constexpr std::string_view kNativeFlag = "native=";

/// Errors: invalid_argument / policy.bad_value.
[[nodiscard]] Status read_native_flag(std::string_view flag, NativeSettings& out);
/// Reads `native = {allow = ["sh"]}`.
void read_native_section(const document::Value& value, const std::string& file, std::vector<Diagnostic>& problems,
                         NativeSettings& out);

/// Whether the operator allows an interpreter. Errors: permission_denied / policy.refused, naming what would allow it.
[[nodiscard]] Status check_native(const NativeSettings& settings, std::string_view name);

/// Where an interpreter is, if it is allowed. Errors: those of check_native; not_found / workflow.no_interpreter.
[[nodiscard]] Result<std::filesystem::path> native_interpreter(const NativeSettings& settings, std::string_view name,
                                                               const base::Environment& environment);

/// Records every process in the audit log, if there is one. `audit` is borrowed.
class AuditedNativeCalls final : public workflow::NativeCalls {
 public:
  explicit AuditedNativeCalls(const std::unique_ptr<observe::Audit>& audit) : audit_(audit) {}

  [[nodiscard]] Status ended(std::string_view node, std::string_view interpreter, std::string_view run,
                             const sandbox::Policy& policy, const workflow::NodeOutcome& outcome) const override;

 private:
  const std::unique_ptr<observe::Audit>& audit_;  // which may be opened later
};

}  // namespace caisson::runtime
