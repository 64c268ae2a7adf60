#pragma once

#include "document/value.h"

#include <caisson/error.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::document::internal {

/// Collects what is wrong with one text and makes an Error of it.
class Problems {
 public:
  static constexpr std::size_t kMost = 100;

  explicit Problems(std::string_view file) : file_(file) {}

  /// Takes one more problem; when there are kMost already, only notes that there are more.
  void add(std::string_view reason, Mark where, std::string message);

  [[nodiscard]] bool empty() const noexcept { return found_.empty(); }
  /// No more are taken: a parser may as well stop.
  [[nodiscard]] bool full() const noexcept { return more_; }

  /// What parse_yaml promises. Not when empty().
  [[nodiscard]] Error error() &&;

 private:
  std::string file_;
  std::vector<Diagnostic> found_;
  bool more_ = false;
};

}  // namespace caisson::document::internal
