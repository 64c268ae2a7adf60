#pragma once

#include "document/value.h"
#include "language/language.h"

#include <caisson/payload.h>

#include <optional>
#include <string>
#include <vector>

namespace caisson::language {

/// A piece of code, and how it is run.
struct Program {
  Language language = Language::kPython;
  std::string code;                                   ///< UTF-8
  std::string name = "code";                          ///< what errors call it
  std::string entry = "run";                          ///< the function that is called, if there is one of that name
  std::optional<std::vector<std::string>> imports{};  ///< all that it may import; nothing: Image::default_imports

  friend bool operator==(const Program&, const Program&) = default;
};

/// A value that the code gets under a name.
struct NamedInput {
  std::string name;
  Payload value;
};

/// What one call of a program gets.
struct Arguments {
  std::vector<NamedInput> inputs{};  ///< `inputs` of the code, each name once
  Payload payload{};                 ///< `caisson.payload`
  document::Value metadata{};        ///< maps, or null
  document::Value run{};
  document::Value context{};
  bool check = false;    ///< parse and check, and do not run
  bool session = false;  ///< of a session: what is defined is kept, and the value is that of the last expression
};

/// The JSON text of what code gets for a payload: text is a string, JSON that says so and is well-formed what it is,
/// any other is `{"base64": ..., "media_type": ...}`.
[[nodiscard]] std::string json_of(const Payload& payload);
/// The same of `inputs`: an object.
[[nodiscard]] std::string json_of(const std::vector<NamedInput>& inputs);

/// The request that an image is given: JSON, as guests/images/README.md has it.
[[nodiscard]] std::string request_for(const Program& program, const Arguments& arguments);

}  // namespace caisson::language
