#include "workflow/nodes/code_fields.h"

#include "base/suggest.h"
#include "base/unicode.h"
#include "workflow/definition.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

namespace caisson::workflow {

namespace {

using document::Value;

constexpr std::size_t kMostImports = 1'000;
constexpr std::array<std::string_view, 3> kLanguageNames = {"python", "javascript", "lua"};
constexpr std::array<std::string_view, 5> kOtherLanguages = {"bash", "shell", "sh", "wasm", "webassembly"};

class CodeReader {
 public:
  explicit CodeReader(NodeReading& reading)
      : fields_(reading.fields), definition_(reading.definition), problems_(reading.problems) {}

  std::shared_ptr<const NodeSpec> read() && {
    read_text();
    read_language();
    if (const std::string* entry = fields_.string("entry")) {
      spec_->entry = *entry;
    }
    spec_->imports = read_imports(fields_, problems_);
    if (!spec_->imports) {
      spec_->imports = definition_.code_imports;
    }
    if (const Value* value = fields_.find("deterministic")) {
      if (const bool* deterministic = value->as_bool()) {
        spec_->deterministic = *deterministic;
      } else {
        fields_.wrong_kind("deterministic", *value, "true or false");
      }
    }
    return spec_;
  }

 private:
  void read_text() {
    const Value* code = fields_.find("code");
    const Value* file = fields_.find("file");
    if ((code == nullptr) == (file == nullptr)) {
      problems_.error(code == nullptr ? "workflow.missing_key" : "workflow.bad_value",
                      fmt::format("{}: a code node has either 'code', its text, or 'file', the path of it{}",
                                  fields_.what(), code == nullptr ? "" : ", not both"),
                      code == nullptr ? fields_.mark() : file->mark());
      return;
    }
    if (code != nullptr) {
      if (const std::string* text = fields_.string("code")) {
        spec_->text = *text;
      }
    } else if (const std::string* path = fields_.string("file")) {
      spec_->file = *path;
      if (path->empty() || path->find('\0') != std::string::npos) {
        problems_.error("workflow.bad_value",
                        fmt::format("{}: file must be the path of a file, got {}", fields_.what(),
                                    base::quote(base::shorten(*path, 64))),
                        file->mark());
      }
    }
  }

  /// A file's name tells the language where nobody says it.
  void read_language() {
    const Value* value = fields_.find("language");
    if (value == nullptr) {
      if (const auto known = language::language_of_file(spec_->file)) {
        spec_->language = *known;
      } else {
        fields_.missing("language", "it must be python, javascript or lua");
      }
      return;
    }
    const std::string* name = fields_.string("language");
    if (name == nullptr) {
      return;
    }
    if (const auto known = language::parse_language(*name)) {
      spec_->language = *known;
    } else if (std::ranges::find(kOtherLanguages, *name) != kOtherLanguages.end()) {
      problems_.error("workflow.unimplemented",
                      fmt::format("{}: {} is no language of a code node; write a node of type {}", fields_.what(),
                                  *name, name->starts_with("w") ? "wasm" : "shell, which the operator has to allow"),
                      value->mark());
    } else {
      problems_.error("workflow.bad_value",
                      fmt::format("{}: Unsupported language: {}; it must be python, javascript or lua{}",
                                  fields_.what(), shown(*name), base::did_you_mean(*name, kLanguageNames)),
                      value->mark());
    }
  }

  Fields& fields_;
  const Definition& definition_;
  Problems& problems_;
  std::shared_ptr<CodeSpec> spec_ = std::make_shared<CodeSpec>();
};

}  // namespace

std::optional<std::vector<std::string>> read_imports(Fields& fields, Problems& problems) {
  const Value* list = fields.list("imports");
  if (list == nullptr) {
    return std::nullopt;
  }
  if (list->as_list()->size() > kMostImports) {
    problems.error("workflow.bad_value",
                   fmt::format("{}: imports has {} names; at most {} are allowed", fields.what(),
                               list->as_list()->size(), kMostImports),
                   list->mark());
    return std::nullopt;
  }
  std::vector<std::string> names;
  for (const Value& item : *list->as_list()) {
    if (const std::string* name = item.as_string(); name != nullptr && !name->empty()) {
      names.push_back(*name);
    } else {
      fields.wrong_kind("imports", item, "a list of names of modules");
    }
  }
  return names;
}

std::shared_ptr<const NodeSpec> read_code(NodeReading& reading) { return CodeReader(reading).read(); }

}  // namespace caisson::workflow
