#include "runtime/section_reader.h"

#include "base/suggest.h"
#include "base/unicode.h"

#include <fmt/format.h>

#include <utility>

namespace caisson::runtime {

namespace {

constexpr std::size_t kMostName = 64;

}  // namespace

const document::Map& SectionReader::entries(std::string_view name, const document::Value& value) {
  static const document::Map none;
  if (value.as_map() == nullptr) {
    problem("policy.wrong_type", value.mark(), fmt::format("{} must be a map, got {}", name, to_string(value.kind())));
    return none;
  }
  return *value.as_map();
}

const document::List& SectionReader::items(std::string_view name, const document::Value& value) {
  static const document::List none;
  if (value.as_list() == nullptr) {
    problem("policy.wrong_type", value.mark(), fmt::format("{} must be a list, got {}", name, to_string(value.kind())));
    return none;
  }
  return *value.as_list();
}

const std::string* SectionReader::text(std::string_view name, const document::Value& value) {
  const std::string* out = value.as_string();
  if (out == nullptr || out->empty()) {
    problem("policy.wrong_type", value.mark(), fmt::format("{} must be a text that is not empty", name));
    return nullptr;
  }
  return out;
}

const bool* SectionReader::truth(std::string_view name, const document::Value& value) {
  const bool* out = value.as_bool();
  if (out == nullptr) {
    problem("policy.wrong_type", value.mark(), fmt::format("{} must be true or false", name));
  }
  return out;
}

sandbox::Origin SectionReader::at(const document::Value& value) const {
  return {sandbox::Origin::Kind::kFile, file_, value.mark().line, value.mark().column};
}

void SectionReader::unknown(std::string_view section, const document::Entry& entry,
                            std::span<const std::string_view> known) {
  problem("policy.unknown_key", entry.name_mark,
          fmt::format("there is no setting called {}{}",
                      base::quote(fmt::format("{}{}{}", section, section.empty() ? "" : ".",
                                              base::shorten(entry.name, kMostName))),
                      base::did_you_mean(entry.name, known)));
}

void SectionReader::problem(std::string_view reason, document::Mark mark, std::string message) {
  problems_.push_back(
      {Severity::kError, std::string(reason), std::move(message), Location{file_, mark.line, mark.column}});
}

}  // namespace caisson::runtime
