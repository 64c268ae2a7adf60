#pragma once

#include "document/value.h"
#include "sandbox/limit_table.h"
#include "sandbox/policy_forms.h"
#include "sandbox/policy_request.h"

#include <caisson/result.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox::internal {

/// What readers of foreign forms have in common. Each name of a map has a handler; a name without one is an error, null
/// counts as absent.
class FormReader {
 public:
  using Value = document::Value;
  /// Gets the value and its name with those of the maps around it.
  using Handler = std::function<void(const Value& value, const std::string& name)>;
  struct Field {
    std::string_view name;
    Handler read;
  };

  explicit FormReader(std::string_view file) : file_(file) {}

  void read_map(const Value& value, const std::string& what, std::initializer_list<Field> fields);
  /// The items of a list, each given to `read`.
  void read_list(const Value& value, const std::string& name, const Handler& read);

  /// A limit that is written as a number of `unit` (`MB`, `ms`, or nothing) within a range of the form.
  [[nodiscard]] Handler limit(std::string_view key, std::string_view unit, std::int64_t lowest = 0,
                              std::int64_t highest = std::numeric_limits<std::int64_t>::max());
  /// A whole number within a range, for its own sake.
  [[nodiscard]] Handler whole(std::int64_t lowest, std::int64_t highest,
                              std::function<void(std::int64_t, const Value& where)> then = {});
  /// A number of WebAssembly pages.
  [[nodiscard]] Handler pages(std::string_view key, std::int64_t lowest, std::int64_t highest);
  /// An amount as a definition writes it: `64MB`, `10s`.
  [[nodiscard]] Handler amount(std::string_view key);
  [[nodiscard]] Handler truth(std::function<void(bool value, const Value& where)> then);
  [[nodiscard]] Handler text(std::function<void(const std::string& text, const Value& where)> then);
  /// Says that what is written changes nothing, and why.
  [[nodiscard]] Handler no_effect(std::string_view why);

  /// Our own map of that name, each value with its place.
  [[nodiscard]] Handler own_limits();
  [[nodiscard]] Handler own_grants();

  /// The same words as in a definition: reads `grants` out of a map that is made up.
  void grants(const Value& map, const Value& where);

  [[nodiscard]] Origin at(const Value& value) const;
  void bad(const Value& value, std::string_view name, std::string_view why);
  void wrong_kind(const Value& value, std::string_view name, std::string_view expected);
  void warn(const Value& value, std::string_view name, std::string_view why);

  [[nodiscard]] std::size_t problem_count() const noexcept { return problems_.size(); }
  [[nodiscard]] PolicyRequest& request() noexcept { return out_.request; }
  [[nodiscard]] Result<ForeignPolicy> finish() &&;

 private:
  void problem(std::string_view reason, document::Mark mark, std::string message);

  std::string file_;
  ForeignPolicy out_;
  std::vector<Diagnostic> problems_;
};

/// The names of ours that differ between two requests, wherever they were written.
[[nodiscard]] std::vector<std::string> differences(const PolicyRequest& a, const PolicyRequest& b);

/// What was printed, with what does not read back as it was asked.
[[nodiscard]] PrintedPolicy check_printed(document::Value value, const PolicyRequest& asked,
                                          Result<ForeignPolicy> (*read)(const document::Value&, std::string_view));

/// The amount of a limit that a request names; nothing when it names none, or it is unlimited.
[[nodiscard]] std::optional<std::uint64_t> amount_of(const PolicyRequest& request, std::string_view key);

/// Adds a limit in units of `parts` to a map that is printed: as a whole number when it is one.
void print_amount(document::Value& out, std::string name, const PolicyRequest& request, std::string_view key,
                  std::uint64_t parts = 1);

/// The same where only a whole number from `lowest` to `highest` may stand; anything else is left out.
void print_whole(document::Value& out, std::string name, const PolicyRequest& request, std::string_view key,
                 std::uint64_t parts, std::uint64_t lowest, std::uint64_t highest);

}  // namespace caisson::sandbox::internal
