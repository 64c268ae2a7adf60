#include "runtime/compile_settings.h"

#include "runtime/section_reader.h"
#include "sandbox/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <span>
#include <string_view>

namespace caisson::runtime {

namespace {

using document::Entry;
using document::Value;
using sandbox::Unit;

using Number = std::optional<sandbox::Written<std::uint64_t>>;

/// A number of the section. `step`: what one of it is, in the smallest unit; `most`: in its own.
struct Row {
  std::string_view key;
  Unit unit;
  std::uint64_t step;
  std::uint64_t least;
  std::uint64_t most;
  Number CompileSettings::* member = nullptr;
};

struct Switch {
  std::string_view key;
  std::optional<sandbox::Written<bool>> CompileSettings::* member;
};

constexpr std::uint64_t kMebi = 1ULL << 20;
constexpr std::uint64_t kGibi = 1ULL << 30;
constexpr std::uint64_t kMostOfAMetric = 4 * kGibi;
constexpr auto kRows = std::to_array<Row>({
    {"module", Unit::kBytes, 1, 1, kGibi, &CompileSettings::module_bytes},
    {"cpu", Unit::kDuration, 1'000'000'000, 1, 3'600, &CompileSettings::cpu_seconds},
    {"timeout", Unit::kDuration, 1'000'000, 1, 3'600'000, &CompileSettings::wall_milliseconds},
    {"memory", Unit::kBytes, 1, 64 * kMebi, 64 * kGibi, &CompileSettings::memory_bytes},
    {"code", Unit::kBytes, 1, kMebi, 4 * kGibi, &CompileSettings::code_bytes},
    {"optimised", Unit::kBytes, 1, 1, kGibi, &CompileSettings::optimised_bytes},
});
constexpr auto kSwitches =
    std::to_array<Switch>({{"here", &CompileSettings::here}, {"optimise_later", &CompileSettings::optimises_later}});
constexpr std::array<std::string_view, 9> kNames = {
    "here", "module", "cpu", "timeout", "memory", "code", "optimised", "optimise_later", "structure"};

constexpr engine::Metric metric(std::size_t index) noexcept { return static_cast<engine::Metric>(index); }

/// The names of `compile.structure`; the first metric is the size of the module, which has a name of its own.
const std::vector<std::string_view>& structure_names() {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> out;
    for (std::size_t i = 1; i < engine::kMetrics; ++i) {
      out.push_back(to_string(metric(i)));
    }
    return out;
  }();
  return names;
}

Unit unit_of(engine::Metric metric) { return to_string(metric).ends_with("bytes") ? Unit::kBytes : Unit::kCount; }

class Reader : SectionReader {
 public:
  Reader(const std::string& file, std::vector<Diagnostic>& problems, CompileSettings& out)
      : SectionReader(file, problems), out_(out) {}

  void read(const Value& value) {
    for (const Entry& entry : entries("compile", value)) {
      const auto* const row = std::ranges::find(kRows, entry.name, &Row::key);
      const auto* const on_or_off = std::ranges::find(kSwitches, entry.name, &Switch::key);
      if (row != kRows.end()) {
        out_.*row->member = number(*row, "compile", entry.value);
      } else if (entry.name == "structure") {
        read_structure(entry.value);
      } else if (on_or_off == kSwitches.end()) {
        unknown("compile", entry, kNames);
      } else if (const bool* said = truth(fmt::format("compile.{}", on_or_off->key), entry.value)) {
        out_.*on_or_off->member = {*said, at(entry.value)};
      }
    }
  }

 private:
  void read_structure(const Value& value) {
    const std::span<const std::string_view> names = structure_names();
    for (const Entry& entry : entries("compile.structure", value)) {
      const auto found = std::ranges::find(names, entry.name);
      if (found == names.end()) {
        unknown("compile.structure", entry, names);
        continue;
      }
      const auto index = static_cast<std::size_t>(found - names.begin()) + 1;
      const Row row{.key = *found, .unit = unit_of(metric(index)), .step = 1, .least = 1, .most = kMostOfAMetric};
      out_.structure[index] = number(row, "compile.structure", entry.value);
    }
  }

  Number number(const Row& row, std::string_view section, const Value& value) {
    const std::int64_t* plain = value.as_integer();
    const std::string written = value.as_string() != nullptr ? *value.as_string()
                                : plain != nullptr           ? std::to_string(*plain)
                                                             : std::string();
    const auto amount = sandbox::parse_amount(written, row.unit);
    const std::uint64_t read = amount ? *amount / row.step : 0;
    if (!amount || read < row.least || read > row.most) {
      problem("policy.bad_value", value.mark(),
              fmt::format("{}.{} must be {}, from {} to {}", section, row.key, describe(row.unit),
                          print_amount(row.least * row.step, row.unit), print_amount(row.most * row.step, row.unit)));
      return std::nullopt;
    }
    return sandbox::Written<std::uint64_t>{read, at(value)};
  }

  CompileSettings& out_;
};

}  // namespace

void CompileSettings::add(const CompileSettings& later) {
  for (const Switch& row : kSwitches) {
    this->*row.member = later.*row.member ? later.*row.member : this->*row.member;
  }
  for (const Row& row : kRows) {
    this->*row.member = later.*row.member ? later.*row.member : this->*row.member;
  }
  for (std::size_t i = 0; i < structure.size(); ++i) {
    structure[i] = later.structure[i] ? later.structure[i] : structure[i];
  }
}

engine::CompileCaps CompileSettings::caps() const {
  engine::CompileCaps out;
  if (cpu_seconds) {
    out.cpu = std::chrono::seconds(cpu_seconds->value);
  }
  if (wall_milliseconds) {
    out.wall = std::chrono::milliseconds(wall_milliseconds->value);
  }
  out.memory_bytes = memory_bytes ? memory_bytes->value : out.memory_bytes;
  out.code_bytes = code_bytes ? code_bytes->value : out.code_bytes;
  out.optimised_bytes = optimised_bytes ? optimised_bytes->value : out.optimised_bytes;
  return out;
}

engine::Metrics CompileSettings::structural_limits() const {
  engine::Metrics out = engine::structural_limits();
  if (module_bytes) {
    for (const engine::Metric of : {engine::Metric::kBytes, engine::Metric::kCodeBytes, engine::Metric::kDataBytes}) {
      auto& limit = out[static_cast<std::size_t>(of)];
      limit = std::max(limit, module_bytes->value);
    }
  }
  for (std::size_t i = 0; i < structure.size(); ++i) {
    const Number& said = structure[i];
    out[i] = said ? said->value : out[i];
  }
  return out;
}

void read_compile_section(const Value& value, const std::string& file, std::vector<Diagnostic>& problems,
                          CompileSettings& out) {
  Reader(file, problems, out).read(value);
}

std::vector<CompileLine> describe(const CompileSettings& settings) {
  std::vector<CompileLine> out;
  for (const Switch& row : kSwitches) {
    if (const auto& said = settings.*row.member) {
      out.push_back({fmt::format("compile.{}", row.key), said->value ? "true" : "false", said->origin});
    }
  }
  for (const Row& row : kRows) {
    if (const Number& number = settings.*row.member) {
      out.push_back(
          {fmt::format("compile.{}", row.key), print_amount(number->value * row.step, row.unit), number->origin});
    }
  }
  for (std::size_t i = 0; i < settings.structure.size(); ++i) {
    if (const Number& number = settings.structure[i]) {
      out.push_back({fmt::format("compile.structure.{}", to_string(metric(i))),
                     print_amount(number->value, unit_of(metric(i))), number->origin});
    }
  }
  return out;
}

}  // namespace caisson::runtime
