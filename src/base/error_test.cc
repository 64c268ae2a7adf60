#include <caisson/error.h>
#include <caisson/result.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace caisson {
namespace {

constexpr std::array kAll = {Category::kInvalidArgument,  Category::kNotFound,           Category::kAlreadyExists,
                             Category::kPermissionDenied, Category::kFailedPrecondition, Category::kResourceExhausted,
                             Category::kDeadlineExceeded, Category::kCancelled,          Category::kUnavailable,
                             Category::kGuestFault,       Category::kUnimplemented,      Category::kDataLoss,
                             Category::kInternal};

Error broken() { return {Category::kDataLoss, "test.broken", "the thing is broken"}; }

TEST(Category, HasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (const Category category : kAll) {
    const std::string_view name = to_string(category);
    EXPECT_FALSE(name.empty());
    EXPECT_EQ(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), std::string_view::npos) << name;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
  EXPECT_EQ(to_string(Category::kInvalidArgument), "invalid_argument");
  EXPECT_EQ(to_string(Category::kGuestFault), "guest_fault");
}

TEST(Category, NeverLooksLikeSuccessOutside) {
  for (const Category category : kAll) {
    EXPECT_GT(exit_code(category), 0) << to_string(category);
    EXPECT_LT(exit_code(category), 256) << to_string(category);
    EXPECT_GE(http_status(category), 400) << to_string(category);
    EXPECT_LT(http_status(category), 600) << to_string(category);
  }
}

TEST(Category, OfAnUnknownValueIsInternal) {
  const auto unknown = static_cast<Category>(200);
  EXPECT_EQ(to_string(unknown), "internal");
  EXPECT_EQ(exit_code(unknown), exit_code(Category::kInternal));
  EXPECT_EQ(http_status(unknown), 500);
}

TEST(Diagnostic, IsPrintedWithWhatIsKnown) {
  EXPECT_EQ(to_string(Diagnostic{Severity::kError, "r", "bad", {"flow.yaml", 3, 7}}), "flow.yaml:3:7: error: bad");
  EXPECT_EQ(to_string(Diagnostic{Severity::kWarning, "r", "odd", {"flow.yaml", 3, 0}}), "flow.yaml:3: warning: odd");
  EXPECT_EQ(to_string(Diagnostic{Severity::kError, "r", "bad", {"flow.yaml", 0, 0}}), "flow.yaml: error: bad");
  EXPECT_EQ(to_string(Diagnostic{Severity::kError, "r", "bad", {"", 3, 7}}), "3:7: error: bad");
  EXPECT_EQ(to_string(Diagnostic{Severity::kError, "r", "bad", {}}), "error: bad");
}

TEST(Error, ContextGoesBeforeTheMessageAndChangesNothingElse) {
  Error error = broken();
  error.diagnostics.push_back({Severity::kError, "a.b", "one", {"f", 1, 1}});
  const Error outer = error.with_context("node 'a'");
  EXPECT_EQ(outer.message, "node 'a': the thing is broken");
  EXPECT_EQ(outer.category, error.category);
  EXPECT_EQ(outer.reason, error.reason);
  EXPECT_EQ(outer.diagnostics, error.diagnostics);
  EXPECT_EQ(error.message, "the thing is broken");
  EXPECT_EQ(std::move(error).with_context("x").with_context("y").message, "y: x: the thing is broken");
}

TEST(Result, HoldsAValueOrAnError) {
  Result<int> good = 4;
  ASSERT_TRUE(good);
  EXPECT_EQ(*good, 4);
  *good = 5;
  EXPECT_EQ(good.value(), 5);
  const Result<int> bad = broken();
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error(), broken());
  EXPECT_EQ(Result<int>(broken()).value_or(9), 9);
  EXPECT_EQ(Result<int>(3).value_or(9), 3);
}

TEST(Result, MovesValuesThatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  const std::unique_ptr<int> taken = std::move(result).value();
  EXPECT_EQ(*taken, 7);
}

TEST(Result, OfNothingIsSuccessOrAnError) {
  const Status good;
  EXPECT_TRUE(good.has_value());
  good.value();
  const Status bad = broken();
  EXPECT_FALSE(bad);
  EXPECT_EQ(bad.error().reason, "test.broken");
}

TEST(ResultDeathTest, TheValueOfAFailedOneEndsTheProcessWithItsReason) {
  const Result<int> bad = broken();
  EXPECT_DEATH((void)bad.value(), "test.broken: the thing is broken");
  EXPECT_DEATH((void)*bad, "test.broken");
  const Status status = broken();
  EXPECT_DEATH(status.value(), "test.broken");
}

TEST(ResultDeathTest, TheErrorOfASuccessfulOneEndsTheProcess) {
  const Result<int> good = 1;
  EXPECT_DEATH((void)good.error(), "the error of a successful result was used");
  EXPECT_DEATH((void)Result<int>(1).error(), "the error of a successful result was used");
  const Status status;
  EXPECT_DEATH((void)status.error(), "the error of a successful result was used");
}

Result<int> half(int number) {
  if (number % 2 != 0) {
    return Error{Category::kInvalidArgument, "test.odd", "odd"};
  }
  return number / 2;
}

Result<int> quarter(int number) {
  CAISSON_TRY(const int first, half(number));
  CAISSON_TRY(const int second, half(first));
  return second;
}

Status check_even(int number, int& reached) {
  CAISSON_CHECK(half(number));
  reached = number;
  return {};
}

TEST(Try, GoesOnWithTheValueOrReturnsTheError) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(6).error().reason, "test.odd");
  EXPECT_EQ(quarter(5).error().reason, "test.odd");
}

TEST(Check, GoesOnOrReturnsTheError) {
  int reached = 0;
  EXPECT_TRUE(check_even(2, reached));
  EXPECT_EQ(reached, 2);
  EXPECT_EQ(check_even(3, reached).error().reason, "test.odd");
  EXPECT_EQ(reached, 2);
}

}  // namespace
}  // namespace caisson
