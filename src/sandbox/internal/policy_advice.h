#pragma once

#include "sandbox/policy_ceiling.h"
#include "sandbox/policy_request.h"

#include <string>
#include <string_view>

namespace caisson::sandbox {

/// How a refusal ends: the ways to allow what was asked for. In every call `flag` is what stands behind `--allow`, and
/// `line` a line of a configuration.
class Advice {
 public:
  /// `file`: the configuration that people are told to edit; may be empty.
  explicit Advice(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] std::string operator()(std::string_view flag, std::string_view line) const;

  /// The same for what a bound forbids: a line of the user's configuration does not help against what counts more.
  /// `origin`: where the bound was written; `by_project`: in a layer that narrows only.
  template <typename Bound>
  [[nodiscard]] std::string operator()(const Bound& bound, const Origin& origin, std::string_view flag,
                                       std::string_view line) const {
    return bound.lock         ? locked(*bound.lock)
           : bound.by_project ? in_file(origin.name, flag, line)
                              : at_origin(origin, flag, line);
  }

  /// The end of a refusal that only a change at the lock can help.
  [[nodiscard]] static std::string locked(const Origin& lock);

 private:
  [[nodiscard]] static std::string in_file(std::string_view file, std::string_view flag, std::string_view line);
  [[nodiscard]] std::string at_origin(const Origin& origin, std::string_view flag, std::string_view line) const;

  std::string file_;
};

}  // namespace caisson::sandbox
