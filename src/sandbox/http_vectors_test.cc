// api/vectors/http_fetch.yaml: the encoding of http.fetch, byte for byte.

#include "document/parse.h"
#include "sandbox/internal/http_message.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>

namespace caisson::sandbox {
namespace {

using document::Value;

Value vectors() {
  std::ostringstream text;
  text << std::ifstream(CAISSON_SOURCE_DIR "/api/vectors/http_fetch.yaml").rdbuf();
  auto read = document::parse_yaml(text.str(), "http_fetch.yaml");
  EXPECT_TRUE(read.has_value()) << read.error().message;
  return read ? *read : Value();
}

std::string text_of(const Value& value, std::string_view name) {
  const Value* found = value.find(name);
  EXPECT_TRUE(found != nullptr && found->as_string() != nullptr) << name;
  return *found->as_string();
}

HttpHead head_of(const Value& request) {
  HttpHead out;
  out.method = text_of(request, "method");
  out.url = text_of(request, "url");
  for (const document::Entry& entry : *request.find("headers")->as_map()) {
    out.headers.push_back({entry.name, *entry.value.as_string()});
  }
  for (const Value& secret : *request.find("secrets")->as_list()) {
    out.secrets.push_back(
        {text_of(secret, "header"), text_of(secret, "secret"), text_of(secret, "prefix"), text_of(secret, "user")});
  }
  return out;
}

TEST(HttpVectors, RequestsAreReadAsTheyAreWrittenDown) {
  const Value all = vectors();
  ASSERT_GE(all.find("requests")->as_list()->size(), 20U);
  for (const Value& vector : *all.find("requests")->as_list()) {
    const std::string input = text_of(vector, "input");
    const std::size_t end = std::min(input.find('\n'), input.size());
    auto head =
        end == 0 ? Result<Value>(Value::map()) : document::parse_json(input.substr(0, end), "head", {.depth = 4});
    const auto decoded = head && head->as_map() != nullptr
                             ? decode_http_head(*head)
                             : Result<HttpHead>(Error{Category::kInvalidArgument, "sandbox.bad_request",
                                                      "the input does not begin with a JSON object"});
    if (const Value* request = vector.find("request")) {
      ASSERT_TRUE(decoded.has_value()) << input << decoded.error().message;
      EXPECT_EQ(*decoded, head_of(*request)) << input;
      EXPECT_EQ(input.substr(std::min(end + 1, input.size())), text_of(*request, "body"));
    } else {
      ASSERT_FALSE(decoded.has_value()) << input;
      EXPECT_NE(decoded.error().message.find(text_of(vector, "why")), std::string::npos) << decoded.error().message;
    }
  }
}

TEST(HttpVectors, AnswersAreWrittenAsTheyAreWrittenDown) {
  const Value all = vectors();
  for (const Value& vector : *all.find("responses")->as_list()) {
    const Value& written = *vector.find("response");
    net::HttpResponse response;
    response.status = static_cast<int>(*written.find("status")->as_integer());
    response.body = text_of(written, "body");
    for (const Value& header : *written.find("headers")->as_list()) {
      response.headers.push_back({*header.as_list()->at(0).as_string(), *header.as_list()->at(1).as_string()});
    }
    EXPECT_EQ(encode_http_response(response), text_of(vector, "result"));
  }
}

TEST(HttpVectors, BytesThatAreNoTextAreReplacedInTheHeadOnly) {
  EXPECT_EQ(encode_http_response({.status = 200, .headers = {{"x", "a\xff"}}, .body = "\xff", .address = {}}),
            "{\"status\":200,\"headers\":[[\"x\",\"a\xef\xbf\xbd\"]]}\n\xff");
}

}  // namespace
}  // namespace caisson::sandbox
