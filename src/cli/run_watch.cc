#include "cli/run_watch.h"

#include "base/no_broken_pipe.h"
#include "cli/messages.h"

namespace caisson::cli {

Result<std::unique_ptr<RunWatch>> RunWatch::open(Context& context, const Options& options) {
  std::unique_ptr<RunWatch> out(new RunWatch(context));
  out->events_to_output_ = options.events == "-";
  if (options.events && !out->events_to_output_) {
    CAISSON_TRY(out->events_, OutputFile::create(*options.events, OutputFile::Mode::kLive));
  }
  if (options.trace) {
    CAISSON_TRY(out->trace_file_, OutputFile::create(*options.trace, OutputFile::Mode::kWhole));
  }
  out->lines_ = options.progress == Progress::kLines;
  if (options.progress == Progress::kDisplay) {
    out->display_ = std::make_unique<ProgressDisplay>(context, options.signs);
  }
  return out;
}

std::function<void(const RunEvent&)> RunWatch::receiver(const std::string& definition) {
  if (!events_to_output_ && events_ == nullptr && trace_file_ == nullptr && !lines_ && display_ == nullptr) {
    return {};
  }
  trace_.begin(definition);
  return [this](const RunEvent& event) { add(event); };
}

void RunWatch::add(const RunEvent& event) {
  if (events_to_output_) {
    const base::NoBrokenPipe no_signal;  // a reader that has gone does not end the run
    context_.output.out(event.json() + "\n");
    static_cast<void>(context_.output.flush());  // whether it arrived is asked at the end
  }
  if (events_ != nullptr) {
    events_->write(event.json() + "\n");
  }
  if (trace_file_ != nullptr) {
    trace_.add(event);
  }
  if (lines_) {
    context_.output.error(progress_line(event));
  }
  if (display_ != nullptr) {
    display_->add(event);
  }
}

int RunWatch::finish() {
  int status = 0;
  display_.reset();
  const auto end = [&](OutputFile* file) {
    const Status written = file == nullptr ? Status() : file->finish();
    if (!written) {
      const int failed = fail(context_, written.error());
      status = status == 0 ? failed : status;
    }
  };
  if (trace_file_ != nullptr) {
    trace_file_->write(trace_.json());
  }
  end(events_.get());
  end(trace_file_.get());
  return status;
}

}  // namespace caisson::cli
