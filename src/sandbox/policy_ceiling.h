#pragma once

#include "base/environment.h"
#include "sandbox/policy_request.h"

#include <caisson/error.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace caisson::sandbox {

/// A value that was written and does not count.
struct LostValue {
  std::string value;
  Origin origin{};
  std::string why;
  bool is_wider = false;  ///< it would have allowed more, and who wrote it may not

  friend bool operator==(const LostValue&, const LostValue&) = default;
};

/// What one source of configuration says about policies.
struct CeilingLayer {
  PolicyRequest allow{};     ///< what definitions may ask for; its limits are the most they may ask for
  PolicyRequest deny{};      ///< what they may not, whoever allows it; grants only
  PolicyRequest defaults{};  ///< for what nobody names; limits only
  std::vector<Written<std::string>> locks{};  ///< names as `lock_names` has them
  std::string folder{};                       ///< absolute; where its relative paths begin
  /// Comes with the work, not from the operator: it may narrow and never widens, and locks nothing.
  bool narrows_only = false;

  friend bool operator==(const CeilingLayer&, const CeilingLayer&) = default;
};

/// What a layer may lock: `limits`, `allow` and `defaults` as a whole, or `limits.memory`, `allow.read` ... one by one.
[[nodiscard]] bool is_lock_name(std::string_view name) noexcept;

/// A directory that an operator named.
struct CeilingDirectory {
  std::string path;  ///< absolute, `.` and `..` taken out
  std::string real;  ///< with every link followed as far as it exists
  /// Written as a path beneath a folder, and a link there leads out of that. Then it allows nothing: whoever made the
  /// link would choose what is allowed. It denies all the same.
  bool strays = false;

  friend bool operator==(const CeilingDirectory&, const CeilingDirectory&) = default;
};

/// What an operator said about one limit.
struct LimitBound {
  Amount amount{};
  Origin origin{};
  bool by_project = false;  ///< the origin is a layer that narrows only
  std::optional<Origin> lock{};
  std::vector<LostValue> lost{};

  friend bool operator==(const LimitBound&, const LimitBound&) = default;
};

/// What an operator said about one kind of grant.
template <typename T>
struct GrantBound {
  std::vector<Written<T>> allow{};
  std::vector<Written<T>> deny{};
  std::optional<Origin> lock{};
  std::vector<LostValue> lost{};

  friend bool operator==(const GrantBound&, const GrantBound&) = default;
};

/// How far a clock or randomness may go.
template <typename Mode>
struct ModeBound {
  Written<Mode> most{};
  bool by_project = false;  ///< the origin is a layer that narrows only
  std::optional<Origin> deny{};
  std::optional<Origin> lock{};
  std::vector<LostValue> lost{};

  friend bool operator==(const ModeBound&, const ModeBound&) = default;
};

/// All layers together: what a definition may ask for.
struct Ceiling {
  std::vector<LimitBound> limits{};      ///< by row of limit_table()
  std::vector<LimitBound> defaults{};    ///< likewise
  std::vector<LimitBound> run_limits{};  ///< by row of run_limit_table()
  GrantBound<CeilingDirectory> read{};   ///< what is denied here may not be written either
  GrantBound<CeilingDirectory> write{};  ///< what is allowed here may be read as well
  GrantBound<std::string> env{};         ///< patterns of names
  GrantBound<NetGrant> net{};
  GrantBound<std::string> secrets{};   ///< patterns of names
  GrantBound<std::string> imports{};   ///< likewise
  GrantBound<std::string> features{};  ///< likewise
  ModeBound<ClockMode> clock{};
  ModeBound<RandomMode> random{};
  std::optional<Origin> wasi_denied{};
  std::optional<Origin> args_denied{};
  std::optional<Origin> stdin_denied{};
};

/// Puts layers together, in rising precedence, on top of what is built in: the tables of limits, any clock, any
/// randomness, the operation groups of caisson_v1, every WebAssembly proposal; no file (but the definition's own
/// folder, which resolve_policy knows), no network, no variable, no secret.
///
/// A later layer replaces the limits of an earlier one and adds to its grants, unless the name is locked or the layer
/// narrows only: then what is wider is lost, and is kept to be shown. What is denied stays denied.
[[nodiscard]] Ceiling make_ceiling(std::span<const CeilingLayer> layers, const base::Environment& environment);

/// How much a mode tells a guest: denied, virtual, coarse, real; denied, seeded, real.
[[nodiscard]] int reach(ClockMode mode) noexcept;
[[nodiscard]] int reach(RandomMode mode) noexcept;

/// `path`, relative to `folder`, without `.`, `..` and double slashes. Does not look at files.
[[nodiscard]] std::string absolute_path(std::string_view path, std::string_view folder);
/// Whether `path` is `folder` or beneath it; both absolute and normal.
[[nodiscard]] bool is_within(std::string_view path, std::string_view folder) noexcept;
/// `path` with every link followed that exists; the rest as it is.
[[nodiscard]] std::string follow_links(const std::string& path, const base::Environment& environment);
/// Whether `path` goes into `folder` and out of it again by a link; both absolute and normal.
[[nodiscard]] bool strays_from(const std::string& folder, const std::string& path,
                               const base::Environment& environment);

}  // namespace caisson::sandbox
