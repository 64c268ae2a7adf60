#pragma once

#include "cli/arguments.h"
#include "runtime/configuration.h"

#include <caisson/runtime.h>

#include <optional>
#include <string>
#include <vector>

namespace caisson::cli {

/// The options by which a command line decides what definitions may do.
struct PolicyOptions {
  std::vector<std::string> allow{};
  std::vector<std::string> deny{};
  std::vector<std::string> limits{};
  std::vector<std::string> grants{};
  std::vector<std::string> args{};
  std::optional<std::string> configuration{};

  /// Adds `--allow`, `--deny`, `--limit`, `--grant`, `--arg` and `--config`. Lifetime: the arguments keep pointers to
  /// this.
  void describe(Arguments& arguments);

  void apply(RuntimeOptions& options) const;
  [[nodiscard]] runtime::ConfigurationFlags flags() const;
};

}  // namespace caisson::cli
