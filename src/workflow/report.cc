#include "workflow/report.h"

#include "base/unicode.h"
#include "workflow/metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

namespace caisson::workflow {

namespace {

/// Every sign of the report in one place; all else in this file is ASCII.
struct Signs {
  std::string_view title, configuration, strategy, concurrency, failure_strategy;
  std::string_view results, time, count, chain, said, metadata, final, error, complete;
  std::string_view arrow, bullet, failed, not_run, cut;
  std::string_view rule, separator;  ///< one of what the lines are made of
};
constexpr Signs kUnicodeSigns{"🚀 ", "📋 ", "🔧 ", "⚙️  ", "🛡️  ", "📊 ", "⏱️  ", "🔢 ", "🔄 ", "💬 ", "📝 ",
                              "🎯 ", "❌ ", "🎉 ", "→",   "•",   "✗",   "⊘",   "…",   "═",   "─"};
constexpr Signs kAsciiSigns{"", "", "", "",   "",  "",  "",  "",    "",  "> ", "",
                            "", "", "", "->", "-", "x", "-", "...", "=", "-"};

enum class Look : std::uint8_t { kPlain, kTitle, kFailure, kResult, kDim };

/// Builds the lines of a report.
class Lines {
 public:
  explicit Lines(const ReportStyle& style)
      : signs(style.decoration == Decoration::kUnicode ? kUnicodeSigns : kAsciiSigns),
        coloured_(style.colour == Colour::kAlways) {}

  template <typename... Args>
  void add(Look look, fmt::format_string<Args...> format, Args&&... args) {
    const std::string_view on = code(look);
    text_ += on;
    fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
    text_ += on.empty() ? "\n" : "\x1b[0m\n";
  }
  template <typename... Args>
  void add(fmt::format_string<Args...> format, Args&&... args) {
    add(Look::kPlain, format, std::forward<Args>(args)...);
  }
  void add_empty() { text_ += '\n'; }

  [[nodiscard]] std::string take() && { return std::move(text_); }

  /// Quoted, and cut when it is long.
  [[nodiscard]] std::string quoted(std::string_view text) const { return base::quote(cut(text)); }
  /// Escaped, and cut when it is long.
  [[nodiscard]] std::string escaped(std::string_view text) const { return base::printable(cut(text)); }

  const Signs& signs;

 private:
  [[nodiscard]] std::string cut(std::string_view text) const {
    std::string out = base::shorten(text, kShownCodePoints);
    if (out != text) {
      out.replace(out.size() - kUnicodeSigns.cut.size(), kUnicodeSigns.cut.size(), signs.cut);
    }
    return out;
  }

  [[nodiscard]] std::string_view code(Look look) const noexcept {
    if (!coloured_) {
      return {};
    }
    switch (look) {
      case Look::kTitle:
        return "\x1b[1m";
      case Look::kFailure:
        return "\x1b[31m";
      case Look::kResult:
        return "\x1b[32m";
      case Look::kDim:
        return "\x1b[2m";
      case Look::kPlain:
        break;
    }
    return {};
  }

  bool coloured_;
  std::string text_;
};

std::string repeated(std::string_view sign, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += sign;
  }
  return out;
}

/// `1.234ms`, from one second `1.234s`.
std::string duration_text(RunTime duration) {
  const auto seconds = std::chrono::duration<double>(duration).count();
  return seconds < 1 ? fmt::format("{:.3f}ms", seconds * 1e3) : fmt::format("{:.3f}s", seconds);
}

/// The chain of one run.
class Chain {
 public:
  Chain(const Definition& definition, const Plan& plan, const RunRecord& record, Lines& lines)
      : definition_(definition),
        plan_(plan),
        record_(record),
        lines_(lines),
        summaries_(summarize_metadata(plan, record)) {}

  void add() {
    for (std::size_t rank = 0; rank < plan_.rank_count(); ++rank) {
      const auto nodes = plan_.nodes_of_rank(rank);
      const std::string_view parallel = nodes.size() > 1 && record_.run.max_concurrency > 1 ? " (parallel)" : "";
      if (record_.run.strategy == Strategy::kLevel) {
        add_level(rank, nodes, parallel);
      }
      for (const NodeIndex node : nodes) {
        add_node(++number_, node, parallel);
      }
    }
  }

