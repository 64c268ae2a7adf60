#pragma once

#include <caisson/error.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace caisson::engine {

/// What a binary is made of, counted over all its modules together. Those marked (largest) are the largest one seen.
enum class Metric : std::uint8_t {
  kBytes,
  kFunctions,
  kBodyBytes,  ///< of a function (largest)
  kCodeBytes,
  kLocals,          ///< of a function, without its parameters (largest)
  kNesting,         ///< of blocks (largest)
  kBrTableTargets,  ///< (largest)
  kTypes,
  kImports,
  kExports,
  kGlobals,
  kTags,
  kTables,
  kTableElements,  ///< that the tables begin with
  kMemories,
  kMemoryBytes,  ///< that the memories begin with
  kSegments,     ///< of elements, and of data unless a module's lies within 16 MiB at fixed places: that is one image
  kDataBytes,
  kElementItems,
  kCustomBytes,
  kModules,    ///< core modules
  kDepth,      ///< of modules and components inside components (largest)
  kInstances,  ///< of modules and of components
  kItems,      ///< aliases, canonical functions and component-level types, imports and exports
};
inline constexpr std::size_t kMetrics = static_cast<std::size_t>(Metric::kItems) + 1;

/// What WebAssembly can do beyond its first version, as far as a module says it by what it contains.
enum class Proposal : std::uint8_t {
  kMutableGlobals,
  kSignExtension,
  kNontrappingConversions,
  kMultiValue,
  kBulkMemory,
  kReferenceTypes,
  kSimd,
  kRelaxedSimd,
  kTailCall,
  kExtendedConst,
  kMultiMemory,
  kMemory64,
  kThreads,
  kExceptions,
  kLegacyExceptions,
  kFunctionReferences,
  kGc,
  kCustomPageSizes,
  kWideArithmetic,
  kStackSwitching,
  kMemoryControl,
  kSharedEverythingThreads,
  kCustomDescriptors,
  kComponentModel,
  kComponentModelAsync,
};
inline constexpr std::size_t kProposals = static_cast<std::size_t>(Proposal::kComponentModelAsync) + 1;

/// `functions`, `body_bytes` ...
[[nodiscard]] std::string_view to_string(Metric metric) noexcept;
/// `bulk-memory`, `simd` ...
[[nodiscard]] std::string_view to_string(Proposal proposal) noexcept;
/// The proposal of that name.
[[nodiscard]] std::optional<Proposal> proposal_named(std::string_view name) noexcept;

/// A set of proposals.
class Proposals {
 public:
  constexpr Proposals() = default;
  constexpr explicit Proposals(std::uint64_t bits) : bits_(bits) {}
  [[nodiscard]] static constexpr Proposals all() { return Proposals((1ULL << kProposals) - 1); }
  /// What every module may use: mutable globals, sign extension, conversions that do not trap, multi-value.
  [[nodiscard]] static constexpr Proposals baseline() {
    return Proposals()
        .with(Proposal::kMutableGlobals)
        .with(Proposal::kSignExtension)
        .with(Proposal::kNontrappingConversions)
        .with(Proposal::kMultiValue);
  }

  [[nodiscard]] constexpr bool has(Proposal proposal) const { return (bits_ & bit(proposal)) != 0; }
  [[nodiscard]] constexpr Proposals with(Proposal proposal) const { return Proposals(bits_ | bit(proposal)); }
  /// Those that are not in `others`.
  [[nodiscard]] constexpr Proposals without(Proposals others) const { return Proposals(bits_ & ~others.bits_); }
  [[nodiscard]] constexpr bool empty() const { return bits_ == 0; }
  /// A bit for each, by its number in the enumeration.
  [[nodiscard]] constexpr std::uint64_t bits() const { return bits_; }
  /// In the order of the enumeration.
  [[nodiscard]] std::vector<Proposal> list() const;

  friend constexpr bool operator==(Proposals, Proposals) = default;

 private:
  static constexpr std::uint64_t bit(Proposal proposal) { return 1ULL << static_cast<unsigned>(proposal); }
  std::uint64_t bits_ = 0;
};

using Metrics = std::array<std::uint64_t, kMetrics>;

/// The most that code from anywhere may have of each: far beyond what compilers make, far below what compiling cannot
/// bear.
[[nodiscard]] const Metrics& structural_limits() noexcept;

struct Structure {
  Metrics metrics{};
  Proposals proposals{};  ///< beyond the first version of WebAssembly
  /// Why the walk ended early; what is above is what was seen until then.
  std::optional<Error> problem{};

  [[nodiscard]] std::uint64_t operator[](Metric metric) const { return metrics[static_cast<std::size_t>(metric)]; }
};

/// Walks over a module or a component once, before anything compiles it, and stops at the first number over its limit.
/// Nothing is validated, and no memory is taken in proportion to what the bytes claim, at most some seven times what
/// they are: the types of a group are held together. They may be anything.
///
/// Problems: resource_exhausted / engine.structural_limit, naming the metric, the number and the limit;
/// invalid_argument / engine.malformed_module.
[[nodiscard]] Structure read_structure(std::string_view wasm, const Metrics& limits = structural_limits());

/// The proposals that a binary uses, however large it is.
[[nodiscard]] Proposals read_proposals(std::string_view wasm);

}  // namespace caisson::engine
