#include "document/internal/yaml_errors.h"

#include <fmt/format.h>
#include <yaml-cpp/exceptions.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace caisson::document::internal {

namespace {

namespace msg = YAML::ErrorMsg;

/// A message of yaml-cpp's that needs no more than other words: `{found}` is the character at the place, `{word}` what
/// is written there up to a blank or punctuation.
struct Wording {
  std::string_view yaml_message;  ///< how it begins
  std::string_view reason;
  std::string_view ours;
};

constexpr std::string_view kSyntax = "document.syntax";
constexpr std::string_view kAliases = "alias {word} is not accepted: write the value out, or put the text in quotes";
constexpr std::string_view kAnchors = "anchor {word} is not accepted: remove it, or put the text in quotes";
constexpr std::string_view kTags = "tag {word} is not accepted: remove it, or put the text in quotes";

const std::array<Wording, 31>& wordings() {
  static const std::array<Wording, 31> all = {
      Wording{msg::MAP_KEY, kSyntax, "{found} cannot begin a name here: put the text in quotes"},
      Wording{msg::MAP_VALUE, kSyntax,
              "unexpected ':': check the indentation of this line, or put the text in quotes if the ':' is part of it"},
      Wording{msg::BLOCK_ENTRY, kSyntax,
              "unexpected '-': begin each item of a list on a line of its own, or put the text in quotes"},
      Wording{msg::FLOW_END, kSyntax, "{found} closes nothing that is open: remove it, or put the text in quotes"},
      Wording{msg::DOC_IN_SCALAR, kSyntax,
              "a line inside a quoted string must not begin with '---' or '...': indent it, or close the quote before"},
      Wording{msg::TAB_IN_INDENTATION, kSyntax, "a tab cannot indent a line: use spaces"},
      Wording{msg::UNKNOWN_TOKEN, kSyntax, "a value cannot begin with {found}: put the text in quotes"},
      Wording{msg::INVALID_ESCAPE, kSyntax,
              "unknown escape in a double-quoted string: write '\\\\' for a backslash, or use single quotes"},
      Wording{msg::INVALID_HEX, kSyntax, "too few hexadecimal digits in an escape of a double-quoted string"},
      Wording{
          msg::INVALID_UNICODE, kSyntax,
          "an escape in a double-quoted string is no Unicode character: write one beyond U+FFFF as \\U and 8 digits"},
      Wording{msg::ZERO_INDENT_IN_BLOCK, kSyntax, "the indentation after '|' or '>' must be 1 to 9"},
      Wording{msg::CHAR_IN_BLOCK, kSyntax,
              "unexpected {found} after '|' or '>': the text begins on the next line; put a text with '|' or '>' in "
              "quotes"},
      Wording{msg::ALIAS_NOT_FOUND, "document.alias", kAliases},
      Wording{msg::CHAR_IN_ALIAS, "document.alias", kAliases},
      Wording{msg::ALIAS_CONTENT, "document.alias", kAliases},
      Wording{msg::MULTIPLE_ALIASES, "document.alias", kAliases},
      Wording{msg::UNKNOWN_ANCHOR, "document.alias", kAliases},
      Wording{msg::ANCHOR_NOT_FOUND, "document.anchor", kAnchors},
      Wording{msg::CHAR_IN_ANCHOR, "document.anchor", kAnchors},
      Wording{msg::MULTIPLE_ANCHORS, "document.anchor", kAnchors},
      Wording{msg::MULTIPLE_TAGS, "document.tag", kTags},
      Wording{msg::CHAR_IN_TAG_HANDLE, "document.tag", kTags},
      Wording{msg::TAG_WITH_NO_SUFFIX, "document.tag", kTags},
      Wording{msg::END_OF_VERBATIM_TAG, "document.tag", kTags},
      Wording{msg::YAML_DIRECTIVE_ARGS, kSyntax,
              "a '%YAML' line has exactly one version: write '%YAML 1.2' or remove it"},
      Wording{msg::YAML_VERSION, kSyntax, "a '%YAML' line has a version like 1.2: write '%YAML 1.2' or remove it"},
      Wording{msg::YAML_MAJOR_VERSION, kSyntax,
              "the version of YAML is not known: write '%YAML 1.2' or remove the line"},
      Wording{msg::REPEATED_YAML_DIRECTIVE, kSyntax, "there are two '%YAML' lines: remove one"},
      Wording{msg::TAG_DIRECTIVE_ARGS, "document.tag", "tags are not accepted: remove the '%TAG' line"},
      Wording{msg::REPEATED_TAG_DIRECTIVE, "document.tag", "tags are not accepted: remove the '%TAG' line"},
  };
  return all;
}

constexpr std::string_view kWordEnds = " \t\r\n,[]{}";

/// Where the word begins that `offset` lies in or right behind.
std::size_t word_begin(std::string_view text, std::size_t offset) noexcept {
  const std::size_t before = offset == 0 ? std::string_view::npos : text.find_last_of(kWordEnds, offset - 1);
  return before == std::string_view::npos ? 0 : before + 1;
}

/// The blanks that `offset`'s line begins with.
std::string_view indentation(std::string_view text, std::size_t offset) noexcept {
  offset = std::min(offset, text.size());
  const std::size_t newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  const std::string_view line = text.substr(newline == std::string_view::npos ? 0 : newline + 1);
  return line.substr(0, std::min(line.find_first_not_of(" \t"), line.size()));
}

bool is_first_of_line(std::string_view text, std::size_t offset) noexcept {
  const std::string_view blanks = indentation(text, offset);
  return blanks.data() + blanks.size() == text.data() + std::min(offset, text.size());
}

/// The text ends inside a quoted string, somewhere behind `latest`, the last place yaml-cpp made sense of.
YamlProblem explain_open_quote(std::size_t latest, std::string_view text, const TextIndex& index) {
  return {kSyntax, text.size(),
          fmt::format("the text ends inside a quoted string that begins at line {} or later: add the closing quote",
                      index.mark(latest).line)};
}

/// Messages that a tab among a line's leading blanks leads to.
bool may_come_from_a_tab(std::string_view yaml_message) noexcept {
  return yaml_message == msg::MAP_VALUE || yaml_message == msg::MAP_KEY || yaml_message == msg::BLOCK_ENTRY ||
         yaml_message == msg::END_OF_MAP || yaml_message == msg::END_OF_SEQ;
}

struct Line {
  std::string_view content;  ///< without blanks around it, and without the dashes of lists
  std::size_t begin;         ///< of the content, in the text
};

/// The nearest line above that has something in it.
Line line_above(std::string_view text, std::size_t offset) noexcept {
  std::size_t end = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  while (end != std::string_view::npos) {
    const std::size_t before = end == 0 ? std::string_view::npos : text.rfind('\n', end - 1);
    std::size_t begin = before == std::string_view::npos ? 0 : before + 1;
    const std::string_view line = text.substr(begin, end - begin);
    std::size_t first = line.find_first_not_of(" \t\r");
    while (first != std::string_view::npos && line.substr(first).starts_with("- ")) {
      first = line.find_first_not_of(" \t\r", first + 2);
    }
    if (first != std::string_view::npos && line[first] != '#') {
      const std::size_t last = line.find_last_not_of(" \t\r");
      return {line.substr(first, last + 1 - first), begin + first};
    }
    end = before;
  }
  return {{}, 0};
}

bool is_word(std::string_view text) noexcept {
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

/// A ':' where none can be: often the line above lacks one, or the blank behind it, and goes on here; or a text has
/// one.
std::optional<YamlProblem> explain_colon(std::size_t offset, std::string_view text, const TextIndex& index) {
  const std::string_view blanks = indentation(text, offset);
  const auto begin = static_cast<std::size_t>(blanks.data() - text.data()) + blanks.size();
  std::string_view before = text.substr(begin, offset - begin);
  while (before.starts_with("- ")) {
    before.remove_prefix(2);
  }
  if (const std::size_t earlier = before.find(": ");
      earlier != std::string_view::npos && before[0] != '"' && before[0] != '\'') {
    return YamlProblem{
        kSyntax, offset,
        "unexpected ':': check the indentation of this line, or put the text in quotes if the ':' is part of "
        "it, or begin it on the next line, behind '|'"};
  }
  const Line above = line_above(text, offset);
  const std::size_t colon = above.content.find(':');
  if (!is_word(before) || above.content.empty() || index.mark(above.begin).column > index.mark(begin).column) {
    return std::nullopt;
  }
  if (is_word(above.content) && index.mark(above.begin).column < index.mark(begin).column) {
    return YamlProblem{kSyntax, above.begin + above.content.size(),
                       fmt::format("a ':' is missing behind {}: the lines below belong to it", show(above.content))};
  }
  if (colon != std::string_view::npos && is_word(above.content.substr(0, colon)) && colon + 1 < above.content.size() &&
      is_word(above.content.substr(colon + 1, 1))) {
    return YamlProblem{kSyntax, above.begin + colon, "a blank is missing behind this ':'"};
  }
  return std::nullopt;
}

YamlProblem explain_unfinished_block(std::size_t offset, std::string_view text, const TextIndex& index,
                                     const OpenCollection& open) {
  const Mark begin = index.mark(open.offset);
  if (!is_first_of_line(text, offset)) {
    return {kSyntax, offset,
            fmt::format("unexpected {} after a value: put the whole value in quotes, or begin a new line",
                        show_character(text, offset))};
  }
  const int column = index.mark(offset).column;
  const bool is_aligned = column == begin.column;
  const std::string_view how = open.is_map ? "write 'name: value'" : "begin it with '- '";
  const Line above = line_above(text, offset);
  const int above_column = index.mark(above.begin).column;
  if (!open.is_map && column > begin.column && above_column > begin.column) {
    return {
        kSyntax, offset,
        fmt::format("this line does not continue the list that begins at line {}: indent it to column {} as the line "
                    "above, or to column {} and begin it with '- '",
                    begin.line, above_column, begin.column)};
  }
  return {kSyntax, offset,
          fmt::format("this line does not continue the {} that begins at line {}: {}", open.is_map ? "map" : "list",
                      begin.line,
                      is_aligned ? std::string(how) : fmt::format("indent it to column {} and {}", begin.column, how))};
}

YamlProblem explain_unfinished_flow(std::size_t offset, std::string_view text, const TextIndex& index,
                                    const OpenCollection& open) {
  const char opening = open.is_map ? '{' : '[';
  const char closing = open.is_map ? '}' : ']';
  if (offset >= text.size()) {
    return {kSyntax, open.offset, fmt::format("'{}' is never closed: add '{}'", opening, closing)};
  }
  const Mark begin = index.mark(open.offset);
  return {
      kSyntax, offset,
      fmt::format("unexpected {} in what '{}' begins at line {}, column {}: write ',' or '{}' before it, or put the "
                  "text in quotes",
                  show_character(text, offset), opening, begin.line, begin.column, closing)};
}

}  // namespace

std::string_view word_at(std::string_view text, std::size_t offset) noexcept {
  const std::string_view rest = text.substr(std::min(offset, text.size()));
  return rest.substr(0, std::min(rest.find_first_of(kWordEnds), rest.size()));
}

YamlProblem explain_yaml_error(std::string_view yaml_message, std::size_t offset, std::size_t latest,
                               std::string_view text, const TextIndex& index,
                               const std::optional<OpenCollection>& open) {
  if (may_come_from_a_tab(yaml_message)) {
    const std::string_view blanks = indentation(text, offset);
    if (const std::size_t tab = blanks.find('\t'); tab != std::string_view::npos) {
      const auto begin = static_cast<std::size_t>(blanks.data() - text.data());
      return explain_yaml_error(msg::TAB_IN_INDENTATION, begin + tab, latest, text, index, open);
    }
  }
  if (open && (yaml_message == msg::END_OF_MAP || yaml_message == msg::END_OF_SEQ)) {
    return explain_unfinished_block(offset, text, index, *open);
  }
  if (open && (yaml_message == msg::END_OF_MAP_FLOW || yaml_message == msg::END_OF_SEQ_FLOW)) {
    return explain_unfinished_flow(offset, text, index, *open);
  }
  if (yaml_message == msg::EOF_IN_SCALAR || (yaml_message.starts_with(msg::INVALID_ESCAPE) && offset >= text.size())) {
    return explain_open_quote(latest, text, index);
  }
  if (yaml_message.starts_with(msg::MAP_VALUE)) {
    if (auto explained = explain_colon(offset, text, index)) {
      return *std::move(explained);
    }
  }
  if (yaml_message.starts_with(msg::INVALID_ESCAPE)) {
    offset -= std::min<std::size_t>(offset, 2);  // it has been read
  }
  const auto found = std::ranges::find_if(
      wordings(), [&](const Wording& wording) { return yaml_message.starts_with(wording.yaml_message); });
  if (found == wordings().end()) {
    return {kSyntax, offset, fmt::format("this is not YAML: {}", show(yaml_message))};
  }
  if (found->reason != kSyntax) {
    offset = word_begin(text, offset);  // yaml-cpp points into an alias, an anchor or a tag, or behind it
  }
  return {found->reason, offset,
          fmt::format(fmt::runtime(found->ours), fmt::arg("found", show_character(text, offset)),
                      fmt::arg("word", show(word_at(text, offset))))};
}

YamlProblem explain_second_document(std::size_t offset, std::string_view text) {
  const std::string_view before = text.substr(0, text.find_last_not_of(" \t\r\n", offset == 0 ? 0 : offset - 1) + 1);
  if (text.substr(offset).starts_with("---") || before == "..." || before.ends_with("\n...")) {
    return {"document.several_documents", offset,
            "a second document begins here: write each document to a text of its own"};
  }
  return {kSyntax, offset,
          fmt::format("unexpected {}: it belongs to nothing before it; check the indentation and the quotes",
                      show_character(text, offset))};
}

}  // namespace caisson::document::internal
