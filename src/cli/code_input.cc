#include "cli/code_input.h"

#include "cli/input.h"
#include "document/parse.h"

#include <algorithm>
#include <string_view>
#include <vector>

namespace caisson::cli {

namespace {

/// The texts of the members of an object that was found to be JSON.
std::vector<std::string_view> member_texts(std::string_view json) {
  std::vector<std::string_view> out;
  std::size_t depth = 0;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < json.size(); ++at) {
    const char c = json[at];
    if (c == '"') {
      while (json[++at] != '"') {
        at += json[at] == '\\' ? 1U : 0U;
      }
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      --depth;
    } else if (c == ':' && depth == 1) {
      begin = at + 1;
    }
    const bool ends = c == ',' ? depth == 1 : c == '}' && depth == 0;
    if (ends && begin > 0) {
      out.push_back(json.substr(begin, at - begin));
    }
  }
  return out;
}

}  // namespace

Result<CodeInput> code_input(const std::string& json) {
  CAISSON_TRY(const document::Value value,
              document::parse_json(json, "--input",
                                   {.bytes = kMaxInputBytes, .values = 1'000'000, .scalar_bytes = kMaxInputBytes}));
  CodeInput out{.payload = Payload(json, Payload::kJson)};
  if (const document::Map* map = value.as_map()) {
    const std::vector<std::string_view> texts = member_texts(json);
    for (std::size_t i = 0; i < map->size(); ++i) {
      out.inputs.emplace_back((*map)[i].name, Payload(std::string(texts.at(i)), Payload::kJson));
    }
  }
  return out;
}

std::vector<std::string> split_names(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    if (comma > 0) {
      out.emplace_back(text.substr(0, comma));
    }
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return out;
}

}  // namespace caisson::cli
