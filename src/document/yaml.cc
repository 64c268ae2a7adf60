#include "base/unicode.h"
#include "document/internal/builder.h"
#include "document/internal/parse_text.h"
#include "document/internal/text.h"
#include "document/internal/yaml_errors.h"
#include "document/internal/yaml_scalar.h"
#include "document/parse.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <string>
#include <utility>

namespace caisson::document {

namespace {

using internal::Builder;
using internal::OpenCollection;
using internal::TextIndex;
using internal::YamlProblem;

/// Thrown through yaml-cpp to end a parse whose reason is among the problems.
struct Stop {};

/// Feeds the text to yaml-cpp in pieces, so that it can be seen how far it reads.
///
/// yaml-cpp scans a flow collection to its end before it says what is in it, because `[...]` may turn out to be a name;
/// the tokens of a megabyte of brackets take a quarter of a gigabyte until then. What it reads between two events is
/// therefore limited.
class Input final : public std::streambuf {
 public:
  Input(std::string_view text, std::size_t window) : text_(text), window_(window) {}

  /// yaml-cpp has made sense of all it has read so far.
  void caught_up() noexcept { reported_ = fed_; }
  /// Whether the text ended because yaml-cpp read on for too long.
  [[nodiscard]] bool exceeded() const noexcept { return exceeded_; }

 protected:
  int_type underflow() override {
    constexpr std::size_t kPiece = 4096;
    if (fed_ == text_.size()) {
      return traits_type::eof();
    }
    if (fed_ - reported_ > window_ + kPiece) {
      exceeded_ = true;
      throw Stop();
    }
    // The get area is never written to: sputbackc only steps back over a character that is equal.
    char* begin = const_cast<char*>(text_.data());
    const std::size_t end = std::min(fed_ + kPiece, text_.size());
    setg(begin, begin + fed_, begin + end);
    fed_ = end;
    return traits_type::to_int_type(*gptr());
  }

 private:
  std::string_view text_;
  std::size_t window_;
  std::size_t fed_ = 0;
  std::size_t reported_ = 0;
  bool exceeded_ = false;
};

/// Turns yaml-cpp's events into a Value and refuses what a definition has no use for.
///
/// A node's mark is that of its first token, and `!`, `&` and `*` begin no other token than a tag, an anchor and an
/// alias. So the byte at the mark tells an explicit tag from none, also where the event's tag does not: `! "a"` has the
/// tag of any quoted string, `!<?> a` that of any plain one. Behind an anchor, which is reported itself, it is not
/// seen.
class Handler final : public YAML::EventHandler {
 public:
  Handler(std::string_view text, Builder& builder, Input& input) : text_(text), builder_(builder), input_(input) {}

  /// Whether the text had a document with something in it.
  [[nodiscard]] bool found_value() const noexcept { return found_value_; }

  /// Where the latest event was.
  [[nodiscard]] std::size_t latest() const noexcept { return latest_; }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ > 0) {
      report(internal::explain_second_document(offset_of(mark), text_));
      throw Stop();
    }
    input_.caught_up();
  }
  void OnDocumentEnd() override { input_.caught_up(); }

  void OnNull(const YAML::Mark& mark, YAML::anchor_t) override {
    const std::size_t offset = visit(mark);
    check_tag(offset, "?");
    std::string_view word = internal::word_at(text_, offset);
    if (builder_.expects_name()) {
      word.remove_suffix(word.ends_with(':') ? 1 : 0);
      if (internal::is_written_null(word)) {
        go_on(builder_.name(std::string(word), offset));
      } else {
        builder_.report("document.syntax", offset,
                        "a name is missing before this: write one, in quotes if it is empty");
        builder_.bad_name();
        go_on(true);
      }
      return;
    }
    const bool written = internal::is_written_null(word);
    const auto open = builder_.open();
    if (!written && open && open->is_flow && !open->is_map) {
      builder_.report("document.syntax", offset, "a value is missing before this: write one, or remove a ','");
    }
    found_value_ = found_value_ || written || open;
    // Nothing is written where a value is missing: its name is the place that somebody can look at.
    go_on(builder_.scalar(Value(), written ? offset : builder_.name_offset().value_or(offset), 0));
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    const std::size_t offset = visit(mark);
    builder_.report("document.alias", offset,
                    fmt::format("alias {} is not accepted: write the value out, or put the text in quotes",
                                internal::show(internal::word_at(text_, offset))));
    found_value_ = true;
    if (builder_.expects_name()) {
      builder_.bad_name();
      go_on(true);
    } else {
      go_on(builder_.scalar(Value(), offset, 0));
    }
  }

