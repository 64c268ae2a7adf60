#include "workflow/local_case.h"

#include "base/text_case.h"
#include "workflow/local_text_runner.h"
#include "workflow/text.h"

namespace caisson::workflow {

namespace {

std::unique_ptr<NodeRunner> make_case_runner(Result<std::string> (*change)(std::string_view)) {
  return make_text_runner([change](std::string_view text, const std::stop_token&) -> Result<TextOutput> {
    CAISSON_TRY(std::string changed, change(text));
    return TextOutput{Payload(std::move(changed))};
  });
}

}  // namespace

std::unique_ptr<NodeRunner> make_upper_case(OptionReader&) { return make_case_runner(&base::to_upper); }
std::unique_ptr<NodeRunner> make_lower_case(OptionReader&) { return make_case_runner(&base::to_lower); }
std::unique_ptr<NodeRunner> make_proper_case(OptionReader&) { return make_case_runner(&proper_case); }
std::unique_ptr<NodeRunner> make_title_case(OptionReader&) { return make_case_runner(&title_case); }

}  // namespace caisson::workflow
