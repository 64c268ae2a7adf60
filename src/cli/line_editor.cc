#include "cli/line_editor.h"

#include "cli/history_file.h"

#include <histedit.h>

#include <algorithm>
#include <clocale>
#include <cstdio>
#include <cwchar>
#include <utility>

namespace caisson::cli {

namespace {

constexpr std::size_t kLongestKept = 4096;  // bytes of a line in a file
constexpr std::size_t kShown = 200;         // names of a completion

/// What all names begin with.
std::string_view common_beginning(const std::vector<std::string>& names) {
  std::string_view out = names.front();
  for (const std::string& name : names) {
    out = out.substr(0, static_cast<std::size_t>(std::ranges::mismatch(out, name).in1 - out.begin()));
  }
  return out;
}

bool save(History* lines, std::FILE* file) {
  HistEvent event;
  return history(lines, &event, H_SAVE_FP, file) >= 0 && std::ferror(file) == 0;
}

/// H_NSAVE_FP would give one line more than it is asked for.
bool save_line(const std::string& line, std::FILE* file) {
  History* const one = history_init();
  HistEvent event;
  history(one, &event, H_SETSIZE, 1);
  history(one, &event, H_ENTER, line.c_str());
  const bool saved = save(one, file);
  history_end(one);
  return saved;
}

}  // namespace

struct LineEditor::State {
  explicit State(Completer c) : completer(std::move(c)) {
    std::setlocale(LC_CTYPE, "");  // NOLINT(concurrency-mt-unsafe): for libedit; nothing else asks for it
    HistEvent event;
    history(past, &event, H_SETSIZE, static_cast<int>(HistoryFile::kMostLines));
    history(past, &event, H_SETUNIQUE, 1);
    el_set(editor, EL_CLIENTDATA, this);
    el_set(editor, EL_PROMPT, &State::show_prompt);
    el_set(editor, EL_EDITOR, "emacs");
    el_set(editor, EL_HIST, history, past);
    // Ctrl-C is a key here: nothing runs that a signal could end.
    el_set(editor, EL_SETTY, "-d", "-isig", nullptr);
    // The wide form keeps these texts; the narrow one copies and leaks them.
    el_wset(editor, EL_ADDFN, L"caisson-cancel", L"gives the line up", &State::cancel);
    el_set(editor, EL_BIND, "^C", "caisson-cancel", nullptr);
    el_wset(editor, EL_ADDFN, L"caisson-complete", L"completes a name", &State::complete);
    el_set(editor, EL_BIND, "^I", "caisson-complete", nullptr);
    el_set(editor, EL_BIND, "^R", "em-inc-search-prev", nullptr);
  }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    el_end(editor);
    history_end(past);
  }

  static State& of(EditLine* editor) {
    void* self = nullptr;
    el_get(editor, EL_CLIENTDATA, &self);
    return *static_cast<State*>(self);
  }
  static char* show_prompt(EditLine* editor) { return of(editor).prompt.data(); }
  static unsigned char cancel(EditLine* editor, wint_t /*key*/) {
    of(editor).cancelled = true;
    return CC_NEWLINE;
  }
  static unsigned char complete(EditLine* editor, wint_t /*key*/) {
    const LineInfo* line = el_line(editor);
    const Completion found =
        of(editor).completer({line->buffer, static_cast<std::size_t>(line->cursor - line->buffer)});
    if (found.names.empty()) {
      return CC_ERROR;
    }
    const std::string more(common_beginning(found.names).substr(found.typed));
    if (!more.empty()) {
      return el_insertstr(editor, more.c_str()) == 0 ? CC_REFRESH : CC_ERROR;
    }
    if (found.names.size() == 1) {
      return CC_NORM;
    }
    std::string shown = "\n";
    for (std::size_t i = 0; i < std::min(found.names.size(), kShown); ++i) {
      shown += found.names[i] + "  ";
    }
    std::fputs((shown + (found.names.size() > kShown ? "...\n" : "\n")).c_str(), stdout);
    std::fflush(stdout);
    return CC_REDISPLAY;
  }

  Completer completer;
  std::string prompt;
  bool cancelled = false;
  std::string last;  ///< that is to be remembered
  std::unique_ptr<HistoryFile> kept;
  History* past = history_init();
  EditLine* editor = el_init("caisson", stdin, stdout, stderr);
};

LineEditor::LineEditor(Completer completer) : state_(std::make_unique<State>(std::move(completer))) {}
LineEditor::~LineEditor() = default;

LineEditor::Line LineEditor::read(std::string_view prompt) {
  state_->prompt = prompt;
  state_->cancelled = false;
  // el_gets shows the prompt first, so that a key typed at once would find the terminal as statements have it.
  el_set(state_->editor, EL_PREP_TERM, 1);
  int count = 0;
  const char* const line = el_gets(state_->editor, &count);
  if (state_->cancelled) {
    std::fputs("\n", stdout);
    return {End::kCancelled, {}};
  }
  if (line == nullptr || count <= 0) {
    return {};
  }
  std::string text(line, static_cast<std::size_t>(count));
  while (text.ends_with('\n') || text.ends_with('\r')) {
    text.pop_back();
  }
  return {End::kLine, std::move(text)};
}

Status LineEditor::keep(const std::string& path) {
  History* const past = state_->past;
  const auto read = [past](const std::string& file) -> std::optional<std::size_t> {
    HistEvent event;
    const int lines = history(past, &event, H_LOAD, file.c_str());
    return lines < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(lines));
  };
  const auto write = [state = state_.get()](HistoryFile::Part part, std::FILE* file) {
    return part == HistoryFile::Part::kAll ? save(state->past, file) : save_line(state->last, file);
  };
  CAISSON_TRY(state_->kept, HistoryFile::open(path, {read, write}));
  return {};
}

Status LineEditor::remember(const std::string& text) {
  HistEvent event;
  history(state_->past, &event, H_ENTER, text.c_str());
  state_->last = text;
  if (state_->kept == nullptr || text.size() > kLongestKept) {
    return {};
  }
  Status added = state_->kept->add();
  if (!added) {
    state_->kept.reset();
  }
  return added;
}

}  // namespace caisson::cli
