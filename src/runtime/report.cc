// Workflow, Run and the report functions of the public header: views of what the workflow library made.

#include "runtime/workflow_state.h"

#include "document/print.h"
#include "workflow/graph.h"
#include "workflow/report.h"
#include "workflow/run_json.h"

#include <utility>

namespace caisson {

namespace {

workflow::ReportStyle to_style(const ReportOptions& options) {
  return {options.signs == ReportOptions::Signs::kAscii ? workflow::Decoration::kAscii : workflow::Decoration::kUnicode,
          options.colour == ReportOptions::Colour::kAlways ? workflow::Colour::kAlways : workflow::Colour::kNever};
}

}  // namespace

Workflow::Workflow(std::shared_ptr<const State> state) : state_(std::move(state)) {}
Workflow::~Workflow() = default;

const std::string& Workflow::file() const noexcept { return state_->definition.file; }
std::size_t Workflow::node_count() const noexcept { return state_->plan.size(); }
const std::vector<Diagnostic>& Workflow::warnings() const noexcept { return state_->warnings; }
const std::optional<Error>& Workflow::refusal() const noexcept { return state_->refusal; }

std::string Workflow::graph(GraphFormat format) const {
  return format == GraphFormat::kMermaid ? workflow::to_mermaid(state_->definition, state_->plan)
                                         : workflow::to_dot(state_->definition, state_->plan);
}

Run::Run(std::unique_ptr<State> state) : state_(std::move(state)) {}
Run::Run(Run&&) noexcept = default;
Run& Run::operator=(Run&&) noexcept = default;
Run::~Run() = default;

RunStatus Run::status() const noexcept {
  switch (state_->record.status) {
    case workflow::RunStatus::kSucceeded:
      return RunStatus::kSucceeded;
    case workflow::RunStatus::kCancelled:
      return RunStatus::kCancelled;
    default:
      return RunStatus::kFailed;
  }
}

const std::optional<Payload>& Run::output() const noexcept { return state_->record.result; }
const std::optional<Error>& Run::error() const noexcept { return state_->record.error; }
std::chrono::nanoseconds Run::duration() const noexcept { return state_->record.duration; }

std::string Run::report(const ReportOptions& options) const {
  return workflow::report_run(state_->definition, state_->workflow->plan, state_->record, to_style(options));
}

std::string Run::json() const {
  return document::to_json(workflow::to_value(state_->definition, state_->workflow->plan, state_->record),
                           document::JsonStyle::kIndented);
}

std::string report_header(std::string_view input, const std::vector<std::string>& files, const ReportOptions& options) {
  return workflow::report_header(input, files, to_style(options));
}

std::string report_separator(const ReportOptions& options) { return workflow::report_separator(to_style(options)); }

std::string report_footer(const ReportOptions& options) { return workflow::report_footer(to_style(options)); }

std::string report_failure(std::string_view file, const Error& error, const ReportOptions& options) {
  return workflow::report_failure(file, error, to_style(options));
}

std::string error_json(const Error& error) {
  return document::to_json(workflow::to_value(error), document::JsonStyle::kIndented);
}

}  // namespace caisson
