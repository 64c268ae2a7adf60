#pragma once

#include "document/value.h"

#include <caisson/result.h>

#include <string>
#include <vector>

namespace caisson::document::testing {

/// Each diagnostic as `line:column reason`, without the `document.` they all begin with; nothing for a success.
inline std::vector<std::string> reports(const Result<Value>& result) {
  std::vector<std::string> out;
  if (!result) {
    for (const Diagnostic& d : result.error().diagnostics) {
      const std::string reason = d.reason.substr(d.reason.find('.') + 1);
      out.push_back(std::to_string(d.where.line) + ":" + std::to_string(d.where.column) + " " + reason);
    }
  }
  return out;
}

/// `line:column`.
inline std::string place(Mark mark) { return std::to_string(mark.line) + ":" + std::to_string(mark.column); }

/// `count` times `text`.
inline std::string times(std::size_t count, const std::string& text) {
  std::string out;
  out.reserve(count * text.size());
  for (std::size_t i = 0; i < count; ++i) {
    out += text;
  }
  return out;
}

}  // namespace caisson::document::testing
