#include "cli/definition_source.h"

#include "cli/find_definitions.h"
#include "cli/input.h"
#include "runtime/policies.h"
#include "workflow/source.h"

#include <vector>

namespace caisson::cli {

void DefinitionSource::describe(Arguments& arguments) {
  arguments.choice("--from", {workflow::kSourceFormats.begin(), workflow::kSourceFormats.end()},
                   "What definitions are written in, instead of what their names or their text tell", format_);
}

namespace {

constexpr std::uint64_t kMaxDefinitionBytes = 1ULL << 20;
constexpr const char* kStandardInput = "standard input";  // in messages

}  // namespace

Result<runtime::DefinitionText> DefinitionSource::read(const base::Environment& environment,
                                                       const std::string& file) const {
  runtime::DefinitionText out{.text = {}, .file = kStandardInput, .format = format_};
  if (file == "-") {
    CAISSON_TRY(out.text, read_input(file, "definition"));
    return out;
  }
  CAISSON_TRY(out.file, find_definition(file));
  CAISSON_TRY(out.text, environment.read_file(out.file, kMaxDefinitionBytes));
  CAISSON_TRY(out.folder, runtime::definition_folder(out.file, environment));
  return out;
}

Result<std::shared_ptr<const Workflow>> DefinitionSource::load(Runtime& runtime, const std::string& file) const {
  if (file != "-") {
    CAISSON_TRY(const std::string path, find_definition(file));
    return runtime.load_file(path, {.format = format_});
  }
  CAISSON_TRY(const std::string text, read_input(file, "definition"));
  return runtime.load_text(text, kStandardInput, {.format = format_});
}

}  // namespace caisson::cli
