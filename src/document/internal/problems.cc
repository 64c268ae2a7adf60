#include "document/internal/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace caisson::document::internal {

namespace {

/// One line for a person: `first` in full, and how many others there are.
std::string message_of(const Diagnostic& first, std::size_t others) {
  std::string out;
  if (!first.where.file.empty()) {
    out += first.where.file + ": ";
  }
  if (first.where.line > 0) {
    out += fmt::format("line {}, column {}: ", first.where.line, first.where.column);
  }
  out += first.message;
  if (others > 0) {
    out += fmt::format(" (and {} more problem{})", others, others == 1 ? "" : "s");
  }
  return out;
}

}  // namespace

void Problems::add(std::string_view reason, Mark where, std::string message) {
  if (found_.size() == kMost) {
    more_ = true;
    return;
  }
  found_.push_back(
      {Severity::kError, std::string(reason), std::move(message), Location{file_, where.line, where.column}});
}

Error Problems::error() && {
  const auto place = [](const Diagnostic& d) { return std::tie(d.where.line, d.where.column); };
  std::ranges::stable_sort(found_, [&](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  // A parser reports what two nodes that begin at the same place have in common twice.
  const auto same = std::ranges::unique(found_);
  found_.erase(same.begin(), same.end());

  auto main = found_.begin();
  std::string reason = "document.invalid";
  for (const std::string_view special : {"document.too_large", "document.empty"}) {
    if (const auto it = std::ranges::find(found_, special, &Diagnostic::reason); it != found_.end()) {
      main = it;
      reason = special;
      break;
    }
  }
  std::string message = message_of(*main, found_.size() - 1);
  if (more_) {
    found_.push_back({Severity::kError, "document.too_many_problems",
                      fmt::format("there are more than {} problems: the others are not shown", kMost),
                      Location{file_, 0, 0}});
  }
  return {Category::kInvalidArgument, std::move(reason), std::move(message), std::move(found_)};
}

}  // namespace caisson::document::internal