 private:
  /// What a node runs as, when it is no part of the program.
  static std::string kind(const NodeDefinition& node) {
    const std::string label = node.spec->label();
    return label.empty() ? "" : fmt::format(" ({})", label);
  }

  static std::string attempts(const NodeRecord& result) {
    return result.attempts > 1 ? fmt::format(" ({} attempts)", result.attempts) : "";
  }

  [[nodiscard]] std::string why_skipped(const NodeRecord& result) const {
    switch (result.cause) {
      case SkipCause::kBranch:
        return fmt::format("'{}' chose another branch", name(result.because));
      case SkipCause::kCondition:
        return "its condition does not hold";
      case SkipCause::kDependency:
        return "nothing that it depends on was taken";
      case SkipCause::kFailure:
        break;
    }
    return fmt::format("because '{}' failed", name(result.because));
  }

  void add_level(std::size_t rank, std::span<const NodeIndex> nodes, std::string_view parallel) {
    std::string names;
    for (const NodeIndex node : nodes) {
      names += (names.empty() ? "" : ", ") + name(node);
    }
    lines_.add("  Level {}: {}{}", rank, names, parallel);
  }

  void add_node(std::size_t number, NodeIndex node, std::string_view parallel) {
    const NodeRecord& result = record_.nodes[node];
    const Signs& signs = lines_.signs;
    switch (result.state) {
      case NodeState::kSucceeded: {
        const std::string output = result.payload ? lines_.quoted(result.payload->bytes()) : "[No output]";
        lines_.add("  {}. {} {} {}{}{}{}", number, name(node), signs.arrow, output, kind(definition_.nodes[node]),
                   parallel, attempts(result));
        add_said(result);
        add_metadata(summaries_[node]);
        return;
      }
      case NodeState::kFailed:
        lines_.add(Look::kFailure, "  {}. {} {} failed{}{}: {}", number, name(node), signs.failed, attempts(result),
                   result.failure_counts ? "" : " (tolerated)",
                   lines_.escaped(result.error ? result.error->message : ""));
        add_said(result);
        return;
      case NodeState::kSkipped:
        lines_.add("  {}. {} {} skipped ({})", number, name(node), signs.not_run, why_skipped(result));
        return;
      case NodeState::kCancelled:
        lines_.add("  {}. {} {} cancelled (the run was stopped{})", number, name(node), signs.not_run,
                   result.started ? " while it ran" : "");
        return;
      case NodeState::kPending:
      case NodeState::kRunning:
        lines_.add("  {}. {} {} {}", number, name(node), signs.not_run, to_string(result.state));
        return;
    }
  }

  /// What the code of a node printed and logged besides its output.
  void add_said(const NodeRecord& result) {
    if (!result.details) {
      return;
    }
    const sandbox::Captured& captured = result.details->captured;
    constexpr std::uint8_t kWarning = 3;
    std::size_t shown = 0;
    std::size_t more = captured.log_lines_dropped;
    const auto say = [&](std::string_view level, std::string_view text) {
      while (!text.empty()) {
        const std::string_view line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        if (shown < kShownLines) {
          ++shown;
          lines_.add(Look::kDim, "     {}{}{}", lines_.signs.said, level, lines_.escaped(line));
        } else {
          ++more;
        }
      }
    };
    for (const sandbox::LogLine& line : captured.log) {
      say(line.level < kWarning ? "" : line.level == kWarning ? "warning: " : "error: ", line.text);
    }
    say("", captured.standard_output);
    say("", captured.standard_error);
    if (more > 0) {
      lines_.add(Look::kDim, "     {}... and {} more", lines_.signs.said, more);
    }
  }

