#include "engine/refusal_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace caisson::engine {

namespace {

constexpr std::string_view kHead = "refused under ";

/// Each of them, for which larger means that more may be compiled.
std::array<std::uint64_t, 5> numbers(const CompileCaps& caps) {
  return {static_cast<std::uint64_t>(caps.cpu.count()), static_cast<std::uint64_t>(caps.wall.count()),
          caps.memory_bytes, caps.code_bytes, caps.optimised_bytes};
}

}  // namespace

std::string write_refusal_file(const CompileCaps& caps, std::string_view why) {
  return fmt::format("{}{}\n{}", kHead, fmt::join(numbers(caps), " "), why);
}

std::optional<std::string> read_refusal_file(const CompileCaps& caps, std::string_view bytes) {
  const std::size_t end = bytes.find('\n');
  if (!bytes.starts_with(kHead) || end == std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view rest = bytes.substr(kHead.size(), end - kHead.size());
  const auto now = numbers(caps);
  for (std::size_t i = 0; i < now.size(); ++i) {
    const std::string_view word = rest.substr(0, rest.find(' '));
    std::uint64_t then = 0;
    const auto [behind, error] = std::from_chars(word.data(), word.data() + word.size(), then);
    // Where the border between the two efforts lies decides how much a module takes: another one is another question.
    const bool another = i + 1 == now.size() ? now[i] != then : now[i] > then;
    if (error != std::errc() || behind != word.data() + word.size() || another) {
      return std::nullopt;
    }
    rest.remove_prefix(std::min(word.size() + 1, rest.size()));
  }
  const bool is_whole = rest.empty() && bytes[end - 1] != ' ';
  return is_whole ? std::optional(std::string(bytes.substr(end + 1))) : std::nullopt;
}

}  // namespace caisson::engine
