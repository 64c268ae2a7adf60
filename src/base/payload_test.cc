#include <caisson/payload.h>
#include <gtest/gtest.h>

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

}  // namespace
}  // namespace caisson
