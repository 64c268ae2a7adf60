#include "runtime/notices.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <variant>

namespace caisson::runtime {

namespace {

/// What an operator should see without asking; everything else is detail.
struct Warning {
  std::string_view name;
  std::string_view text;
};

constexpr std::array kWarnings = {
    Warning{"engine.pool_unavailable",
            "the address space of this process is too short for the pool of sandboxes: calls will be slower (raise "
            "`ulimit -v`)"},
    Warning{"engine.cache_rejected", "a file of the compiled-module cache did not fit and was deleted"},
    Warning{"engine.cache_unavailable",
            "the compiled-module cache cannot be used: modules are compiled at every start"},
    Warning{"language.preparing", "preparing a language for its first use on this machine, which takes some seconds"},
    Warning{"language.preparing_installed",
            "preparing an installed language for its first use with this program, which takes some minutes"},
    Warning{"observe.audit_torn", "the audit log ended with a record that was not finished, which is sealed now"},
    Warning{"observe.audit_lost", "somebody removed, replaced or changed the audit log, which goes on in a new file"},
    Warning{"sandbox.secret_unavailable", "a secret that a guest was granted cannot be had"},
    Warning{"observe.audit_failed", "the audit log cannot be written, and nothing more is run"},
};

std::string describe(const observe::Attribute& attribute) {
  return std::visit(
      [&](const auto& value) {
        if constexpr (std::is_same_v<std::decay_t<decltype(value)>, std::string_view>) {
          return fmt::format("{}={}", attribute.name, base::quote(value));
        } else {
          return fmt::format("{}={}", attribute.name, value);
        }
      },
      attribute.value);
}

}  // namespace

void Notices::on_event(const observe::Event& event) noexcept {
  if (!receiver_) {
    return;
  }
  const auto warning =
      std::find_if(kWarnings.begin(), kWarnings.end(), [&](const Warning& w) { return w.name == event.name; });
  std::string text(warning == kWarnings.end() ? event.name : warning->text);
  std::string_view separator = warning == kWarnings.end() ? " " : ": ";
  for (const observe::Attribute& attribute : event.attributes) {
    text += separator;
    text += describe(attribute);
    separator = " ";
  }
  Notice notice{event.name, text};
  notice.detail = warning == kWarnings.end();
  const std::scoped_lock lock(mutex_);
  receiver_(notice);
}

}  // namespace caisson::runtime
