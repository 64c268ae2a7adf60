#pragma once

#include "sandbox/grants.h"
#include "sandbox/limit_table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

/// Where somebody wrote a value.
struct Origin {
  enum class Kind : std::uint8_t {
    kBuiltIn,
    kFile,      ///< `name` is the file; line and column count from 1
    kFlag,      ///< `name` is the flag with its value
    kVariable,  ///< `name` is the environment variable
    kProgram,   ///< a program that embeds Caisson said so
  };
  Kind kind = Kind::kBuiltIn;
  std::string name{};
  int line = 0;
  int column = 0;

  friend bool operator==(const Origin&, const Origin&) = default;
};

/// `flow.yaml:3:5`, `--limit memory=1GB`, `CAISSON_ALLOW_READ`, `built-in`.
[[nodiscard]] std::string to_string(const Origin& origin);

/// A value and where it was written.
template <typename T>
struct Written {
  T value{};
  Origin origin{};

  friend bool operator==(const Written&, const Written&) = default;
};

/// A list that was written; an empty one was written as well, and takes back what a farther request has.
template <typename T>
using WrittenList = std::optional<std::vector<Written<T>>>;

/// What a grants map begins with; names beside it add to it.
enum class Preset : std::uint8_t {
  kNone,     ///< nothing, whatever farther requests say
  kCompute,  ///< a program that sees its input, arguments, a virtual clock and seeded randomness: a function of its
             ///< input
  kWasi,     ///< WASI with input, real clock and randomness; no file, no variable
  kNetwork,  ///< as wasi, and every HTTPS address by GET and HEAD
};

struct RandomRequest {
  RandomMode mode = RandomMode::kDenied;
  std::uint64_t seed = 0;  ///< of kSeeded

  friend bool operator==(const RandomRequest&, const RandomRequest&) = default;
};

struct LimitRequest {
  const LimitRow* row = nullptr;
  Amount amount{};
  Origin origin{};

  friend bool operator==(const LimitRequest&, const LimitRequest&) = default;
};

/// What somebody wrote about limits and grants, and nothing else: no default is filled in. Also what an operator allows
/// or denies, which is written in the same words.
struct PolicyRequest {
  std::vector<LimitRequest> limits{};  ///< each row once

  std::optional<Written<Preset>> preset{};
  std::optional<Written<bool>> wasi{};
  WrittenList<DirectoryGrant> read{};   ///< host paths as written
  WrittenList<DirectoryGrant> write{};  ///< likewise
  WrittenList<VariableGrant> env{};
  std::optional<Written<std::vector<std::string>>> args{};
  std::optional<Written<bool>> stdin_is_input{};
  std::optional<Written<ClockMode>> clock{};
  std::optional<Written<RandomRequest>> random{};
  WrittenList<NetGrant> net{};
  WrittenList<std::string> secrets{};
  WrittenList<std::string> imports{};
  WrittenList<std::string> features{};  ///< names of proposals; takes away, so no preset takes it back

  [[nodiscard]] const LimitRequest* find(const LimitRow& row) const noexcept;
  /// Replaces what was said about that row.
  void set(const LimitRow& row, Amount amount, Origin origin);
  /// Whether anything but limits was written.
  [[nodiscard]] bool has_grants() const noexcept;

  friend bool operator==(const PolicyRequest&, const PolicyRequest&) = default;
};

/// Adds what `more` says: lists become longer, of anything else the later word counts.
void add_to(PolicyRequest& request, PolicyRequest more);

/// `none`, `compute`, `wasi`, `network`.
[[nodiscard]] std::string_view to_string(Preset preset) noexcept;
/// What a preset stands for, as if somebody had written it at `origin`.
[[nodiscard]] PolicyRequest expand(Preset preset, const Origin& origin);

/// `denied`, `real`, `coarse`, `virtual`.
[[nodiscard]] std::string_view to_string(ClockMode mode) noexcept;
/// `denied`, `real`, `seeded`.
[[nodiscard]] std::string_view to_string(RandomMode mode) noexcept;

}  // namespace caisson::sandbox
