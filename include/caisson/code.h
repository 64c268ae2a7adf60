#pragma once

#include <caisson/error.h>
#include <caisson/payload.h>
#include <caisson/result.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace caisson {

/// Code of a language that runs in a sandbox, and what it may use and touch.
struct CodeOptions {
  std::string language;       ///< `python`, `javascript`, `lua`, or another name of one of them
  std::string code;           ///< UTF-8
  std::string name = "code";  ///< what errors call it
  std::string entry = "run";  ///< the function that is called, if there is one of that name
  /// All that it may import; nothing: what the language allows by default (docs/guide/code.md).
  std::optional<std::vector<std::string>> imports{};
  /// As behind `--limit`: `memory=64MB`, `timeout=5s`. The memory is what the code adds to the language's own.
  std::vector<std::string> limits{};
  /// As behind `--grant`: `net=https://api.example.com`, `imports=kv`.
  std::vector<std::string> grants{};
  /// JSON Schema (docs/reference/schema.md) that the value of the code has to fit; nothing: any value.
  std::optional<std::string> output_schema{};
  /// A virtual clock and seeded randomness: the same result in every run.
  bool deterministic = false;
};

/// What one call of the code gets.
struct CodeInput {
  /// `inputs` of the code, each name once. A text is a string for it, JSON what it says, anything else an object with
  /// `base64` and `media_type`.
  std::vector<std::pair<std::string, Payload>> inputs{};
  Payload payload{};  ///< `caisson.payload`
  /// `context` of the code: JSON, an object. Nothing: its inputs.
  std::optional<Payload> context{};
  std::stop_token stop{};
};

/// A line that the code printed or logged; as the code gave it: escape before printing.
struct CodeLine {
  std::uint8_t level = 2;  ///< 0 trace, 1 debug, 2 info, 3 warning, 4 error
  std::string text;
};

/// What became of one call.
struct Execution {
  std::optional<Error> error{};   ///< nothing: it succeeded, and there is an output
  Payload output{};               ///< a text, or JSON
  std::vector<CodeLine> lines{};  ///< that it printed or logged
  std::string trace{};            ///< of code that failed: the lines of its own that led there
  std::chrono::nanoseconds wall{0};
  std::chrono::nanoseconds cpu{0};
  std::uint64_t memory_bytes = 0;                ///< peak
  std::uint64_t memory_over_baseline_bytes = 0;  ///< what the code added to the language's own
  /// `{success, output, error, reason, execution_time, memory_used_pages, fuel_consumed, sandboxed}` as JSON.
  std::string json{};

  [[nodiscard]] bool success() const noexcept { return !error; }
};

/// Code that is ready to run: checked, its language loaded, what it may do decided. Immutable; safe to share between
/// threads.
class Code {
 public:
  Code(const Code&) = delete;
  Code& operator=(const Code&) = delete;
  ~Code();

  struct State;

 private:
  friend class Runtime;
  explicit Code(std::unique_ptr<const State> state);
  std::unique_ptr<const State> state_;
};

}  // namespace caisson
