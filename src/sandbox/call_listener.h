#pragma once

#include "sandbox/outcome.h"

namespace caisson::sandbox {

/// Is told what a guest tells while it runs; all of it is in the Outcome as well. All of it is the guest's: escape
/// before printing. The values of secrets that the call has used so far are replaced.
///
/// Threads: called on the thread of the call, which waits: the time counts as the guest's.
class CallListener {
 public:
  CallListener() = default;
  CallListener(const CallListener&) = delete;
  CallListener& operator=(const CallListener&) = delete;
  virtual ~CallListener() = default;

  virtual void on_log(const LogLine& line) noexcept = 0;
  virtual void on_record(const EmittedRecord& record) noexcept = 0;
};

}  // namespace caisson::sandbox
