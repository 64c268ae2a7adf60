#include "cli/repl.h"

#include "base/unicode.h"
#include "cli/messages.h"
#include "cli/terminal.h"
#include "document/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace caisson::cli {

namespace {

constexpr std::uint8_t kInfo = 2;
constexpr std::size_t kMostAnswer = 1U << 20;
constexpr std::string_view kHelp =
    ":help    this list\n"
    ":limits  what the session may use\n"
    ":usage   what it used\n"
    ":fork    goes on in a copy of the session\n"
    ":back    throws the copy away\n"
    ":reset   begins with an empty session\n"
    ":quit    ends, as the end of the input does\n";

bool is_name_byte(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_blank(std::string_view line) noexcept { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

/// Code whose value is the names in `of`, a name or names with dots; everything that is there when it is empty.
std::string names_in(language::Language language, std::string_view of) {
  switch (language) {
    case language::Language::kLua:  // of a string, the functions of strings
      return fmt::format(
          "(function(v) local o = {{}} if type(v) == 'string' then v = string end "
          "while type(v) == 'table' do for k in pairs(v) do if type(k) == 'string' then o[#o + 1] = k end end "
          "local m = getmetatable(v) v = type(m) == 'table' and m.__index or nil if #o > 10000 then break end end "
          "return caisson.array(o) end)({})",
          of.empty() ? "_G" : of);
    case language::Language::kJavaScript:
      return fmt::format(
          "(() => {{ const a = new Set(); for (let o = Object({}); o; o = Object.getPrototypeOf(o)) "
          "Object.getOwnPropertyNames(o).forEach(n => a.add(n)); return [...a]; }})()",
          of.empty() ? "globalThis" : of);
    case language::Language::kPython:
    case language::Language::kPythonData:
      break;
  }
  return of.empty() ? "list(globals()) + list(__builtins__)" : fmt::format("dir({})", of);
}

/// Whether it is a name, or names with dots: what can be looked at without anything being done.
bool is_path(std::string_view text) noexcept {
  return !text.empty() && !(text.front() >= '0' && text.front() <= '9') &&
         std::ranges::all_of(text, [](char c) { return is_name_byte(c) || c == '.'; });
}

/// Code that prints what is there under a name.
std::string printing(language::Language language, std::string_view path) {
  switch (language) {
    case language::Language::kLua:
      return fmt::format(
          "(function(v) if type(v) ~= 'table' then print(v) return end for k, w in pairs(v) do "
          "print(tostring(k) .. ' = ' .. tostring(w)) end end)({})",
          path);
    case language::Language::kJavaScript:
      return fmt::format("console.log({})", path);
    case language::Language::kPython:
    case language::Language::kPythonData:
      break;
  }
  return fmt::format("print(repr({}))", path);
}

/// What somebody types who looks for a way out, or for help; empty: for neither.
std::string_view advice_for(std::string_view statement) noexcept {
  constexpr std::array<std::string_view, 5> kWaysOut = {"exit", "exit()", "quit", "quit()", "os.exit()"};
  constexpr std::array<std::string_view, 3> kCries = {"help", "help()", "?"};
  if (std::ranges::find(kWaysOut, statement) != kWaysOut.end()) {
    return "`:quit` or Ctrl-D ends";
  }
  return std::ranges::find(kCries, statement) != kCries.end() ? "`:help` lists commands" : "";
}

/// Whether the error is that of a session that has used up what counts over all of its statements.
bool is_used_up(const Error& error) noexcept {
  constexpr std::array<std::string_view, 4> kReasons = {"sandbox.cpu_limit", "sandbox.out_of_fuel",
                                                        "sandbox.host_call_limit", "sandbox.random_limit"};
  return std::ranges::find(kReasons, error.reason) != kReasons.end();
}

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\r\n;"), text.size());
  return text.substr(begin, text.find_last_not_of(" \t\r\n;") + 1 - begin);
}

}  // namespace

Status Repl::open() {
  CAISSON_TRY(std::unique_ptr<Session> session, setup_.runtime.open_session(setup_.options));
  sessions_.clear();
  sessions_.push_back(std::move(session));
  return {};
}

std::string Repl::prompt() const {
  const std::string depth = sessions_.size() > 1 ? fmt::format("[{}] ", sessions_.size() - 1) : std::string();
  return depth + (statement_.empty() ? ">>> " : "... ");
}

bool Repl::take(std::string_view line) {
  if (statement_.empty()) {
    if (is_blank(line)) {
      return true;
    }
    if (line.starts_with(':') && !line.starts_with("::")) {
      return command(line.substr(0, line.find_last_not_of(" \t\r") + 1));
    }
  }
  if (in_block_ && line.starts_with(':')) {  // nothing of Python begins like that
    run();
    return statement_.empty() ? take(line) : true;
  }
  statement_ += line;
  statement_ += '\n';
  // What is not indented is behind the block, or goes on with it like `else:`, which is not whole either.
  if (!in_block_ || is_blank(line) || std::string_view(" \t#").find(line.front()) == std::string_view::npos) {
    run();
  }
  return true;
}

void Repl::give_up() {
  statement_.clear();
  in_block_ = false;
}

int Repl::finish() {
  if (!statement_.empty()) {
    run();
    if (!statement_.empty()) {
      failed({Category::kInvalidArgument, "code.incomplete", "the last statement is not finished"});
    }
  }
  return exit_code_;
}

void Repl::run() {
  const std::stop_token stop = setup_.signals.arm();
  auto before = sessions_.back()->fork();
  const Execution execution = sessions_.back()->run({.code = statement_, .stop = stop});
  setup_.signals.disarm(setup_.typed);
  if (execution.error && execution.error->reason == "code.incomplete") {
    const std::size_t end = statement_.find_last_not_of(" \t\r\n");
    in_block_ = in_block_ ||
                (setup_.language != language::Language::kLua && setup_.language != language::Language::kJavaScript &&
                 end != std::string::npos && statement_[end] == ':');
    return;
  }
  const std::string statement = std::exchange(statement_, {});
  give_up();
  print(execution, trimmed(statement));
  if (!sessions_.back()->ended()) {
    return;
  }
  if (before) {
    sessions_.back() = std::move(*before);
    note(fmt::format("the statement was undone, the session is as it was before{}",
                     execution.error && is_used_up(*execution.error)
                         ? "; `:usage` says what it used, `:reset` and `--limit` give more"
                         : ""));
  } else if (const Status opened = open()) {
    note("the session has ended, this is another one");
  } else {
    failed(opened.error());
  }
}

bool Repl::command(std::string_view name) {
  if (name == ":quit" || name == ":q") {
    return false;
  }
  if (name == ":help") {
    setup_.context.output.out(kHelp);
  } else if (name == ":limits") {
    print_usage(true);
  } else if (name == ":usage") {
    print_usage(false);
  } else if (name == ":fork") {
    auto fork = sessions_.back()->fork();
    if (fork) {
      sessions_.push_back(std::move(*fork));
    } else {
      failed(fork.error());
    }
  } else if (name == ":back") {
    if (sessions_.size() > 1) {
      sessions_.pop_back();
    } else {
      failed({Category::kInvalidArgument, "usage", "this is no copy; `:fork` makes one"});
    }
  } else if (name == ":reset") {
    if (const Status opened = open(); !opened) {
      failed(opened.error());
    }
  } else {
    failed({Category::kInvalidArgument, "usage",
            fmt::format("there is no {}; `:help` lists what there is", base::printable(base::shorten(name, 32)))});
  }
  return true;
}

void Repl::print_usage(bool limits) {
  const SessionUsage usage = sessions_.back()->usage();
  std::string text;
  if (!limits) {
    text = fmt::format("{:<14} {}\n", "calls", usage.calls);
  }
  for (const SessionUsage::Row& row : usage.limits) {
    text += fmt::format("{:<14} {}\n", row.name, limits ? row.limit : row.used);
  }
  setup_.context.output.out(text);
}

void Repl::print(const Execution& execution, std::string_view statement) {
  print_lines(execution);
  const std::string_view advice = advice_for(statement);
  if (!execution.error) {
    if (execution.output.bytes() != "null" || execution.output.media_type() != Payload::kJson) {
      setup_.context.output.out(shown(execution.output.bytes()));
    } else if (!advice.empty()) {
      note(advice);
    }
    return;
  }
  const bool no_json = execution.error->reason == "code.bad_value";
  if (no_json && is_path(statement) && print_name(statement)) {
    return;
  }
  setup_.context.output.error(terminal_text(execution.trace));
  failed(*execution.error);
  if (no_json) {
    note("the value of a statement is shown as JSON, which this one is not; printing it shows what it is");
  } else if (!advice.empty()) {
    note(advice);
  }
}

bool Repl::print_name(std::string_view path) {
  auto fork = sessions_.back()->fork();  // because looking at a name may run code
  if (!fork) {
    return false;
  }
  const Execution look = (*fork)->run({.code = printing(setup_.language, path), .stop = setup_.signals.arm()});
  setup_.signals.disarm(setup_.typed);
  if (!look.error) {
    print_lines(look);
  }
  return !look.error;
}

std::string Repl::shown(std::string_view text) const {
  return (setup_.terminal ? terminal_text(text) : std::string(text)) + '\n';
}

void Repl::print_lines(const Execution& execution) {
  Output& output = setup_.context.output;
  for (const CodeLine& line : execution.lines) {
    if (line.level <= kInfo) {
      output.out(shown(line.text));
    } else {
      output.error(terminal_text(line.text) + '\n');
    }
  }
}

void Repl::note(std::string_view text) { print_message(setup_.context, text); }

void Repl::failed(const Error& error) {
  const int code = fail(setup_.context, error);
  exit_code_ = exit_code_ == 0 ? code : exit_code_;
}

LineEditor::Completion Repl::complete(std::string_view before_cursor) {
  if (statement_.empty() && before_cursor.starts_with(':')) {
    return complete_command(before_cursor.substr(1));
  }
  const bool colon = setup_.language == language::Language::kLua;  // between a value and its function, in Lua
  std::size_t begin = before_cursor.size();
  while (begin > 0 && (is_name_byte(before_cursor[begin - 1]) || before_cursor[begin - 1] == '.' ||
                       (colon && before_cursor[begin - 1] == ':'))) {
    --begin;
  }
  const std::string_view path = before_cursor.substr(begin);
  const std::size_t dot = path.find_last_of(colon ? ".:" : ".");
  const std::string_view of = dot == std::string_view::npos ? std::string_view() : path.substr(0, dot);
  const std::string_view typed = dot == std::string_view::npos ? path : path.substr(dot + 1);
  LineEditor::Completion out{.typed = typed.size()};
  // In a copy, because looking at a name may run code.
  auto fork = sessions_.back()->fork();
  if (!fork || (typed.empty() && of.empty())) {
    return out;
  }
  const Execution names = (*fork)->run({.code = names_in(setup_.language, of), .stop = setup_.signals.arm()});
  setup_.signals.disarm(setup_.typed);
  const auto list = document::parse_json(names.output.bytes(), "names", {.bytes = kMostAnswer});
  if (names.error || !list || list->as_list() == nullptr) {
    return out;
  }
  for (const document::Value& item : *list->as_list()) {
    const std::string* name = item.as_string();
    if (name != nullptr && !name->empty() && name->starts_with(typed) && std::ranges::all_of(*name, is_name_byte)) {
      out.names.push_back(*name);
    }
  }
  std::ranges::sort(out.names);
  out.names.erase(std::ranges::unique(out.names).begin(), out.names.end());
  return out;
}

LineEditor::Completion Repl::complete_command(std::string_view typed) {
  LineEditor::Completion out{.typed = typed.size()};
  for (std::string_view rest = kHelp; !rest.empty(); rest.remove_prefix(rest.find('\n') + 1)) {
    const std::string_view name = rest.substr(1, rest.find(' ') - 1);
    if (name.starts_with(typed)) {
      out.names.emplace_back(name);
    }
  }
  return out;
}

}  // namespace caisson::cli
