#pragma once

#include "observe/audit.h"
#include "sandbox/outcome.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

/// Which call an audit record is about.
struct AuditedCall {
  std::uint64_t id = 0;  ///< of its CallRegistry::Entry
  std::string_view run{};
  std::string_view node{};
  std::optional<base::Digest> module{};
  std::optional<base::Digest> policy{};
};

/// What the audit log says of a call, made from its Outcome. Allocates nothing unless there are violations.
///
/// Lifetime: borrows from the outcome and the call.
class CallAudit {
 public:
  CallAudit(const AuditedCall& call, const Outcome& outcome);
  CallAudit(const CallAudit&) = delete;
  CallAudit& operator=(const CallAudit&) = delete;
  ~CallAudit() = default;

  [[nodiscard]] const observe::AuditRecord& record() const noexcept { return record_; }

 private:
  static constexpr std::size_t kNumbers = 20;

  std::array<observe::AuditNumber, kNumbers> usage_;
  std::vector<observe::AuditNumber> http_;
  std::vector<observe::AuditViolation> violations_;
  observe::AuditRecord record_;
};

/// Records a call that has ended. When that cannot be done, the outcome becomes the reason: what is not in the log has
/// no result.
void audit_call(observe::Audit& audit, const AuditedCall& call, Outcome& outcome);

/// Records what was refused before it could be called: a module that is none, does not fit or may not have what it
/// imports, or a run that asks for more than is allowed. `call` has no id, and no module where nothing was read.
/// Errors: those of Audit::append; whoever asked for the run is to be told of it instead.
[[nodiscard]] Status audit_refusal(observe::Audit& audit, const AuditedCall& call, const Error& error);

}  // namespace caisson::sandbox
