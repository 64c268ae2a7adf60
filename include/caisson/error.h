#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caisson {

/// What kind of thing went wrong. Stable: programs, exit codes and HTTP statuses depend on it
/// (docs/reference/errors.md).
enum class Category : std::uint8_t {
  kInvalidArgument,     ///< the caller's input is wrong: a definition, an option, a payload
  kNotFound,            ///< a named thing does not exist
  kAlreadyExists,       ///< a thing of that name exists already
  kPermissionDenied,    ///< policy refuses
  kFailedPrecondition,  ///< the state of the system does not allow it
  kResourceExhausted,   ///< a limit was reached: memory, fuel, stack, output, size
  kDeadlineExceeded,    ///< the time limit was reached
  kCancelled,           ///< somebody asked to stop
  kUnavailable,         ///< temporary; trying again may help
  kGuestFault,          ///< guest code failed by itself: a trap, an error it returned
  kUnimplemented,       ///< known, and not in this version
  kDataLoss,            ///< stored data is damaged or was changed
  kInternal,            ///< a fault of Caisson
};

/// `invalid_argument` for kInvalidArgument, and so on; never empty.
[[nodiscard]] std::string_view to_string(Category category) noexcept;

/// The process exit code of a command that ends with this category. Never 0. docs/reference/errors.md is checked
/// against it.
[[nodiscard]] int exit_code(Category category) noexcept;

/// The HTTP status an answer of this category carries.
[[nodiscard]] int http_status(Category category) noexcept;

/// A place in a text that somebody wrote. Lines and columns count from 1; 0 means unknown. Columns count characters.
struct Location {
  std::string file;
  int line = 0;
  int column = 0;

  friend bool operator==(const Location&, const Location&) = default;
};

enum class Severity : std::uint8_t { kError, kWarning };

/// One problem found in a text. Parsers and validators report all of them, not the first one.
struct Diagnostic {
  Severity severity = Severity::kError;
  std::string reason;  ///< stable dotted name, like Error::reason
  std::string message;
  Location where;

  friend bool operator==(const Diagnostic&, const Diagnostic&) = default;
};

/// `file:line:column: error: message`, leaving out what is unknown.
[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);

/// Why something failed.
///
/// `reason` is a stable dotted name (`sandbox.memory_limit`) for programs; `message` is for people: it starts
/// lower-case, names the offending value and says what to do.
// The analyzer loses what a Result holds, and takes the category of an error that is handed on for unset.
struct Error {  // NOLINT(clang-analyzer-core.uninitialized.Assign)
  Category category = Category::kInternal;
  std::string reason;
  std::string message;
  std::vector<Diagnostic> diagnostics{};  ///< each problem on its own, when a text was refused

  /// The same error with `context: ` before the message; a caller says what it was doing.
  [[nodiscard]] Error with_context(std::string_view context) &&;
  [[nodiscard]] Error with_context(std::string_view context) const&;

  friend bool operator==(const Error&, const Error&) = default;
};

}  // namespace caisson
