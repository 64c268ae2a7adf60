#pragma once

#include "net/patience.h"
#include "net/url.h"

#include <caisson/result.h>

#include <string>
#include <string_view>

namespace caisson::sandbox {

/// The secrets of an operator. A guest has only their names: the host fills a value into the head of a request, if the
/// call was granted the name and the operator bound it to where the request goes.
///
/// Threads: safe to call concurrently.
class Secrets {
 public:
  Secrets() = default;
  Secrets(const Secrets&) = delete;
  Secrets& operator=(const Secrets&) = delete;
  virtual ~Secrets() = default;

  /// Whether the value may be sent there. False also for a name that nobody configured.
  [[nodiscard]] virtual bool is_bound_to(std::string_view name, const net::Url& url) const = 0;

  /// The value now; whoever asks wipes it (base::wipe). At least 8 bytes of visible ASCII, and blanks inside.
  /// Errors: never with the value in them. not_found / secrets.unknown; unavailable / secrets.unreadable;
  /// permission_denied / secrets.unsafe_file; invalid_argument / secrets.bad_value; deadline_exceeded /
  /// secrets.deadline.
  [[nodiscard]] virtual Result<std::string> read(std::string_view name, const net::Patience& patience) const = 0;
};

}  // namespace caisson::sandbox
