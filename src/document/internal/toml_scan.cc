#include "document/internal/toml_scan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace caisson::document::internal {

namespace {

/// What the scan is inside of: the lines of a table, `{...}` or `[...]`.
struct Scope {
  bool has_names = true;
  bool in_value = false;  ///< behind a `=`
  std::size_t dots = 0;   ///< of the dotted name that is being read, or whose value is
};

class Scan {
 public:
  explicit Scan(std::string_view text) : text_(text) {}

  [[nodiscard]] bool at_end() const noexcept { return at_ >= text_.size(); }
  [[nodiscard]] std::size_t at() const noexcept { return at_; }
  [[nodiscard]] std::size_t values() const noexcept { return values_; }
  /// Of lists and maps in each other, where the scan is; the text itself is one.
  [[nodiscard]] std::size_t depth() const noexcept { return 1 + header_depth_ + depth_; }

  void step() {
    const char c = text_[at_];
    if (c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (c == '"' || c == '\'') {
      line_begins_ = false;
      skip_string(c);
    } else {
      structure(c);
      ++at_;
    }
  }

 private:
  Scope& scope() noexcept { return scopes_.back(); }

  void structure(char c) {
    const bool top = scopes_.size() == 1;
    if (c == '\n') {
      line_begins_ = true;
      in_header_ = in_header_ && !top;
      if (top) {
        reset();
      }
      return;
    }
    if (c == ' ' || c == '\t' || c == '\r') {
      return;
    }
    if (top && line_begins_ && c == '[') {
      in_header_ = true;
      header_depth_ = 1;
    } else if (in_header_) {
      header_depth_ += c == '.' || c == '[' ? 1U : 0U;
    } else {
      inside(c);
    }
    line_begins_ = false;
  }

  void inside(char c) {
    switch (c) {
      case '.':
        if (scope().has_names && !scope().in_value) {
          ++scope().dots;
          ++depth_;
        }
        break;
      case '=':
        values_ += scope().in_value ? 0U : 1U;
        scope().in_value = true;
        break;
      case ',':
        values_ += scope().has_names ? 0U : 1U;
        if (scopes_.size() > 1) {
          reset();
        }
        break;
      case '[':
      case '{':
        scopes_.push_back({.has_names = c == '{'});
        ++depth_;
        break;
      case ']':
      case '}':
        if (scopes_.size() > 1) {
          reset();
          scopes_.pop_back();
          --depth_;
        }
        break;
      default:
        break;
    }
  }

  /// The name and its value are over.
  void reset() noexcept {
    depth_ -= scope().dots;
    scope().dots = 0;
    scope().in_value = false;
  }

  void skip_string(char quote) {
    const std::string three(3, quote);
    const bool is_long = text_.substr(at_).starts_with(three);
    at_ += is_long ? 3 : 1;
    while (!at_end()) {
      if (quote == '"' && text_[at_] == '\\') {
        at_ += 2;
      } else if (!is_long && text_[at_] == '\n') {
        return;  // never closed: toml++ says so
      } else if (text_[at_] == quote && (!is_long || text_.substr(at_).starts_with(three))) {
        at_ += is_long ? 3 : 1;
        for (int more = 0; is_long && more < 2 && !at_end() && text_[at_] == quote; ++more) {
          ++at_;  // a long string may end in up to two quotes of its own
        }
        return;
      } else {
        ++at_;
      }
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t values_ = 1;
  std::size_t depth_ = 0;
  std::size_t header_depth_ = 0;
  bool line_begins_ = true;
  bool in_header_ = false;
  std::vector<Scope> scopes_{Scope{}};
};

}  // namespace

bool scan_toml(std::string_view text, const ParseLimits& limits, Builder& builder) {
  const std::size_t depth = std::min(limits.depth, ParseLimits::kMaxDepth);
  for (Scan scan(text); !scan.at_end();) {
    const std::size_t offset = scan.at();
    scan.step();
    if (scan.depth() > depth) {
      builder.report("document.too_large", offset,
                     fmt::format("lists and maps are more than {} deep in each other", depth));
      return false;
    }
    if (scan.values() > limits.values) {
      builder.report("document.too_large", offset, fmt::format("there are more than {} values", limits.values));
      return false;
    }
  }
  return true;
}

}  // namespace caisson::document::internal
