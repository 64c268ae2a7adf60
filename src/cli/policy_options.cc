#include "cli/policy_options.h"

namespace caisson::cli {

void PolicyOptions::describe(Arguments& arguments) {
  arguments
      .texts("--allow", "GRANT=VALUE,...",
             "Lets definitions ask for more: net=https://api.example.com, read=DIR, write=DIR, env=NAME ..., or for a "
             "higher "
             "limit: timeout=10m",
             allow)
      .texts("--deny", "GRANT=VALUE,...", "Refuses what definitions ask for, whoever allows it", deny)
      .texts("--limit", "NAME=VALUE,...",
             "Limits every sandboxed node, instead of what the definition says: memory=64MB, timeout=2s ...", limits)
      .texts("--grant", "GRANT=VALUE,...",
             "Grants every sandboxed node what its definition does not ask for, and allows it: read=DIR:/data, "
             "env=NAME, env=NAME=VALUE, clock, stdin ...",
             grants)
      .texts("--arg", "TEXT", "Gives every sandboxed node this argument, instead of those of the definition", args)
      .path("--config", "Reads this configuration instead of the user's", configuration);
}

void PolicyOptions::apply(RuntimeOptions& options) const {
  options.allow = allow;
  options.deny = deny;
  options.limits = limits;
  options.grants = grants;
  options.args = args;
  options.configuration_file = configuration;
}

runtime::ConfigurationFlags PolicyOptions::flags() const {
  return {.allow = allow, .deny = deny, .limits = limits, .grants = grants, .args = args, .file = configuration};
}

}  // namespace caisson::cli
