#pragma once

#include "base/environment.h"

#include <charconv>
#include <cstdint>
#include <fstream>
#include <istream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace caisson::base::testing {

/// The number in `column` of `row` of a table in the flat form of tests/campaigns.yaml.
///
/// Errors: throws std::invalid_argument when there is no such row or column, or no whole number above 0 in it.
[[nodiscard]] inline std::int64_t campaign_size(std::istream& table, std::string_view row, std::string_view column) {
  const std::string head = std::string(row) + ':';
  const std::string key = "  " + std::string(column) + ": ";
  bool inside = false;
  for (std::string line; std::getline(table, line);) {
    if (!line.empty() && line.front() != ' ' && line.front() != '#') {
      inside = line == head;
    } else if (inside && line.starts_with(key)) {
      std::int64_t size = 0;
      const char* const end = line.data() + line.size();
      const auto read = std::from_chars(line.data() + key.size(), end, size);
      if (read.ec == std::errc{} && read.ptr == end && size > 0) {
        return size;
      }
      break;
    }
  }
  throw std::invalid_argument("tests/campaigns.yaml has no size for '" + std::string(row) + "' in column '" +
                              std::string(column) + "'");
}

/// How large a campaign is to be: the row `row` of tests/campaigns.yaml, in the column that the environment variable
/// CAISSON_CAMPAIGN names (ci when it is not set). For tests only.
///
/// Errors: throws std::invalid_argument, which fails the test, when the row, the column or the file is missing.
[[nodiscard]] inline std::int64_t campaign(std::string_view row) {
  std::ifstream table(CAISSON_SOURCE_DIR "/tests/campaigns.yaml");
  return campaign_size(table, row, make_environment()->variable("CAISSON_CAMPAIGN").value_or("ci"));
}

}  // namespace caisson::base::testing
