#include "attack/case.h"

#include "attack/files.h"
#include "document/parse.h"

#include <fmt/format.h>

#include <utility>

namespace caisson::attack {

namespace {

using document::Value;

constexpr std::string_view kCaseFile = "/case.yaml";

class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  std::string text(const Value& value, std::string_view name) {
    const std::string* out = value.as_string();
    if (out == nullptr) {
      problem(value, fmt::format("'{}' has to be a text", name));
    }
    return out == nullptr ? std::string() : *out;
  }

  void controls(const Value& value, Case& out) {
    const document::List* list = value.as_list();
    if (list == nullptr) {
      problem(value, "'controls' has to be a list of names");
      return;
    }
    for (const Value& item : *list) {
      const std::string name = text(item, "controls");
      if (const auto control = base::parse_control(name)) {
        out.controls.push_back(*control);
      } else {
        problem(item, fmt::format("there is no control '{}'", name));
      }
    }
  }

  /// Entries of a map, or a list of maps with one entry each where a name is needed twice.
  template <typename T>
  std::vector<T> named(const Value& value, std::string_view name) {
    std::vector<T> out;
    const auto take = [&](const Value& item) {
      const document::Map* map = item.as_map();
      if (map == nullptr) {
        problem(item, fmt::format("'{}' has to be a map, or a list of maps", name));
        return;
      }
      for (const document::Entry& entry : *map) {
        out.push_back({entry.name, entry.value});
      }
    };
    if (const document::List* list = value.as_list()) {
      for (const Value& item : *list) {
        take(item);
      }
    } else {
      take(value);
    }
    return out;
  }

  void problem(const Value& where, std::string message) {
    problems_.push_back(
        {Severity::kError, "attack.invalid_case", std::move(message), {file_, where.mark().line, where.mark().column}});
  }

  Status status() && {
    if (problems_.empty()) {
      return {};
    }
    Error error{Category::kInvalidArgument, "attack.invalid_case", fmt::format("{} is not an attack case", file_)};
    error.diagnostics = std::move(problems_);
    return error;
  }

 private:
  std::string file_;
  std::vector<Diagnostic> problems_;
};

}  // namespace

Result<Case> read_case(std::string_view text, std::string_view folder) {
  const std::string file = std::string(folder) + std::string(kCaseFile);
  CAISSON_TRY(const Value value, document::parse_yaml(text, file));
  Case out;
  out.folder = folder;
  const std::size_t end = folder.find('_');
  out.id = folder.substr(0, end);
  out.name = end == std::string_view::npos ? std::string_view() : folder.substr(end + 1);
  Reader reader(file);
  if (value.as_map() == nullptr) {
    reader.problem(value, "a case is a map");
  } else {
    for (const document::Entry& entry : *value.as_map()) {
      if (entry.name == "attack") {
        out.attack = reader.text(entry.value, entry.name);
      } else if (entry.name == "controls") {
        reader.controls(entry.value, out);
      } else if (entry.name == "instead") {
        out.instead = reader.text(entry.value, entry.name);
      } else if (entry.name == "steps") {
        out.steps = reader.named<Step>(entry.value, entry.name);
      } else if (entry.name == "expect") {
        out.expect = reader.named<Condition>(entry.value, entry.name);
      } else if (entry.name == "harm") {
        out.harm = reader.named<Condition>(entry.value, entry.name);
      } else {
        reader.problem(entry.value, fmt::format("a case has no '{}'", entry.name));
      }
    }
    if (out.attack.empty() || out.steps.empty() || out.expect.empty()) {
      reader.problem(value, "a case needs 'attack', 'steps' and 'expect'");
    }
    if (out.controls.empty() == out.instead.empty()) {
      reader.problem(value, "a case names its 'controls', or says 'instead' why there is none to switch");
    }
  }
  CAISSON_CHECK(std::move(reader).status());
  return out;
}

Result<std::vector<Case>> all_cases() {
  std::vector<Case> out;
  for (const File& file : files()) {
    if (file.path.ends_with(kCaseFile)) {
      CAISSON_TRY(Case one, read_case(file.bytes, file.path.substr(0, file.path.size() - kCaseFile.size())));
      out.push_back(std::move(one));
    }
  }
  return out;
}

}  // namespace caisson::attack
