#include <caisson/payload.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace caisson {
namespace {

TEST(Payload, IsEmptyTextByDefault) {
  const Payload none;
  EXPECT_TRUE(none.empty());
  EXPECT_EQ(none.media_type(), Payload::kText);
  EXPECT_EQ(none, Payload(""));
}

TEST(Payload, KeepsBytesAndMediaType) {
  const Payload payload(std::string("a\0b", 3), Payload::kBytes);
  EXPECT_EQ(payload.bytes(), std::string_view("a\0b", 3));
  EXPECT_EQ(payload.size(), 3U);
  EXPECT_EQ(payload.media_type(), Payload::kBytes);
}

TEST(Payload, ComparesBytesAndMediaType) {
  EXPECT_EQ(Payload("1"), Payload("1"));
  EXPECT_FALSE(Payload("1") == Payload("2"));
  EXPECT_FALSE(Payload("1") == Payload("1", Payload::kJson));
}

TEST(Payload, CopiesShareTheBytes) {
  Payload first("some text that is too long for the short string optimisation");
  const Payload second = first;
  EXPECT_EQ(first.bytes().data(), second.bytes().data());
  const Payload third = std::move(first);
  EXPECT_EQ(third.bytes().data(), second.bytes().data());
  first = Payload();
  EXPECT_EQ(second, third);
}

TEST(Payload, TakesOverBytesThatSomethingElseHolds) {
  auto owner = std::make_shared<std::string>("held elsewhere");
  const std::weak_ptr<std::string> watch = owner;
  const char* at = owner->data();
  Payload payload(owner, *owner, Payload::kBytes);
  owner.reset();
  EXPECT_EQ(payload.bytes().data(), at);
  EXPECT_EQ(payload, Payload("held elsewhere", Payload::kBytes));
  payload = Payload();
  EXPECT_TRUE(watch.expired());
}

}  // namespace
}  // namespace caisson
