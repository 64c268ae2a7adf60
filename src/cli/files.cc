#include "cli/files.h"

#include "document/parse.h"
#include "workflow/source.h"

#include <algorithm>

namespace caisson::cli {

namespace {

constexpr std::string_view kFolder = "examples/";

}  // namespace

const File* find_file(std::string_view path) noexcept {
  const auto all = files();
  const auto found = std::ranges::lower_bound(all, path, {}, &File::path);
  return found != all.end() && found->path == path ? &*found : nullptr;
}

std::string_view name_of(const File& example) noexcept { return example.path.substr(kFolder.size()); }

std::vector<const File*> examples() {
  std::vector<const File*> out;
  for (const File& file : files()) {
    if (file.path.starts_with(kFolder) && name_of(file).find('/') == std::string_view::npos &&
        workflow::source_format_of_file(file.path)) {
      out.push_back(&file);
    }
  }
  return out;
}

const File* find_example(std::string_view name) {
  for (const File* example : examples()) {
    const std::string_view full = name_of(*example);
    const std::string_view stem = full.substr(0, full.rfind('.'));
    if (!name.empty() && (name == full || name == stem || name == stem.substr(0, stem.find('-')))) {
      return example;
    }
  }
  return nullptr;
}

std::vector<std::string_view> comment_of(const File& example) {
  std::vector<std::string_view> out;
  std::string_view left = example.bytes;
  const std::string_view sign = example.path.ends_with(".lua") ? "-- " : "# ";
  while (left.starts_with(sign)) {
    const std::size_t end = std::min(left.find('\n'), left.size());
    out.push_back(left.substr(sign.size(), end - sign.size()));
    left.remove_prefix(std::min(end + 1, left.size()));
  }
  return out;
}

std::string summary_of(const File& example) {
  if (example.path.ends_with(".json")) {  // which has no comments
    const auto root = document::parse_json(example.bytes, example.path);
    const document::Value* description = root ? root->find("description") : nullptr;
    return description != nullptr && description->as_string() != nullptr ? *description->as_string() : std::string();
  }
  std::string out;
  for (const std::string_view line : comment_of(example)) {
    out += out.empty() ? "" : " ";
    out += line;
    if (const std::size_t end = out.find(". "); end != std::string::npos || out.ends_with('.')) {
      return out.substr(0, end == std::string::npos ? end : end + 1);
    }
  }
  return out;
}

}  // namespace caisson::cli
