// What a call of code with numpy and pandas costs, everything included, each in a fresh sandbox; and what it takes to
// load the image that `caisson image install python-data` made. Says so when there is none.

#include "base/environment.h"
#include "engine/instance.h"
#include "language/testing/users_images.h"
#include "sandbox/executor.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include <sys/resource.h>

namespace {

using Clock = std::chrono::steady_clock;
using caisson::Payload;
using caisson::language::Language;
using caisson::language::Program;

struct Case {
  const char* name;
  const char* code;
};
constexpr Case kCases[] = {
    {"1 + 1", "1 + 1"},
    {"numpy: mean of 1,000 numbers", "import numpy as np\nnp.arange(1000.0).mean()"},
    {"numpy: product of two 100 x 100 matrices", "import numpy as np\na = np.ones((100, 100))\n(a @ a).sum()"},
    {"pandas: group 1,000 rows",
     "import numpy as np, pandas as pd\n"
     "frame = pd.DataFrame({'k': np.arange(1000) % 7, 'v': np.arange(1000.0)})\n"
     "frame.groupby('k').v.sum()"},
    {"pandas: read and write 1,000 lines of CSV",
     "import io, pandas as pd\n"
     "text = 'a,b\\n' + '\\n'.join(f'{i},{i / 7}' for i in range(1000))\n"
     "len(pd.read_csv(io.StringIO(text)).to_csv(index=False))"},
};

double milliseconds(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

long faults() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

}  // namespace

int main(int argc, char** argv) {
  const int calls = argc > 1 ? std::atoi(argv[1]) : 300;
  const auto environment = caisson::base::make_environment();
  caisson::language::testing::UsersImages installed;
  if (const auto why = installed.why_not(Language::kPythonData)) {
    fmt::print("data_image: {}\n", *why);
    return 0;
  }
  caisson::base::ThreadPool pool({.threads = 1, .stack_bytes = caisson::engine::thread_stack_for(4U << 20)});
  caisson::sandbox::InlineExecutor executor({.environment = environment.get(), .pool = &pool});
  caisson::sandbox::Policy policy;
  policy.limits.fuel = std::nullopt;
  const auto load = Clock::now();
  if (auto guest = installed.images().bind({.language = Language::kPythonData, .code = ""}); !guest) {
    fmt::print("data_image: {}\n", guest.error().message);
    return 1;
  }
  fmt::print("loading the compiled image: {:.0f} ms\n", milliseconds(Clock::now() - load));
  fmt::print("{:44} {:>8} {:>8} {:>8} {:>7} {:>10}\n", "", "min ms", "p50 ms", "p95 ms", "faults", "memory MB");
  for (const Case& test : kCases) {
    const Program program{.language = Language::kPythonData, .code = test.code};
    const Payload request(request_for(program, {}), Payload::kJson);
    const auto guest = installed.images().bind(program);
    std::vector<double> times;
    long before = 0;
    double memory = 0;
    for (int i = -10; i < calls; ++i) {
      before = i == 0 ? faults() : before;
      const auto begin = Clock::now();
      const auto outcome = executor.call(*guest, request, policy, {});
      if (i >= 0) {
        times.push_back(milliseconds(Clock::now() - begin));
      }
      if (outcome.error) {
        fmt::print("data_image: {}: {}\n", test.name, outcome.error->message);
        return 1;
      }
      memory = static_cast<double>(outcome.usage.memory_over_baseline_bytes) / 1e6;
    }
    const double per_call = static_cast<double>(faults() - before) / calls;
    std::ranges::sort(times);
    fmt::print("{:44} {:8.2f} {:8.2f} {:8.2f} {:7.0f} {:10.1f}\n", test.name, times.front(), times[times.size() / 2],
               times[times.size() * 95 / 100], per_call, memory);
  }
  return 0;
}
