#include "base/unicode.h"
#include "document/parse.h"
#include "sandbox/internal/abi.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caisson::sandbox {

namespace {

constexpr std::size_t kMostMessage = 4U << 10;
constexpr std::size_t kMostTrace = 16U << 10;
constexpr std::size_t kMostProblems = 16;
constexpr std::size_t kMostProblem = 200;
constexpr std::size_t kMostAnswer = 1U << 20;  // of an error, with its traceback

// What an image answers; everything in it may be hostile, because code ran beside the runner.
constexpr std::string_view kOk = R"({"ok":true,"value":)";
constexpr std::string_view kEnd = "}";

struct Kind {
  std::string_view name;
  OutcomeStatus status;
  Category category;
  std::string_view reason;
};
constexpr auto kKinds = std::to_array<Kind>({
    {"exception", OutcomeStatus::kGuestError, Category::kGuestFault, "code.exception"},
    {"syntax", OutcomeStatus::kGuestError, Category::kInvalidArgument, "code.syntax"},
    {"incomplete", OutcomeStatus::kGuestError, Category::kInvalidArgument, "code.incomplete"},
    {"import", OutcomeStatus::kDenied, Category::kPermissionDenied, "code.import_denied"},
    {"memory", OutcomeStatus::kLimit, Category::kResourceExhausted, "sandbox.memory_limit"},
    {"recursion", OutcomeStatus::kGuestError, Category::kGuestFault, "code.recursion"},
    {"value", OutcomeStatus::kGuestError, Category::kGuestFault, "code.bad_value"},
    {"exit", OutcomeStatus::kGuestError, Category::kGuestFault, "code.exit"},
    {"entry", OutcomeStatus::kGuestError, Category::kInvalidArgument, "code.no_entry"},
});

Failure no_answer(std::string_view why) {
  return {OutcomeStatus::kTrap,
          {Category::kGuestFault, "sandbox.bad_answer", fmt::format("the language gave no answer: {}", why)}};
}

std::string text_of(const document::Value& error, std::string_view member, std::size_t most) {
  const document::Value* value = error.find(member);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string() : std::string(base::shorten(*text, most));
}

/// Where the code failed: `, line 3, column 5`, of what is known.
std::string place_of(const document::Value& error) {
  std::string out;
  for (const std::string_view member : {"line", "column"}) {
    const document::Value* value = error.find(member);
    if (value != nullptr && value->as_integer() != nullptr && *value->as_integer() > 0) {
      out += fmt::format(", {} {}", member, *value->as_integer());
    }
  }
  return out;
}

/// What else a look at the code found besides the first, which is the error: `; also: ..., line 7`.
std::string more_problems(const document::Value& error) {
  const document::Value* value = error.find("problems");
  const document::List* problems = value == nullptr ? nullptr : value->as_list();
  std::string out;
  for (std::size_t i = 1; problems != nullptr && i < std::min(problems->size(), kMostProblems); ++i) {
    out += fmt::format("; also: {}{}", base::printable(text_of((*problems)[i], "message", kMostProblem)),
                       place_of((*problems)[i]));
  }
  return out;
}

Failure failure_of(const document::Value& error) {
  const std::string kind_name = text_of(error, "kind", 32);
  const auto* const kind = std::ranges::find(kKinds, kind_name, &Kind::name);
  if (kind == kKinds.end()) {
    return no_answer("its error is of no kind that is known");
  }
  const std::string type = base::printable(text_of(error, "type", 200));
  const std::string message = base::printable(text_of(error, "message", kMostMessage));
  return {kind->status,
          {kind->category, std::string(kind->reason),
           fmt::format("{}{}{}{}{}", type, type.empty() || message.empty() ? "" : ": ", message, place_of(error),
                       more_problems(error))},
          text_of(error, "traceback", kMostTrace)};
}

/// The value of an answer: a text as itself, anything else as JSON, with every digit of its numbers.
std::optional<Failure> take_answer(std::string_view bytes, Payload& out) {
  if (bytes.starts_with(kOk) && bytes.ends_with(kEnd)) {
    const std::string_view value = bytes.substr(kOk.size(), bytes.size() - kOk.size() - kEnd.size());
    if (!value.starts_with('"') && document::is_json(value)) {
      out = Payload(std::string(value), Payload::kJson);
      return std::nullopt;
    }
    const auto text = document::parse_json(value, "answer", {.bytes = value.size(), .scalar_bytes = value.size()});
    if (text && text->as_string() != nullptr) {
      out = Payload(*text->as_string(), Payload::kText);
      return std::nullopt;
    }
    return no_answer("its value is no JSON");
  }
  const auto answer = document::parse_json(bytes, "answer", {.bytes = kMostAnswer, .scalar_bytes = kMostAnswer});
  const document::Value* error = answer ? answer->find("error") : nullptr;
  return error == nullptr ? no_answer("it has neither a value nor an error") : failure_of(*error);
}

}  // namespace

std::optional<Failure> call_image(engine::Instance& instance, const Guest& guest, const Payload& input,
                                  const Limits& limits, Payload& out) {
  const std::string& code = *guest.code;
  std::uint32_t code_at = 0;
  std::uint32_t input_at = 0;
  if (auto failure = copy_in(instance, "caisson_alloc", code, limits, code_at)) {
    return failure;
  }
  if (auto failure = copy_in(instance, "caisson_alloc", input.bytes(), limits, input_at)) {
    return failure;
  }
  const auto number = [](std::size_t value) { return static_cast<std::int32_t>(static_cast<std::uint32_t>(value)); };
  std::array<engine::Number, 4> numbers{};
  numbers[0].i32 = number(code_at);
  numbers[1].i32 = number(code.size());
  numbers[2].i32 = number(input_at);
  numbers[3].i32 = number(input.size());
  if (const auto fault = instance.call(instance.function(guest.entry), numbers)) {
    return to_failure(*fault, limits);
  }
  Answer answer;
  if (auto failure = view_answer(instance, numbers[0].i64, limits, answer)) {
    return failure;
  }
  if (answer.is_error) {
    return no_answer(base::printable(base::shorten(answer.bytes, kMostMessage)));
  }
  return take_answer(answer.bytes, out);
}

}  // namespace caisson::sandbox
