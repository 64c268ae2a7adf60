// Code in every language that this program has, through the sandbox.

#include "language/images.h"

#include "base/testing/fake_environment.h"
#include "engine/instance.h"
#include "sandbox/executor.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace caisson::language {
namespace {

/// What one test compiled is there for the next.
Images& images() {
  static const auto environment = base::make_environment();
  static Images images({.environment = environment.get(), .directory = CAISSON_TEST_IMAGE_CACHE});
  return images;
}

class CodeTest : public ::testing::TestWithParam<Language> {
 protected:
  /// The text for this language, or the test is skipped: this program has no image of it.
  static std::string code(const std::map<Language, std::string>& texts) { return texts.at(GetParam()); }

  sandbox::Outcome run(Program program, const Arguments& arguments = {}) {
    auto guest = images().bind(program);
    EXPECT_TRUE(guest) << guest.error().message;
    return executor_.call(*guest, Payload(request_for(program, arguments), Payload::kJson), policy_, stop_.get_token());
  }
  sandbox::Outcome run(std::string text, const Arguments& arguments = {}) {
    return run(Program{.language = GetParam(), .code = std::move(text)}, arguments);
  }

  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  base::ThreadPool pool_{{.threads = 1, .stack_bytes = engine::thread_stack_for(4U << 20)}};
  sandbox::InlineExecutor executor_{{.environment = environment_.get(), .pool = &pool_}};
  sandbox::Policy policy_{.limits = {.memory_bytes = 32U << 20, .fuel = std::nullopt}};
  std::stop_source stop_;
};

std::vector<Language> available() {
  std::vector<Language> out;
  for (const Language language : kLanguages) {
    if (find_image(language) != nullptr) {
      out.push_back(language);
    }
  }
  return out;
}

INSTANTIATE_TEST_SUITE_P(Images, CodeTest, ::testing::ValuesIn(available()),
                         [](const auto& test) { return std::string(title(test.param)); });

TEST_P(CodeTest, GivesTheValueOfRun) {
  const auto outcome =
      run(code({{Language::kLua, "function run(inputs) return {sum = inputs.a + inputs.b} end"},
                {Language::kPython, "def run(inputs):\n  return {'sum': inputs['a'] + inputs['b']}"},
                {Language::kJavaScript, "function run(inputs) { return {sum: inputs.a + inputs.b} }"}}),
          {.inputs = {{"a", Payload("40", Payload::kJson)}, {"b", Payload("2", Payload::kJson)}}});
  ASSERT_EQ(outcome.status, sandbox::OutcomeStatus::kOk) << outcome.error->message;
  EXPECT_EQ(outcome.output, Payload(R"({"sum":42})", Payload::kJson));
  EXPECT_EQ(outcome.usage.memory_bytes - outcome.usage.memory_over_baseline_bytes,
            find_image(GetParam())->baseline_bytes);
}

TEST_P(CodeTest, ATextIsATextAndAnythingElseIsJson) {
  const auto echo = code({{Language::kLua, "return caisson.payload"},
                          {Language::kPython, "import caisson\ncaisson.payload"},
                          {Language::kJavaScript, "caisson.payload"}});
  EXPECT_EQ(run(echo, {.payload = Payload("h\xc3\xa9\"\n")}).output, Payload("h\xc3\xa9\"\n"));
  EXPECT_EQ(run(echo, {.payload = Payload("[1,2]", Payload::kJson)}).output, Payload("[1,2]", Payload::kJson));
  EXPECT_EQ(run(echo, {.payload = Payload("[1,", Payload::kJson)}).output,
            Payload(R"({"base64":"WzEs","media_type":"application/json"})", Payload::kJson));
}

TEST_P(CodeTest, AnErrorOfTheCodeIsAnErrorWithItsLine) {
  const auto outcome = run(code({{Language::kLua, "\nerror('boom')"},
                                 {Language::kPython, "\nraise ValueError('boom')"},
                                 {Language::kJavaScript, "\nthrow new RangeError('boom')"}}));
  EXPECT_EQ(outcome.status, sandbox::OutcomeStatus::kGuestError);
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->reason, "code.exception");
  EXPECT_NE(outcome.error->message.find("boom"), std::string::npos) << outcome.error->message;
  EXPECT_NE(outcome.error->message.find("line 2"), std::string::npos) << outcome.error->message;
}

