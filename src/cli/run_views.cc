#include "cli/run_views.h"

#include "document/print.h"
#include "document/value.h"
#include "workflow/run_json.h"

#include <fmt/format.h>
#include <unistd.h>

#include <optional>
#include <string_view>

namespace caisson::cli {

namespace {

/// The error of a run, or the one that there is instead of a run.
std::optional<Error> failure_of(const Result<Run>& run) { return run ? run->error() : std::optional(run.error()); }

class ViewBase : public RunView {
 public:
  ViewBase(Context& context, Look look)
      : context_(context),
        out_(report_options(STDOUT_FILENO, look, context.environment)),
        error_(report_options(STDERR_FILENO, look, context.environment)) {}

 protected:
  /// For somebody who is watching; whether it arrived is asked at the end.
  void show_so_far() { static_cast<void>(context_.output.flush()); }

  void print_failure(const std::string& file, const Result<Run>& run) {
    if (const std::optional<Error> error = failure_of(run)) {
      context_.output.error(report_failure(file, *error, error_));
    }
  }

  Context& context_;
  const ReportOptions out_;
  const ReportOptions error_;
};

class ReportView final : public ViewBase {
 public:
  using ViewBase::ViewBase;

  void begin(const Payload& input, const std::vector<std::string>& files) override {
    context_.output.out(report_header(input.bytes(), files, out_));
    show_so_far();
  }

  void add(const std::string& file, const Result<Run>& run) override {
    if (!first_) {
      context_.output.out(report_separator(out_));
    }
    first_ = false;
    if (run) {
      context_.output.out(run->report(out_));
      ran_ = true;
    }
    print_failure(file, run);
    show_so_far();
    const std::optional<Error> error = failure_of(run);
    stopped_ = stopped_ || (error && error->category == Category::kCancelled);
  }

  void end() override {
    if (ran_ && !stopped_) {
      context_.output.out(report_footer(out_));
    }
  }

 private:
  bool first_ = true;
  bool ran_ = false;  // any of them: where none could be read, nothing is complete
  bool stopped_ = false;
};

class OutputView final : public ViewBase {
 public:
  using ViewBase::ViewBase;

  void begin(const Payload& /*input*/, const std::vector<std::string>& files) override {
    on_terminal_ = ::isatty(STDOUT_FILENO) != 0;
    ends_line_ = files.size() > 1 || on_terminal_;
  }

  void add(const std::string& file, const Result<Run>& run) override {
    if (run && run->output()) {
      const std::string_view bytes = run->output()->bytes();
      if (on_terminal_) {
        context_.output.out(terminal_text(bytes));
      } else {
        context_.output.out(bytes);
      }
      if (ends_line_ && !bytes.ends_with('\n')) {
        context_.output.out("\n");
      }
    }
    print_failure(file, run);
  }

  void end() override {}

 private:
  bool on_terminal_ = false;
  bool ends_line_ = false;
};

class NoView final : public ViewBase {
 public:
  using ViewBase::ViewBase;

  void begin(const Payload& /*input*/, const std::vector<std::string>& /*files*/) override {}
  void add(const std::string& file, const Result<Run>& run) override { print_failure(file, run); }
  void end() override {}
};

class JsonView final : public ViewBase {
 public:
  using ViewBase::ViewBase;

  void begin(const Payload& /*input*/, const std::vector<std::string>& files) override {
    several_ = files.size() > 1;
    context_.output.out(several_ ? "[" : "");
  }

  void add(const std::string& file, const Result<Run>& run) override {
    std::string json = run ? run->json() : not_run(file, run.error());
    if (::isatty(STDOUT_FILENO) != 0) {
      json = terminal_json(json);
    }
    if (several_) {
      context_.output.out(first_ ? "\n" : ",\n");
    }
    first_ = false;
    context_.output.out(several_ ? indented(json) : json);
    print_failure(file, run);
  }

  void end() override { context_.output.out(several_ ? "\n]\n" : "\n"); }

 private:
  /// Strings in JSON have no line breaks, so every one is between two values.
  static std::string indented(const std::string& json) {
    std::string out = "  ";
    for (const char c : json) {
      out += c;
      if (c == '\n') {
        out += "  ";
      }
    }
    return out;
  }

  static std::string not_run(const std::string& file, const Error& error) {
    return document::to_json(document::Value::map({
                                 {"definition", file},
                                 {"status", error.category == Category::kCancelled ? "cancelled" : "failed"},
                                 {"error", workflow::to_value(error)},
                             }),
                             document::JsonStyle::kIndented);
  }

  bool several_ = false;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<RunView> make_run_view(ViewKind kind, Context& context, Look look) {
  switch (kind) {
    case ViewKind::kReport:
      return std::make_unique<ReportView>(context, look);
    case ViewKind::kOutput:
      return std::make_unique<OutputView>(context, look);
    case ViewKind::kNothing:
      return std::make_unique<NoView>(context, look);
    case ViewKind::kJson:
      break;
  }
  return std::make_unique<JsonView>(context, look);
}

}  // namespace caisson::cli
