#pragma once

#include "net/resolver.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace caisson::net {

/// Answers with what the test says: the next list each time a name is asked for, the last one from then on.
class FakeResolver final : public Resolver {
 public:
  void set(const std::string& host, std::vector<std::vector<std::string>> answers) {
    names_[host] = {std::move(answers), 0};
  }

  Result<std::vector<IpAddress>> resolve(const std::string& host, const Patience& /*patience*/) override {
    const auto found = names_.find(host);
    if (found == names_.end()) {
      return Error{Category::kUnavailable, "net.unknown_host", "there is no such host"};
    }
    auto& [answers, asked] = found->second;
    const std::size_t turn = std::min(asked++, answers.size() - 1);
    std::vector<IpAddress> out;
    std::ranges::transform(answers[turn], std::back_inserter(out),
                           [](const std::string& text) { return parse_address(text).value_or(IpAddress{}); });
    return out;
  }

 private:
  std::map<std::string, std::pair<std::vector<std::vector<std::string>>, std::size_t>> names_;
};

}  // namespace caisson::net
