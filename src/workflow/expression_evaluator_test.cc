#include "workflow/expression_evaluator.h"

#include "base/environment.h"
#include "document/parse.h"
#include "document/print.h"
#include "engine/instance.h"
#include "language/images.h"
#include "sandbox/policy_resolve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::workflow {
namespace {

using document::Value;

class ExpressionEvaluatorTest : public ::testing::Test {
 protected:
  static language::Images& images() {
    static const auto environment = base::make_environment();
    static language::Images images({.environment = environment.get(), .directory = CAISSON_TEST_IMAGE_CACHE});
    return images;
  }

  ExpressionEvaluatorTest() {
    const std::array<const sandbox::PolicyRequest*, 1> requests = {&expression_defaults()};
    policy_ = sandbox::resolve_policy(requests, sandbox::make_ceiling({}, *environment_), {environment_.get()}).value();
    evaluator_ = make_expression_evaluator(images().bind(expression_program()).value(), policy_, executor_);
  }

  [[nodiscard]] Evaluation evaluate(std::string_view text, const std::vector<ExpressionInput>& inputs = {},
                                    ExpressionUse use = ExpressionUse::kValue) const {
    const auto expression = Expression::parse(text);
    EXPECT_TRUE(expression) << text;
    return evaluator_->evaluate(expression.value(), inputs, use, {}, {});
  }
  [[nodiscard]] std::string value(std::string_view text, const std::vector<ExpressionInput>& inputs = {}) const {
    const Evaluation evaluation = evaluate(text, inputs);
    return evaluation.error ? evaluation.error->message : evaluation.json;
  }
  /// What is wrong, without which expression it is in.
  [[nodiscard]] std::string fault(std::string_view text, const std::vector<ExpressionInput>& inputs = {}) const {
    const Evaluation evaluation = evaluate(text, inputs);
    EXPECT_TRUE(evaluation.error) << text << " is " << evaluation.json;
    if (!evaluation.error) {
      return "";
    }
    EXPECT_EQ(evaluation.error->reason, "workflow.expression_failed");
    const std::string& message = evaluation.error->message;
    return message.substr(message.find("\": ") + 3);
  }

  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  base::ThreadPool pool_{{.threads = 1, .stack_bytes = engine::thread_stack_for(4U << 20)}};
  sandbox::InlineExecutor executor_{{.environment = environment_.get(), .pool = &pool_}};
  sandbox::Policy policy_;
  std::unique_ptr<ExpressionEvaluator> evaluator_;
};

TEST_F(ExpressionEvaluatorTest, HasPythonsMeaning) {
  // By hand: what Python 3 says of each.
  constexpr std::array<std::array<std::string_view, 2>, 37> kRows = {
      {{"1 + 1", "2"},
       {"1 + 1.0", "2.0"},
       {"7 / 2", "3.5"},
       {"4 / 2", "2.0"},
       {"-7 % 3", "2"},
       {"7 % -3", "-2"},
       {"-7.5 % 2", "0.5"},
       {"7.5 % -2", "-0.5"},
       {"6.0 % -2", "-0.0"},
       {"2 + 3 * 4", "14"},
       {"10 - 4 - 3", "3"},
       {"100 / 5 * 2", "40.0"},
       {"'a' + 'b'", R"("ab")"},
       {"0 or 'x'", R"("x")"},
       {"0 or ''", R"("")"},
       {"1 and 2", "2"},
       {"'' and 2", R"("")"},
       {"not ''", "true"},
       {"not 'a'", "false"},
       {"not 0.0", "true"},
       {"1 == 1.0", "true"},
       {"1 == '1'", "false"},
       {"None == False", "false"},
       {"None == null", "true"},
       {"1 < 2 < 3", "true"},
       {"1 < 3 < 2", "false"},
       {"3 > 2 == 2", "true"},
       {"1 < 2 > 1 != 5", "true"},
       {"'a' < 'b'", "true"},
       {"'Z' < 'a'", "true"},
       {"'a' < 'aa'", "true"},
       {"not 1 == 2", "true"},
       {"False or not True or 5", "5"},
       {"9007199254740993 == 9007199254740992.0", "false"},
       {"9007199254740993 > 9007199254740992.0", "true"},
       {"1e308 * 10 > 1e308", "true"},
       {"--1", "1"}}};
  for (const auto& [text, expected] : kRows) {
    EXPECT_EQ(value(text), expected) << text;
  }
}

TEST_F(ExpressionEvaluatorTest, KnowsItsNames) {
  const std::vector<ExpressionInput> inputs = {{"check", R"({"score": 0.75, "tags": ["a"], "deep": {"x": null}})"},
                                               {"same", R"({"x": null})"},
                                               {"empty", "{}"},
                                               {"none", "[]"},
                                               {"input", R"("text")"}};
  EXPECT_EQ(value("check.score > 0.5 and input == 'text'", inputs), "true");
  EXPECT_EQ(value("check.deep == same", inputs), "true");
  EXPECT_EQ(value("check.tags == none", inputs), "false");
  EXPECT_EQ(value("empty == none", inputs), "false");
  EXPECT_EQ(value("empty or none or check.deep.x or 'all are false'", inputs), R"("all are false")");
  EXPECT_EQ(value("none", inputs), "[]");
  EXPECT_EQ(value("empty", inputs), "{}");
  EXPECT_EQ(value("check.tags", inputs), R"(["a"])");
}

TEST_F(ExpressionEvaluatorTest, SaysWhatIsWrong) {
  const std::vector<ExpressionInput> inputs = {{"check", R"({"score": 1})"}, {"list", "[1]"}};
  EXPECT_EQ(fault("other", inputs), "unknown name 'other'; there are nothing");
  EXPECT_EQ(fault("list and other", inputs), "unknown name 'other'; there are list");
  EXPECT_EQ(fault("check.scor", inputs), "'check' has no 'scor'; it has score");
  EXPECT_EQ(fault("check.score.x", inputs), "'check.score' is a number and has no 'x'");
  EXPECT_EQ(fault("list.x", inputs), "'list' is a list and has no 'x'");
  EXPECT_EQ(fault("1 < 'a'"), "'<' cannot compare a number with a string");
  EXPECT_EQ(fault("None >= 1"), "'>=' cannot compare null with a number");
  EXPECT_EQ(fault("True < 2"), "'<' cannot compare a boolean with a number");
  EXPECT_EQ(fault("list < list", inputs), "'<' cannot compare a list with a list");
  EXPECT_EQ(fault("1 + 'a'"), "'+' does not go with a number and a string");
  EXPECT_EQ(fault("'a' * 9"), "'*' does not go with a string and a number");
  EXPECT_EQ(fault("'%s' % 1"), "'%' does not go with a string and a number");
  EXPECT_EQ(fault("True + 1"), "'+' does not go with a boolean and a number");
  EXPECT_EQ(fault("list + list", inputs), "'+' does not go with a list and a list");
  EXPECT_EQ(fault("-'a'"), "'-' does not go with a string");
  EXPECT_EQ(fault("1 / 0"), "division by zero");
  EXPECT_EQ(fault("1.5 % 0.0"), "division by zero");
  EXPECT_EQ(fault("1e308 * 10"), "the value is no number of JSON");
  EXPECT_EQ(fault("1e308 * 10 - 1e308 * 10"), "the value is no number of JSON");
}

TEST_F(ExpressionEvaluatorTest, WholeNumbersDoNotWrapAround) {
  for (const std::string_view text : {"9223372036854775807 + 1", "-9223372036854775807 - 2", "9223372036854775807 * 2",
                                      "(-9223372036854775807 - 1) * -1", "-1 * (-9223372036854775807 - 1)",
                                      "-(-9223372036854775807 - 1)", "3037000500 * 3037000500"}) {
    EXPECT_NE(fault(text).find("beyond 64 bits"), std::string::npos) << text;
  }
  EXPECT_EQ(value("-9223372036854775807 - 1"), "-9223372036854775808");
  EXPECT_EQ(value("3037000499 * 3037000499"), "9223372030926249001");
}

TEST_F(ExpressionEvaluatorTest, ATruthHasNoValue) {
  const Evaluation holds = evaluate("input", {{"input", R"("a long text")"}}, ExpressionUse::kTruth);
  ASSERT_FALSE(holds.error);
  EXPECT_TRUE(holds.truth);
  EXPECT_EQ(holds.json, "");
  ASSERT_TRUE(holds.usage);
  EXPECT_GT(holds.usage->memory_bytes, 0U);
  EXPECT_FALSE(evaluate("input", {{"input", "[]"}}, ExpressionUse::kTruth).truth);
  EXPECT_TRUE(evaluate("1e308 * 10", {}, ExpressionUse::kTruth).truth);
}

TEST_F(ExpressionEvaluatorTest, TextIsNeverCode) {
  EXPECT_EQ(value(R"('"] os.exit() --[[' + "]]")"), R"("\"] os.exit() --[[]]")");
  EXPECT_EQ(value("run", {{"run", R"("\"}} error() --")"}}), R"("\"}} error() --")");
  // Names of the evaluator's own world mean nothing in an expression.
  for (const std::string_view name : {"inputs", "os", "caisson", "json", "forms", "evaluate", "_G", "_ENV"}) {
    EXPECT_EQ(fault(name).substr(0, 13), "unknown name ") << name;
  }
  // What a list of the language has besides its items is no member.
  EXPECT_EQ(fault("list.concat", {{"list", "[1]"}}), "'list' is a list and has no 'concat'");
}

TEST_F(ExpressionEvaluatorTest, TheDeepestExpressionIsEvaluated) {
  const auto nested = [](std::string_view before, std::size_t levels) {
    std::string text = "1";
    for (std::size_t i = 0; i < Expression::kMaxDepth / levels; ++i) {
      text = std::string(before) + "(" + text +
             std::string(static_cast<std::size_t>(std::ranges::count(before, '(')) + 1, ')');
    }
    return text;
  };
  EXPECT_EQ(value(nested("0 or 1 and not 0 == ", 2)), "true");
  EXPECT_EQ(value(nested("0 or 1 and (0 + 1 * -", 3)), "-1");
}

TEST_F(ExpressionEvaluatorTest, HasLimits) {
  const std::string large = "\"" + std::string(6U << 20, 'x') + "\"";
  const Evaluation evaluation = evaluate("a + a", {{"a", large}});
  ASSERT_TRUE(evaluation.error);
  EXPECT_EQ(evaluation.error->reason, "sandbox.memory_limit") << evaluation.error->message;
  EXPECT_EQ(policy_.limits.memory_bytes, 8U << 20);
  EXPECT_EQ(policy_.limits.cpu, std::chrono::seconds(1));
}

/// Equal as JSON, whole numbers and others told apart.
bool same(const Value& a, const Value& b) { return document::to_json(a) == document::to_json(b); }

TEST_F(ExpressionEvaluatorTest, AgreesWithPythonOnRandomExpressions) {
  const auto text = environment_->read_file(CAISSON_SOURCE_DIR "/tests/vectors/expressions.json", 4U << 20).value();
  const Value all = document::parse_json(text, "expressions.json", {.bytes = 4U << 20, .values = 1'000'000}).value();
  std::vector<ExpressionInput> inputs;
  for (const document::Entry& entry : *all.find("names")->as_map()) {
    inputs.push_back({entry.name, document::to_json(entry.value)});
  }
  const document::List& rows = *all.find("rows")->as_list();
  ASSERT_GE(rows.size(), 1'000U);
  for (const Value& row : rows) {
    const std::string& expression = *row.as_list()->at(0).as_string();
    const Value* expected = row.as_list()->at(1).find("value");
    const Evaluation got = evaluate(expression, inputs);
    if (expected == nullptr) {
      EXPECT_TRUE(got.error) << expression << " is " << got.json;
      continue;
    }
    ASSERT_FALSE(got.error) << expression << ": " << got.error->message;
    const auto value = document::parse_json(got.json, "value");
    ASSERT_TRUE(value) << expression << " is " << got.json;
    EXPECT_TRUE(same(*value, *expected)) << expression << " is " << got.json << ", not "
                                         << document::to_json(*expected);
  }
}

}  // namespace
}  // namespace caisson::workflow