  void add_metadata(const MetadataSummary& summary) {
    if (summary.entries == 0) {
      return;
    }
    const Signs& signs = lines_.signs;
    const std::string_view plus = summary.more ? "+" : "";
    lines_.add(Look::kDim, "     {}Metadata: {}{} entries", signs.metadata, summary.entries, plus);
    for (std::size_t i = 0; i < summary.sample_count; ++i) {
      const auto& sample = summary.samples.at(i);
      const auto& entry = *(sample.is_request ? record_.run.context : record_.nodes[sample.node].metadata).as_map();
      lines_.add(Look::kDim, "        {} {}: {} keys (e.g., {})", signs.bullet,
                 sample.is_request ? std::string(kRequestId) : name(sample.node), entry.size(),
                 lines_.escaped(entry.front().name));
    }
    if (summary.entries > summary.sample_count) {
      lines_.add(Look::kDim, "        {} ... and {}{} more", signs.bullet, summary.entries - summary.sample_count,
                 plus);
    }
  }

  [[nodiscard]] std::string name(NodeIndex node) const { return base::printable(plan_.id(node)); }

  const Definition& definition_;
  const Plan& plan_;
  const RunRecord& record_;
  Lines& lines_;
  std::vector<MetadataSummary> summaries_;
  std::size_t number_ = 0;
};

}  // namespace

std::string report_header(std::string_view input, std::span<const std::string> files, const ReportStyle& style) {
  Lines lines(style);
  std::string names;
  for (const std::string& file : files) {
    names += (names.empty() ? "" : ", ") + base::quote(file);
  }
  lines.add(Look::kTitle, "{}{}", lines.signs.title, kReportTitle);
  lines.add("{}", repeated(lines.signs.rule, 35));
  lines.add("Input: {}", lines.quoted(input));
  lines.add("Config files: [{}]", names);
  lines.add_empty();
  return std::move(lines).take();
}

std::string report_separator(const ReportStyle& style) {
  Lines lines(style);
  lines.add_empty();
  lines.add("{}", repeated(lines.signs.separator, 80));
  return std::move(lines).take();
}

std::string report_footer(const ReportStyle& style) {
  Lines lines(style);
  lines.add_empty();
  lines.add("{}Demo complete!", lines.signs.complete);
  return std::move(lines).take();
}

std::string report_run(const Definition& definition, const Plan& plan, const RunRecord& record,
                       const ReportStyle& style) {
  Lines lines(style);
  const Signs& signs = lines.signs;
  lines.add("{}Configuration: {}", signs.configuration, base::printable(definition.file));
  lines.add("{}Strategy: {}", signs.strategy, display_name(record.run.strategy));
  lines.add("{}Max Concurrency: {}", signs.concurrency, record.run.max_concurrency);
  lines.add("{}Failure Strategy: {}", signs.failure_strategy, display_name(record.run.failure_strategy));
  lines.add_empty();
  lines.add("{}Execution Results:", signs.results);
  lines.add("{}Execution Time: {}", signs.time, duration_text(record.duration));
  lines.add("{}Processors Executed: {}", signs.count, record.totals.started);
  lines.add_empty();
  lines.add("{}Processor Chain:", signs.chain);
  Chain(definition, plan, record, lines).add();
  if (record.result) {
    lines.add_empty();
    lines.add("{}Final Transformation:", signs.final);
    lines.add("   Input:  {}", lines.quoted(record.run.input.bytes()));
    lines.add(Look::kResult, "   Output: {}", base::quote(record.result->bytes()));
  }
  return std::move(lines).take();
}

std::string report_failure(std::string_view file, const Error& error, const ReportStyle& style) {
  Lines lines(style);
  const auto& problems = error.diagnostics;
  // The only problem with its place after it: the error's own message may name file and place in its own way.
  const bool placed = problems.size() == 1 && problems.front().where.line > 0;
  lines.add(
      Look::kFailure, "{}Failed to execute {}: {}{}", lines.signs.error, base::printable(file),
      lines.escaped(placed ? problems.front().message : error.message),
      placed ? fmt::format(" (line {}, column {})", problems.front().where.line, problems.front().where.column) : "");
  if (problems.size() > 1) {
    for (const Diagnostic& problem : problems) {
      lines.add("   {}", lines.escaped(to_string(problem)));
    }
  }
  return std::move(lines).take();
}

}  // namespace caisson::workflow
