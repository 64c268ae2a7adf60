#pragma once

#include "document/value.h"
#include "engine/compiler.h"
#include "engine/structure.h"
#include "sandbox/policy_request.h"

#include <caisson/error.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace caisson::runtime {

/// The section `compile` of a configuration: what compiling a module may take, which only an operator may say.
struct CompileSettings {
  std::optional<sandbox::Written<bool>> here{};             ///< in this process, without caps
  std::optional<sandbox::Written<bool>> optimises_later{};  ///< large modules, after a while
  std::optional<sandbox::Written<std::uint64_t>> module_bytes{};
  std::optional<sandbox::Written<std::uint64_t>> cpu_seconds{};
  std::optional<sandbox::Written<std::uint64_t>> wall_milliseconds{};
  std::optional<sandbox::Written<std::uint64_t>> memory_bytes{};
  std::optional<sandbox::Written<std::uint64_t>> code_bytes{};
  std::optional<sandbox::Written<std::uint64_t>> optimised_bytes{};
  /// By engine::Metric: how much of it a module may have. Of the bytes of the whole module_bytes tells.
  std::array<std::optional<sandbox::Written<std::uint64_t>>, engine::kMetrics> structure{};

  [[nodiscard]] bool empty() const noexcept { return *this == CompileSettings(); }
  /// What `later` says counts.
  void add(const CompileSettings& later);
  /// The built-in caps with what is said here.
  [[nodiscard]] engine::CompileCaps caps() const;
  /// The built-in structural limits with what is said here. A module that may be larger may have as much code and data.
  [[nodiscard]] engine::Metrics structural_limits() const;

  friend bool operator==(const CompileSettings&, const CompileSettings&) = default;
};

/// Reads `compile = {here, module, cpu, timeout, memory, code, optimised, optimise_later, structure = {nesting,
/// segments ...}}`.
void read_compile_section(const document::Value& value, const std::string& file, std::vector<Diagnostic>& problems,
                          CompileSettings& out);

/// One line for each thing that was said: its name, its value, where.
struct CompileLine {
  std::string name;
  std::string value;
  sandbox::Origin origin{};
};
[[nodiscard]] std::vector<CompileLine> describe(const CompileSettings& settings);

}  // namespace caisson::runtime
