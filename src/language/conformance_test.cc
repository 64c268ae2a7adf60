// The same small programs in every language give the same JSON: guests/images/test/cases.json, through the sandbox.

#include "base/environment.h"
#include "document/parse.h"
#include "document/print.h"
#include "engine/instance.h"
#include "language/images.h"
#include "language/testing/users_images.h"
#include "sandbox/executor.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>

namespace caisson::language {
namespace {

using document::Value;

constexpr document::ParseLimits kLarge{
    .bytes = 64U << 20, .depth = 256, .values = 5'000'000, .scalar_bytes = 64U << 20};

std::string text_of(const Value& value, std::string_view member) {
  const Value* found = value.find(member);
  return found == nullptr || found->as_string() == nullptr ? std::string() : *found->as_string();
}

/// What an image calls a failure, and what it is outside.
std::string reason_of(std::string_view kind) {
  constexpr std::array<std::array<std::string_view, 2>, 9> kReasons = {{{"exception", "code.exception"},
                                                                        {"syntax", "code.syntax"},
                                                                        {"import", "code.import_denied"},
                                                                        {"memory", "sandbox.memory_limit"},
                                                                        {"recursion", "code.recursion"},
                                                                        {"value", "code.bad_value"},
                                                                        {"exit", "code.exit"},
                                                                        {"entry", "code.no_entry"},
                                                                        {"stack", "sandbox.stack_overflow"}}};
  for (const auto& [name, reason] : kReasons) {
    if (name == kind) {
      return std::string(reason);
    }
  }
  return "unknown";
}

/// Equal as JSON: the order of an object's members does not count.
bool same(const Value& a, const Value& b) {
  if (a.as_map() == nullptr || b.as_map() == nullptr) {
    if (a.as_list() == nullptr || b.as_list() == nullptr) {
      return document::to_json(a) == document::to_json(b);
    }
    return std::ranges::equal(*a.as_list(), *b.as_list(), same);
  }
  return a.as_map()->size() == b.as_map()->size() &&
         std::ranges::all_of(*a.as_map(), [&](const document::Entry& entry) {
           const Value* other = b.find(entry.name);
           return other != nullptr && same(entry.value, *other);
         });
}

class Conformance : public ::testing::TestWithParam<Language> {
 protected:
  static const document::List& cases() {
    static const Value all = [] {
      const auto environment = base::make_environment();
      const auto text = environment->read_file(CAISSON_SOURCE_DIR "/guests/images/test/cases.json", 16U << 20).value();
      return document::parse_json(text, "cases.json", kLarge).value();
    }();
    return *all.as_list();
  }

  sandbox::Outcome run(const Value& test, const std::string& code) {
    static const auto environment = base::make_environment();
    static Images images({.environment = environment.get(), .directory = CAISSON_TEST_IMAGE_CACHE});
    static testing::UsersImages installed;
    Images& from = GetParam() == Language::kPythonData ? installed.images() : images;
    const sandbox::Guest guest = from.bind({.language = GetParam(), .code = code}).value();
    sandbox::Policy policy{.limits = {.fuel = std::nullopt, .input_bytes = 64U << 20},
                           .grants = {.clock = sandbox::ClockMode::kCoarse, .random = sandbox::RandomMode::kReal}};
    const Value* memory = test.find("memory");
    policy.limits.memory_bytes = memory == nullptr ? 256U << 20 : static_cast<std::uint64_t>(*memory->as_integer());
    return executor_.call(guest, Payload(document::to_json(*test.find("input")), Payload::kJson), policy, {});
  }

  static void check_value(const sandbox::Outcome& outcome, const Value& expected) {
    ASSERT_EQ(outcome.status, sandbox::OutcomeStatus::kOk) << outcome.error->message;
    if (const std::string* text = expected.as_string()) {
      EXPECT_EQ(outcome.output.media_type(), Payload::kText);
      EXPECT_EQ(outcome.output.bytes(), *text);
      return;
    }
    EXPECT_EQ(outcome.output.media_type(), Payload::kJson);
    const auto value = document::parse_json(outcome.output.bytes(), "output", kLarge);
    ASSERT_TRUE(value) << outcome.output.bytes();
    EXPECT_TRUE(same(*value, expected)) << document::to_json(*value) << "\nis not\n" << document::to_json(expected);
  }

  static void check_error(const sandbox::Outcome& outcome, const Value& expected) {
    ASSERT_TRUE(outcome.error) << outcome.output.bytes();
    const std::string& message = outcome.error->message;
    EXPECT_EQ(outcome.error->reason, reason_of(text_of(expected, "kind"))) << message;
    if (const std::string part = text_of(expected, "message"); part.starts_with('~')) {
      EXPECT_NE(message.find(part.substr(1)), std::string::npos) << message;
    } else if (!part.empty()) {
      EXPECT_NE(message.find(part), std::string::npos) << message;
    }
    if (const Value* line = expected.find("line")) {
      EXPECT_NE(message.find("line " + std::to_string(*line->as_integer())), std::string::npos) << message;
    }
  }

  static void check_lines(const sandbox::Outcome& outcome, const document::List& expected) {
    constexpr std::array<std::string_view, 5> kLevels = {"trace", "debug", "info", "warning", "error"};
    ASSERT_EQ(outcome.captured.log.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const sandbox::LogLine& line = outcome.captured.log[i];
      EXPECT_EQ(std::string(kLevels.at(line.level)) + ": " + line.text, *expected[i].as_string());
    }
  }

  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  base::ThreadPool pool_{{.threads = 1, .stack_bytes = engine::thread_stack_for(4U << 20)}};
  sandbox::InlineExecutor executor_{{.environment = environment_.get(), .pool = &pool_}};
};

INSTANTIATE_TEST_SUITE_P(Languages, Conformance, ::testing::ValuesIn(kLanguages),
                         [](const auto& test) { return std::string(title(test.param)); });
INSTANTIATE_TEST_SUITE_P(Installed, Conformance, ::testing::Values(Language::kPythonData),
                         [](const auto&) { return std::string("PythonData"); });

TEST_P(Conformance, TheSameProgramsGiveTheSameJson) {
  const bool data = GetParam() == Language::kPythonData;
  if (data) {
    if (const auto why = testing::UsersImages().why_not(Language::kPythonData)) {
      GTEST_SKIP() << *why;
    }
  }
  const std::string_view name = data ? "python" : to_string(GetParam());  // it is Python
  std::size_t played = 0;
  for (const Value& test : cases()) {
    const Value* code = test.find(name);
    const Value* product = test.find("product");  // false: what it asks for is not there without a server or a run
    if (code == nullptr || product != nullptr) {
      continue;
    }
    SCOPED_TRACE(text_of(test, "name"));
    ++played;
    const Value* own = data ? test.find("expect_python-data") : nullptr;
    own = own != nullptr ? own : test.find("expect_" + std::string(name));
    const Value& expected = own != nullptr ? *own : *test.find("expect");
    const sandbox::Outcome outcome = run(test, *code->as_string());
    if (const Value* value = expected.find("value")) {
      check_value(outcome, *value);
    } else if (const Value* error = expected.find("error")) {
      check_error(outcome, *error);
    } else {
      EXPECT_EQ(outcome.status, sandbox::OutcomeStatus::kOk) << outcome.error->message;
    }
    if (const Value* lines = test.find("lines")) {
      check_lines(outcome, *lines->as_list());
    }
  }
  EXPECT_GE(played, 60U);
}

}  // namespace
}  // namespace caisson::language
