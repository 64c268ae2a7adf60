#include "language/import_advice.h"

#include "language/image.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>

namespace caisson::language {

namespace {

/// Lists that are longer are not written out again.
constexpr std::size_t kMostShown = 8;

/// The module that a runner says is not allowed (I-014); empty when it says something else.
std::string_view denied_module(std::string_view message) {
  constexpr std::string_view kBefore = "Import '";
  constexpr std::string_view kBehind = "' is not allowed in sandbox";
  const std::size_t begin = message.find(kBefore);
  const std::size_t end = begin == std::string_view::npos ? begin : message.find(kBehind, begin);
  return end == std::string_view::npos ? std::string_view()
                                       : message.substr(begin + kBefore.size(), end - begin - kBefore.size());
}

std::string advice(std::string_view module, const Program& program, ImportList list) {
  const Image* image = find_image(program.language);
  // The name comes from the guest. One of the image's own is all that is repeated.
  const std::string_view top = module.substr(0, module.find('.'));
  const bool installed = program.language == Language::kPythonData;  // its modules are not known here
  if (installed) {
    return fmt::format("naming it among the imports would allow it, if the image of {} has it",
                       to_string(program.language));
  }
  if (image == nullptr || std::ranges::find(image->modules, top) == image->modules.end()) {
    return fmt::format("the image of {} has no such module, so nothing would allow it", to_string(program.language));
  }
  const bool in_node = list == ImportList::kNode;
  const std::string_view separator = in_node ? ", " : ",";
  std::string names;
  std::string_view rest;
  if (program.imports && program.imports->size() <= kMostShown) {
    names = fmt::format("{}{}", fmt::join(*program.imports, separator), program.imports->empty() ? "" : separator);
  } else {
    rest = ", with whatever else the code imports,";
  }
  names += top;
  return in_node ? fmt::format("`imports: [{}]` of the node{} would allow it", names, rest)
                 : fmt::format("`--import {}` (CodeOptions::imports){} would allow it", names, rest);
}

}  // namespace

Error with_import_advice(Error error, const Program& program, ImportList list) {
  if (error.reason == "code.import_denied") {
    if (const std::string_view module = denied_module(error.message); !module.empty()) {
      error.message += "; " + advice(module, program, list);
    }
  }
  return error;
}

}  // namespace caisson::language
