#pragma once

#include "base/environment.h"
#include "runtime/network_settings.h"
#include "sandbox/secrets.h"

#include <string_view>
#include <vector>

namespace caisson::runtime {

/// The secrets that are configured, each read anew whenever it is needed: nothing is kept.
///
/// A file must belong to the user and be readable by nobody else. A command gets the variables of this process and 10
/// s; its standard output is the value. A line break at the end is none of the value. Lifetime: the environment
/// outlives it.
class SecretStore final : public sandbox::Secrets {
 public:
  SecretStore(std::vector<SecretSource> sources, const base::Environment& environment)
      : sources_(std::move(sources)), environment_(environment) {}

  [[nodiscard]] bool is_bound_to(std::string_view name, const net::Url& url) const override;
  [[nodiscard]] Result<std::string> read(std::string_view name, const net::Patience& patience) const override;

 private:
  [[nodiscard]] const SecretSource* find(std::string_view name) const noexcept;
  [[nodiscard]] Result<std::string> read_source(const SecretSource& source, const net::Patience& patience) const;
  [[nodiscard]] Result<std::string> run(const SecretSource& source, const net::Patience& patience) const;

  std::vector<SecretSource> sources_;
  const base::Environment& environment_;
};

}  // namespace caisson::runtime
