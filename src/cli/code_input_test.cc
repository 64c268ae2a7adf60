#include "cli/code_input.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace caisson::cli {
namespace {

using Inputs = std::vector<std::pair<std::string, std::string>>;

Inputs inputs(const std::string& json) {
  Inputs out;
  const auto input = code_input(json);
  EXPECT_TRUE(input) << json;
  for (const auto& [name, payload] : input->inputs) {
    EXPECT_EQ(payload.media_type(), Payload::kJson);
    out.emplace_back(name, payload.bytes());
  }
  return out;
}

TEST(CodeInput, MembersAreTheInputsAsTheyAreWritten) {
  EXPECT_EQ(inputs(R"({"id":12345678901234567890123,"x": 1.10})"),
            (Inputs{{"id", "12345678901234567890123"}, {"x", " 1.10"}}));
  EXPECT_EQ(inputs(R"({"a":{"b":[1,{"c":"},\"]"}]},"d:":"\\\"{,","e":[]})"),
            (Inputs{{"a", R"({"b":[1,{"c":"},\"]"}]})"}, {"d:", R"("\\\"{,")"}, {"e", "[]"}}));
  EXPECT_EQ(inputs(" { } "), Inputs());
}

TEST(CodeInput, EverythingIsThePayload) {
  for (const std::string json : {"[1,{\"a\":2}]", "\"{\"", "7"}) {
    EXPECT_EQ(inputs(json), Inputs());
    EXPECT_EQ(code_input(json)->payload, Payload(json, Payload::kJson));
  }
}

TEST(CodeInput, WhatIsNoJsonIsRefused) {
  for (const std::string json : {"", "{", "{\"a\"", "{\"a\":1}x", "{\"a\":1,\"a\":2}"}) {
    EXPECT_FALSE(code_input(json)) << json;
  }
}

}  // namespace
}  // namespace caisson::cli
