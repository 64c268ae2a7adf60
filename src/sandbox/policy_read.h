#pragma once

#include "document/value.h"
#include "sandbox/policy_request.h"

#include <caisson/error.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::sandbox {

/// What the words are written for. The words are the same.
enum class RequestUse : std::uint8_t {
  kAsk,    ///< a definition asks
  kAllow,  ///< an operator allows: names of variables and secrets may have `*`
  kDeny,   ///< an operator denies: likewise; a clock or randomness is denied as a whole, by `true`
};

/// Whose limits may be written.
enum class LimitScope : std::uint8_t {
  kCall,
  kCallAndRun,  ///< where an operator says how much there may be
};

/// Reads maps named `limits:` and `grants:` (in a configuration `[limits]`, `[defaults]`, `[allow]`, `[deny]`) into
/// requests. Whatever is wrong becomes a diagnostic with its place, and reads as absent.
///
/// Reasons: policy.unknown_key, policy.wrong_type, policy.bad_value.
class RequestReader {
 public:
  /// `what` comes before the names in messages: `limits`, `node 'a': grants`. Both references outlive the reader.
  RequestReader(std::string_view file, std::string_view what, std::vector<Diagnostic>& problems, PolicyRequest& out)
      : file_(file), what_(what), problems_(problems), out_(out) {}

  /// Every value then has this origin instead of its place in the file.
  void set_origin(Origin origin) { origin_ = std::move(origin); }

  void read_limits(const document::Value& map, LimitScope scope = LimitScope::kCall);
  void read_grants(const document::Value& map, RequestUse use = RequestUse::kAsk);

 private:
  using Value = document::Value;

  void read_limit(const document::Entry& entry, LimitScope scope);
  void read_grant(const document::Entry& entry, RequestUse use);
  void read_directories(const document::Entry& entry, Access access, RequestUse use, WrittenList<DirectoryGrant>& out);
  void read_env(const document::Entry& entry, RequestUse use);
  void read_args(const document::Entry& entry);
  void read_stdin(const document::Entry& entry);
  void read_clock(const document::Entry& entry, RequestUse use);
  void read_random(const document::Entry& entry, RequestUse use);
  void read_net(const document::Entry& entry);
  void read_names(const document::Entry& entry, WrittenList<std::string>& out, RequestUse use);
  void read_preset(const document::Entry& entry, RequestUse use);

  [[nodiscard]] bool is_map(const Value& value);
  /// The items of a list, or the one value that stands for a list of one; empty and a problem for anything else.
  [[nodiscard]] std::vector<const Value*> items(const document::Entry& entry);
  [[nodiscard]] std::optional<DirectoryGrant> directory(std::string_view key, const Value& value, Access access,
                                                        RequestUse use);
  [[nodiscard]] std::optional<NetGrant> net(const Value& value);

  [[nodiscard]] Origin at(const Value& value) const;
  void problem(std::string_view reason, document::Mark mark, std::string message);
  void bad(std::string_view key, const Value& value, std::string_view why);
  void wrong_kind(std::string_view key, const Value& value, std::string_view expected);

  std::string file_;
  std::string what_;
  std::vector<Diagnostic>& problems_;
  PolicyRequest& out_;
  std::optional<Origin> origin_;
};

/// Names that a grants map may have.
[[nodiscard]] std::span<const std::string_view> grant_names() noexcept;
/// Groups of operations that `imports` may name.
[[nodiscard]] std::span<const std::string_view> import_names() noexcept;
/// Proposals that `features` may name.
[[nodiscard]] std::span<const std::string_view> feature_names() noexcept;

/// Whether `pattern`, in which `*` stands for any characters, fits all of `name`.
[[nodiscard]] bool fits_pattern(std::string_view pattern, std::string_view name) noexcept;

/// `KEY=VALUE` of `--limit`. Errors: invalid_argument / policy.bad_value, policy.unknown_key.
[[nodiscard]] Status read_limit_flag(std::string_view text, const Origin& origin, PolicyRequest& out);

/// `KEY=VALUE,KEY=VALUE` of `--allow`: names of grants, whose values add up, and of limits. `wasi`,
/// `stdin`, `clock` and `random` may stand without `=true`. A comma that neither `KEY=` nor one of these words follows
/// belongs to the value. Errors: as read_limit_flag.
[[nodiscard]] Status read_allow_flag(std::string_view text, const Origin& origin, PolicyRequest& out,
                                     RequestUse use = RequestUse::kAllow);

/// The same of `--grant`, in the words of a definition, and `env=NAME=VALUE`. `asked` gets what every node is to have,
/// paths beginning at `folder`; `allowed` gets the permission for it, paths as written. Errors: as read_limit_flag.
[[nodiscard]] Status read_grant_flag(std::string_view text, const Origin& origin, std::string_view folder,
                                     PolicyRequest& asked, PolicyRequest& allowed);

/// The text of `--arg`: one more argument, as it is. Errors: invalid_argument / policy.bad_value (a zero byte, too
/// long).
[[nodiscard]] Status read_argument_flag(std::string_view text, const Origin& origin, PolicyRequest& asked);

}  // namespace caisson::sandbox
