#include "engine/compile_child.h"

#include "base/environment.h"
#include "base/unicode.h"
#include "document/parse.h"
#include "document/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <optional>
#include <utility>

#include <sys/prctl.h>
#include <unistd.h>

namespace caisson::engine {

namespace {

using document::Value;

constexpr std::size_t kMaxHead = 64U << 10;

struct Reason {
  std::string_view name;
  Category category;
};
/// What a compiler may say of a module.
constexpr auto kReasons = std::to_array<Reason>({
    {"engine.legacy_component", Category::kInvalidArgument},
    {"engine.malformed_module", Category::kInvalidArgument},
    {"engine.no_thread", Category::kResourceExhausted},
    {"engine.not_wasm", Category::kInvalidArgument},
    {"engine.pool_too_small", Category::kInvalidArgument},
    {"engine.serialize", Category::kInternal},
    {"engine.unsupported_feature", Category::kInvalidArgument},
});

std::optional<std::string> read_all(int fd) {
  std::string out;
  std::array<char, 64U << 10> piece{};
  while (true) {
    const ssize_t got = ::read(fd, piece.data(), piece.size());
    if (got == 0) {
      return out;
    }
    if (got > 0) {
      out.append(piece.data(), static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      return std::nullopt;
    }
  }
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::write(fd, bytes.data(), bytes.size());
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

std::optional<std::size_t> number(std::string_view text) {
  std::size_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(out) : std::nullopt;
}

std::string head_of(const Error& error) {
  return document::to_json(Value::map({{"reason", error.reason}, {"message", error.message}})) + '\n';
}

Error no_answer() {
  return {Category::kInternal, "engine.compile_crashed", "the program that compiles gave no answer"};
}

}  // namespace

std::vector<std::string> compile_arguments(const Profile& profile, Effort effort) {
  return {std::to_string(profile.stack_bytes), std::to_string(profile.async_stack_bytes),
          profile.canonical_nans ? "canonical-nans" : "any-nans", profile.exceptions ? "exceptions" : "no-exceptions",
          effort == Effort::kLow ? "low" : "full"};
}

int run_compile_child(std::span<const std::string> arguments) {
  if (arguments.size() != 5) {
    return 2;
  }
  const auto stack = number(arguments[0]);
  const auto async_stack = number(arguments[1]);
  if (!stack || !async_stack) {
    return 2;
  }
  // Nobody waits for the answer of a compiler whose program was killed. Who died before this line closed our input.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  // All of it, before anything large is reserved: by then the caps hold.
  const auto wasm = read_all(STDIN_FILENO);
  if (!wasm) {
    return 1;
  }
  const auto environment = base::make_environment();
  Profile profile = strict_profile();
  profile.stack_bytes = *stack;
  profile.async_stack_bytes = *async_stack;
  profile.canonical_nans = arguments[2] == "canonical-nans";
  profile.exceptions = arguments[3] == "exceptions";
  const auto answer = [&]() -> Result<std::string> {
    CAISSON_TRY(const auto engine, Engine::create({.profile = profile,
                                                   .environment = environment.get(),
                                                   .effort = arguments[4] == "low" ? Effort::kLow : Effort::kFull}));
    CAISSON_TRY(const auto module, engine->compile(*wasm));
    return engine->serialize(*module);
  }();
  const std::string head =
      answer ? document::to_json(Value::map({{"code_bytes", static_cast<std::int64_t>(answer->size())}})) + '\n'
             : head_of(answer.error());
  return write_all(STDOUT_FILENO, head) && (!answer || write_all(STDOUT_FILENO, *answer)) ? 0 : 1;
}

Result<std::string> read_compile_answer(std::string_view output) {
  const std::size_t end = output.substr(0, kMaxHead).find('\n');
  if (end == std::string_view::npos) {
    return no_answer();
  }
  const auto head = document::parse_json(output.substr(0, end), "answer", {.bytes = kMaxHead, .depth = 2});
  const std::string_view code = output.substr(end + 1);
  if (!head) {
    return no_answer();
  }
  const Value* size = head->find("code_bytes");
  if (size != nullptr && size->as_integer() != nullptr && *size->as_integer() > 0 &&
      static_cast<std::uint64_t>(*size->as_integer()) == code.size()) {
    return std::string(code);
  }
  const Value* reason = head->find("reason");
  const Value* message = head->find("message");
  if (reason == nullptr || reason->as_string() == nullptr || message == nullptr || message->as_string() == nullptr ||
      !code.empty()) {
    return no_answer();
  }
  const auto* const known = std::ranges::find(kReasons, *reason->as_string(), &Reason::name);
  if (known == kReasons.end()) {
    return no_answer();
  }
  return Error{known->category, std::string(known->name), base::printable(base::shorten(*message->as_string(), 2000))};
}

}  // namespace caisson::engine
