#include "sandbox/internal/abi.h"

#include "base/unicode.h"
#include "document/parse.h"
#include "document/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <system_error>
#include <vector>

namespace caisson::sandbox {

namespace {

using document::Value;
using engine::Number;
using engine::ValueType;

constexpr std::size_t kMostArgumentBytes = 64U << 10;

Failure invalid(std::string message) {
  return {OutcomeStatus::kInvalid, {Category::kInvalidArgument, "sandbox.bad_arguments", std::move(message)}};
}

/// JSON has no NaN and no infinities; they travel as these texts.
constexpr std::string_view kNan = "NaN";
constexpr std::string_view kInfinity = "Infinity";
constexpr std::string_view kMinusInfinity = "-Infinity";

std::optional<double> real_number(const Value& value) {
  if (const double* real = value.as_number()) {
    return *real;
  }
  if (const std::int64_t* integer = value.as_integer()) {
    return static_cast<double>(*integer);
  }
  const std::string* text = value.as_string();
  if (text == nullptr) {
    return std::nullopt;
  }
  constexpr double kInf = std::numeric_limits<double>::infinity();
  return *text == kNan             ? std::optional(std::numeric_limits<double>::quiet_NaN())
         : *text == kInfinity      ? std::optional(kInf)
         : *text == kMinusInfinity ? std::optional(-kInf)
                                   : std::nullopt;
}

Value from_real(double number) {
  if (std::isnan(number)) {
    return Value(kNan);
  }
  if (std::isinf(number)) {
    return Value(number > 0 ? kInfinity : kMinusInfinity);
  }
  return number;
}

/// The double that is written with as few digits as the float needs: 0.1, not 0.10000000149011612.
double shortest(float number) {
  if (!std::isfinite(number)) {
    return static_cast<double>(number);
  }
  const std::string text = fmt::format("{}", number);
  return std::strtod(text.c_str(), nullptr);
}

/// A JSON array of whole numbers that are written plainly, which nearly every call has: reading it so takes a tenth of
/// the time that the parser takes. Nothing for anything else, whether it is JSON or not.
std::optional<Value> plain_integers(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto take_blanks = [&] { text.remove_prefix(std::min(text.find_first_not_of(kBlank), text.size())); };
  const auto take = [&](char c) {
    take_blanks();
    const bool is_next = text.starts_with(c);
    text.remove_prefix(is_next ? 1 : 0);
    return is_next;
  };
  Value out = Value::list();
  if (text.size() > kMostArgumentBytes || !take('[')) {
    return std::nullopt;
  }
  do {
    take_blanks();
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view digits = text.substr(text.starts_with('-') ? 1 : 0);
    // JSON has no number that begins with a zero and goes on; of -0 the parser knows what it is.
    if (error != std::errc() || (digits.starts_with('0') && (end != text.data() + 1))) {
      return std::nullopt;
    }
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    out.push(number);
  } while (take(','));
  const bool closed = take(']');
  take_blanks();
  return closed && text.empty() ? std::optional(std::move(out)) : std::nullopt;
}

/// The JSON value as a number of that type, or why not. Integers may be given signed or unsigned.
std::optional<std::string> to_number(const Value& value, ValueType type, Number& out) {
  const std::int64_t* integer = value.as_integer();
  switch (type) {
    case ValueType::kI32:
      if (integer == nullptr || *integer < std::numeric_limits<std::int32_t>::min() ||
          *integer > std::numeric_limits<std::uint32_t>::max()) {
        return "a whole number of 32 bits";
      }
      out.i32 = static_cast<std::int32_t>(*integer);
      return std::nullopt;
    case ValueType::kI64:
      if (integer == nullptr) {
        return "a whole number of 64 bits";
      }
      out.i64 = *integer;
      return std::nullopt;
    case ValueType::kF32:
    case ValueType::kF64: {
      const std::optional<double> number = real_number(value);
      if (!number) {
        return "a number";
      }
      if (type == ValueType::kF32) {
        out.f32 = static_cast<float>(*number);
      } else {
        out.f64 = *number;
      }
      return std::nullopt;
    }
    default:
      return "a number";
  }
}

Value to_value(ValueType type, const Number& number) {
  switch (type) {
    case ValueType::kI32:
      return static_cast<std::int64_t>(number.i32);
    case ValueType::kI64:
      return number.i64;
    case ValueType::kF32:
      return from_real(shortest(number.f32));
    default:
      return from_real(number.f64);
  }
}

}  // namespace

std::optional<Failure> call_scalar(engine::Instance& instance, const Guest& guest, const Payload& input,
                                   const Limits& limits, Payload& out) {
  const auto& [parameters, results] = guest.signature;
  Value arguments = Value::list();
  if (auto integers = plain_integers(input.bytes())) {
    arguments = *std::move(integers);
  } else if (!input.empty()) {
    auto parsed = document::parse_json(input.bytes(), "input", {.bytes = kMostArgumentBytes, .depth = 2});
    if (!parsed) {
      return invalid(fmt::format("the input of {}{} must be a JSON array of its arguments: {}",
                                 base::printable(guest.entry), engine::to_string(guest.signature),
                                 parsed.error().message));
    }
    arguments = std::move(parsed).value();
  }
  const document::List* list = arguments.as_list();
  if (list == nullptr || list->size() != parameters.size()) {
    return invalid(fmt::format("{}{} takes a JSON array of {} numbers, the input is {}", base::printable(guest.entry),
                               engine::to_string(guest.signature), parameters.size(),
                               list == nullptr ? std::string(document::to_string(arguments.kind()))
                                               : fmt::format("an array of {}", list->size())));
  }
  std::vector<Number> numbers(std::max(parameters.size(), results.size()));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (const auto wanted = to_number((*list)[i], parameters[i], numbers[i])) {
      return invalid(fmt::format("argument {} of {}{} must be {}", i + 1, base::printable(guest.entry),
                                 engine::to_string(guest.signature), *wanted));
    }
  }
  if (const auto fault = instance.call(instance.function(guest.entry), numbers)) {
    return to_failure(*fault, limits);
  }
  Value result;
  if (results.size() == 1) {
    result = to_value(results[0], numbers[0]);
  } else if (!results.empty()) {
    result = Value::list();
    for (std::size_t i = 0; i < results.size(); ++i) {
      result.push(to_value(results[i], numbers[i]));
    }
  }
  out = Payload(document::to_json(result), Payload::kJson);
  return std::nullopt;
}

}  // namespace caisson::sandbox