TEST_P(CodeTest, MemoryThatIsRefusedIsAnErrorOfTheLanguageAndALimit) {
  const auto outcome = run(
      code({{Language::kLua, "local s = string.rep('x', 2^20) local t = {} for i = 1, 100 do t[i] = s .. i end"},
            {Language::kPython, "a = [bytes(1 << 20) for i in range(100)]"},
            {Language::kJavaScript, "const a = []; for (let i = 0; i < 100; i++) a.push(new Uint8Array(1 << 20));"}}));
  EXPECT_EQ(outcome.status, sandbox::OutcomeStatus::kLimit) << outcome.error->message;
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->reason, "sandbox.memory_limit") << outcome.error->message;
  EXPECT_LE(outcome.usage.memory_over_baseline_bytes, policy_.limits.memory_bytes);
}

TEST_P(CodeTest, EndlessCodeEndsAtTheDeadline) {
  policy_.limits.timeout = std::chrono::milliseconds(100);
  const auto outcome = run(code({{Language::kLua, "while true do end"},
                                 {Language::kPython, "while True: pass"},
                                 {Language::kJavaScript, "for (;;) {}"}}));
  EXPECT_EQ(outcome.status, sandbox::OutcomeStatus::kLimit);
  EXPECT_EQ(outcome.error->reason, "sandbox.deadline");
}

TEST_P(CodeTest, PrintedLinesAreTheLog) {
  const auto outcome = run(code({{Language::kLua, "print('one', 2) return 1"},
                                 {Language::kPython, "print('one', 2, sep='\\t')\n1"},
                                 {Language::kJavaScript, "console.log('one\\t2'); 1"}}));
  ASSERT_EQ(outcome.captured.log.size(), 1U);
  EXPECT_EQ(outcome.captured.log[0], (sandbox::LogLine{2, "one\t2"}));
  EXPECT_EQ(outcome.output.bytes(), "1");
}

TEST_P(CodeTest, NothingIsLeftFromOneCallToTheNext) {
  const auto text = code({{Language::kLua, "leak = (leak or 0) + 1 return leak"},
                          {Language::kPython, "import json\njson.leak = getattr(json, 'leak', 0) + 1\njson.leak"},
                          {Language::kJavaScript, "globalThis.leak = (globalThis.leak || 0) + 1"}});
  EXPECT_EQ(run(text).output.bytes(), "1");
  EXPECT_EQ(run(text).output.bytes(), "1");
}

TEST_P(CodeTest, WhatIsNotGrantedIsAnErrorThatNamesTheLine) {
  const auto outcome = run(code({{Language::kLua, "return caisson.kv.get('a')"},
                                 {Language::kPython, "import caisson\ncaisson.kv.get('a')"},
                                 {Language::kJavaScript, "caisson.kv.get('a')"}}));
  ASSERT_TRUE(outcome.error);
  EXPECT_EQ(outcome.error->reason, "code.exception") << outcome.error->message;
  EXPECT_NE(outcome.error->message.find("grants: {imports: [kv]}"), std::string::npos) << outcome.error->message;
  EXPECT_EQ(outcome.violations.size(), 1U);
}

TEST(Image, ManifestsSayWhatIsInside) {
  ASSERT_FALSE(available().empty());
  for (const Language language : available()) {
    const Image& image = *find_image(language);
    EXPECT_EQ(image.language, language);
    EXPECT_FALSE(image.version.empty());
    EXPECT_FALSE(image.modules.empty());
    EXPECT_GT(image.baseline_bytes, 0U);
    const auto wasm = unpack(image);
    ASSERT_TRUE(wasm) << wasm.error().message;
    EXPECT_EQ(wasm->size(), image.bytes);
  }
}

TEST(Image, DamagedBytesAreNotUnpacked) {
  Image image = *find_image(available().front());
  std::string packed(image.packed);
  for (const std::size_t at : {std::size_t{0}, packed.size() / 2, packed.size() - 1}) {
    std::string damaged = packed;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    image.packed = damaged;
    const auto wasm = unpack(image);
    ASSERT_FALSE(wasm) << at;
    EXPECT_EQ(wasm.error().reason, "language.bad_image");
  }
}

}  // namespace
}  // namespace caisson::language
