#include "workflow/internal/problems.h"

#include "base/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

namespace caisson::workflow {

void Problems::add(Severity severity, std::string_view reason, std::string message, document::Mark mark) {
  add(Diagnostic{severity, std::string(reason), std::move(message), Location{file_, mark.line, mark.column}});
}

void Problems::error_inside(std::string_view reason, std::string message, const document::Value& string,
                            std::size_t offset) {
  document::Mark mark = string.mark();
  if (!text_.empty() && errors_.size() < kMax) {  // others are only counted
    if (places_ == nullptr) {
      places_ = std::make_unique<document::Places>(text_);
    }
    mark = places_->inside(string, offset);
  }
  error(reason, std::move(message), mark);
}

void Problems::add(const Diagnostic& diagnostic) {
  const bool is_error = diagnostic.severity == Severity::kError;
  error_count_ += is_error ? 1 : 0;
  auto& list = is_error ? errors_ : warnings_;
  if (list.size() < kMax) {
    list.push_back(diagnostic);
    list.back().where.file = file_;
  }
}

Error Problems::to_error() const {
  Error out{Category::kInvalidArgument, errors_.front().reason, {}, errors_};
  const auto place = [](const Diagnostic& d) { return std::tie(d.where.line, d.where.column); };
  std::ranges::stable_sort(out.diagnostics, [&](const auto& a, const auto& b) { return place(a) < place(b); });
  const auto same = [&](const Diagnostic& d) { return d.reason == out.reason; };
  if (!std::ranges::all_of(errors_, same)) {
    out.reason = "workflow.invalid_definition";
  } else if (out.reason == "workflow.unimplemented") {
    out.category = Category::kUnimplemented;
  }
  const std::string& first = out.diagnostics.front().message;
  if (error_count_ == 1) {
    out.message = first;
    return out;
  }
  const std::string name = file_.empty() ? "the workflow" : fmt::format("'{}'", base::printable(file_));
  out.message = fmt::format("{} has {} problems; the first: {}", name, error_count_, first);
  if (error_count_ > out.diagnostics.size()) {
    out.diagnostics.push_back({Severity::kError, "workflow.more_problems",
                               fmt::format("and {} more problems", error_count_ - errors_.size()),
                               Location{file_, 0, 0}});
  }
  return out;
}

}  // namespace caisson::workflow
