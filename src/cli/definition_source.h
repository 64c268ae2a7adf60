#pragma once

#include "cli/command.h"
#include "runtime/definitions.h"

#include <caisson/runtime.h>

#include <memory>
#include <optional>
#include <string>

namespace caisson::cli {

/// Where the definition of a command line comes from: a file, or `-` for standard input.
class DefinitionSource {
 public:
  /// Adds `--from`.
  void describe(Arguments& arguments);

  /// Errors: those of Runtime::load_file and read_input.
  [[nodiscard]] Result<std::shared_ptr<const Workflow>> load(Runtime& runtime, const std::string& file) const;

  /// Its text alone, for whoever needs no runtime. Errors: file.*.
  [[nodiscard]] Result<runtime::DefinitionText> read(const base::Environment& environment,
                                                     const std::string& file) const;

 private:
  std::optional<std::string> format_;
};

}  // namespace caisson::cli
