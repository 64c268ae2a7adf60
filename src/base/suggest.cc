#include "base/suggest.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace caisson::base {

namespace {

constexpr std::size_t kLongestWord = 64;  // nobody mistypes a longer one; keeps hostile names cheap

/// Optimal string alignment distance: insert, delete, replace, or swap two neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::vector<std::size_t> next(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      next[j] = std::min({row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        next[j] = std::min(next[j], before[j - 2] + 1);
      }
    }
    before.swap(row);
    row.swap(next);
  }
  return row[b.size()];
}

std::optional<std::string_view> only_beginning_with(std::string_view word,
                                                    std::span<const std::string_view> candidates) {
  const auto begins = [&](std::string_view candidate) {
    return candidate.size() > word.size() + 1 && candidate.starts_with(word) && candidate[word.size()] == '_';
  };
  const auto found = std::ranges::find_if(candidates, begins);
  return found != candidates.end() && std::ranges::count_if(candidates, begins) == 1 ? std::optional(*found)
                                                                                     : std::nullopt;
}

}  // namespace

std::optional<std::string_view> closest(std::string_view word, std::span<const std::string_view> candidates) {
  if (word.empty() || word.size() > kLongestWord) {
    return std::nullopt;
  }
  std::optional<std::string_view> best;
  std::size_t best_distance = word.size() <= 4 ? 2 : 3;  // one more than allowed
  for (const std::string_view candidate : candidates) {
    if (candidate.size() > kLongestWord) {
      continue;
    }
    const std::size_t d = distance(word, candidate);
    if (d < best_distance && d < candidate.size()) {
      best = candidate;
      best_distance = d;
    }
  }
  return best ? best : only_beginning_with(word, candidates);
}

std::string did_you_mean(std::string_view word, std::span<const std::string_view> candidates) {
  const auto best = closest(word, candidates);
  return best ? fmt::format(" (did you mean '{}'?)", *best) : std::string();
}

std::string did_you_mean(std::string_view word, std::initializer_list<std::string_view> candidates) {
  return did_you_mean(word, std::span(candidates.begin(), candidates.size()));
}

}  // namespace caisson::base
