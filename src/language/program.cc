#include "language/program.h"

#include "base/encoding.h"
#include "base/unicode.h"
#include "document/parse.h"
#include "document/print.h"

#include <string_view>
#include <utility>

namespace caisson::language {

namespace {

using document::Value;

std::string quoted(std::string_view text) { return document::to_json(Value(std::string(text))); }

/// Writes the members of an object one after the other.
class Members {
 public:
  void add(std::string_view name, std::string_view json) {
    text_ += text_.size() > 1 ? "," : "";
    text_ += quoted(name);
    text_ += ':';
    text_ += json;
  }
  void add_map(std::string_view name, const Value& value) {
    if (!value.is_null()) {
      add(name, document::to_json(value));
    }
  }
  [[nodiscard]] std::string take() && { return std::move(text_) + "}"; }

 private:
  std::string text_ = "{";
};

}  // namespace

std::string json_of(const Payload& payload) {
  const std::string_view bytes = payload.bytes();
  if (payload.media_type().starts_with("text/") && !base::find_invalid_utf8(bytes)) {
    return quoted(bytes);
  }
  if (payload.media_type().starts_with(Payload::kJson) && document::is_json(bytes)) {
    return std::string(bytes);
  }
  return R"({"base64":")" + base::base64(bytes) + R"(","media_type":)" + quoted(payload.media_type()) + "}";
}

std::string json_of(const std::vector<NamedInput>& inputs) {
  Members out;
  for (const NamedInput& input : inputs) {
    out.add(input.name, json_of(input.value));
  }
  return std::move(out).take();
}

std::string request_for(const Program& program, const Arguments& arguments) {
  Members request;
  if (!arguments.session || !arguments.inputs.empty()) {
    request.add("inputs", json_of(arguments.inputs));
  }
  request.add("payload", json_of(arguments.payload));
  request.add_map("metadata", arguments.metadata);
  request.add_map("run", arguments.run);
  request.add_map("context", arguments.context);
  request.add("entry", quoted(program.entry));
  if (program.imports) {
    Value names = Value::list();
    for (const std::string& name : *program.imports) {
      names.push(name);
    }
    request.add("imports", document::to_json(names));
  }
  request.add("name", quoted(program.name));
  if (arguments.check) {
    request.add("check", "true");
  }
  if (arguments.session) {
    request.add("session", "true");
  }
  return std::move(request).take();
}

}  // namespace caisson::language
