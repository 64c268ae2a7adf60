#pragma once

#include "document/value.h"

#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace caisson::workflow {

/// Makes a definition that is right, with something of everything, the same for the same seed.
class RandomDefinition {
 public:
  explicit RandomDefinition(std::uint32_t seed) : random_(seed) {}

  [[nodiscard]] document::Value make();

 private:
  bool chance() { return random_() % 2 == 0; }
  std::string pick(const std::vector<std::string>& all) { return all[random_() % all.size()]; }
  void maybe(document::Value& map, const char* name, document::Value value);
  std::string text();
  document::Value schema();
  document::Value node(std::size_t index);

  std::mt19937 random_;
};

}  // namespace caisson::workflow
