#pragma once

#include "document/parse.h"
#include "sandbox/policy_read.h"
#include "sandbox/policy_request.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox::testing {

/// A request out of YAML with `limits:` and `grants:`, and what was wrong with it.
struct ReadRequest {
  PolicyRequest request;
  std::vector<Diagnostic> problems;

  /// Each problem as `line:column reason: message`, without the `policy.` they all begin with.
  [[nodiscard]] std::vector<std::string> reports() const {
    std::vector<std::string> out;
    for (const Diagnostic& d : problems) {
      out.push_back(std::to_string(d.where.line) + ":" + std::to_string(d.where.column) + " " +
                    d.reason.substr(d.reason.find('.') + 1) + ": " + d.message);
    }
    return out;
  }
};

inline ReadRequest read_request(std::string_view yaml, RequestUse use = RequestUse::kAsk,
                                std::string_view file = "f.yaml") {
  ReadRequest out;
  if (yaml.empty()) {
    return out;
  }
  const auto value = document::parse_yaml(yaml, file);
  EXPECT_TRUE(value) << (value ? "" : value.error().message);
  if (!value) {
    return out;
  }
  if (const document::Value* limits = value->find("limits")) {
    RequestReader(file, "limits", out.problems, out.request).read_limits(*limits);
  }
  if (const document::Value* grants = value->find("grants")) {
    RequestReader(file, "grants", out.problems, out.request).read_grants(*grants, use);
  }
  return out;
}

/// The same where nothing may be wrong.
inline PolicyRequest request(std::string_view yaml, RequestUse use = RequestUse::kAsk,
                             std::string_view file = "f.yaml") {
  ReadRequest out = read_request(yaml, use, file);
  EXPECT_EQ(out.reports(), std::vector<std::string>()) << yaml;
  return std::move(out.request);
}

}  // namespace caisson::sandbox::testing