  void OnAnchor(const YAML::Mark& mark, const std::string& name) override {
    found_value_ = true;
    builder_.report(
        "document.anchor", offset_of(mark),
        fmt::format("anchor {} is not accepted: remove it, or put the text in quotes", internal::show("&" + name)));
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& text) override {
    const std::size_t offset = visit(mark);
    check_tag(offset, tag);
    found_value_ = true;
    const bool is_plain = tag == "?";
    const char first = offset < text_.size() ? text_[offset] : '\0';
    if ((first == '"' || first == '\'') && !internal::is_closed_quote(text_.substr(offset))) {
      builder_.report("document.syntax", offset, fmt::format("this quote is never closed: add a {}", first));
      throw Stop();
    }
    if (first == '"' && !base::is_utf8(text)) {
      OnScalar(mark, tag, anchor, internal::repair_escapes(text));
      return;
    }
    if (builder_.expects_name()) {
      if (is_plain && text == "<<") {
        builder_.report("document.merge_key", offset,
                        "merge key '<<' is not accepted: write the values out, or put the name in quotes");
        builder_.bad_name();
        go_on(true);
      } else {
        go_on(builder_.name(text, offset));
      }
      return;
    }
    if (!is_plain) {
      go_on(builder_.scalar(text, offset, text.size()));
      return;
    }
    auto value = internal::resolve_plain_scalar(text);
    if (!value) {
      builder_.report("document.number_range", offset,
                      fmt::format("number {} is out of range: write a smaller one, or put it in quotes if it is a text",
                                  internal::show(text)));
    }
    go_on(builder_.scalar(value ? *std::move(value) : Value(), offset, text.size()));
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                       YAML::EmitterStyle::value style) override {
    begin(mark, tag, {.is_map = false, .is_flow = style == YAML::EmitterStyle::Flow});
  }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t,
                  YAML::EmitterStyle::value style) override {
    begin(mark, tag, {.is_map = true, .is_flow = style == YAML::EmitterStyle::Flow});
  }
  void OnSequenceEnd() override { go_on(builder_.end()); }
  void OnMapEnd() override { go_on(builder_.end()); }

  void report_exception(const YAML::Exception& exception, const TextIndex& index) {
    report(
        internal::explain_yaml_error(exception.msg, offset_of(exception.mark), latest_, text_, index, builder_.open()));
  }

 private:
  /// yaml-cpp's positions are byte offsets, behind the end by one or two at the end of the text, -1 when unknown.
  [[nodiscard]] std::size_t offset_of(const YAML::Mark& mark) const noexcept {
    return mark.pos < 0 ? text_.size() : std::min(static_cast<std::size_t>(mark.pos), text_.size());
  }

  std::size_t visit(const YAML::Mark& mark) noexcept { return latest_ = offset_of(mark); }

  void report(YamlProblem problem) { builder_.report(problem.reason, problem.offset, std::move(problem.message)); }

  void go_on(bool may) {
    if (!may) {
      throw Stop();
    }
    input_.caught_up();
  }

  void check_tag(std::size_t offset, std::string_view tag) {
    const std::string_view word = internal::word_at(text_, offset);
    if (word.starts_with('!') || (tag != "?" && tag != "!")) {
      found_value_ = true;
      builder_.report("document.tag", offset,
                      fmt::format("tag {} is not accepted: remove it, or put the text in quotes",
                                  internal::show(word.starts_with('!') ? word : tag)));
    }
  }

  void begin(const YAML::Mark& mark, const std::string& tag, OpenCollection collection) {
    collection.offset = visit(mark);
    if (builder_.expects_name() && text_.substr(0, collection.offset).ends_with('{') &&
        text_.substr(collection.offset).starts_with('{') && !text_.substr(collection.offset).starts_with("{{")) {
      builder_.report("document.syntax", collection.offset - 1,
                      "a text that begins with '{{' has to be in quotes: '{{...}}'");
      throw Stop();
    }
    check_tag(collection.offset, tag);
    found_value_ = true;
    go_on(builder_.begin(collection));
  }

  std::string_view text_;
  Builder& builder_;
  Input& input_;
  std::size_t latest_ = 0;
  int documents_ = 0;
  bool found_value_ = false;
};

/// Runs yaml-cpp over the text. What is wrong goes to the problems.
void read(std::string_view text, const TextIndex& index, const ParseLimits& limits, Builder& builder) {
  const std::size_t window = std::max(limits.flow_bytes, limits.scalar_bytes);
  Input input(text, window);
  Handler handler(text, builder, input);
  bool finished = false;
  try {
    std::istream stream(&input);
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(handler)) {
    }
    finished = true;
  } catch (const Stop&) {
    finished = false;
  } catch (const YAML::Exception& exception) {
    if (!input.exceeded()) {
      handler.report_exception(exception, index);
    }
  }
  if (finished) {
    if (!handler.found_value()) {
      builder.report("document.empty", 0, "there is no value in the text: write one");
    }
    return;
  }
  if (input.exceeded()) {
    builder.report(
        "document.too_large", handler.latest(),
        fmt::format("a value behind this takes more than {} bytes of text: close a bracket, a brace or a quote, "
                    "or write a long list or map on lines of its own",
                    window));
  }
  builder.abandon();
}

}  // namespace

Result<Value> parse_yaml(std::string_view text, std::string_view file, const ParseLimits& limits) {
  return internal::parse_text(text, file, internal::Syntax::kYaml, limits, read);
}

}  // namespace caisson::document
