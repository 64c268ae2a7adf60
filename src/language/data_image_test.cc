// The image that `caisson image install python-data` makes, where whoever runs the tests has it; skipped where not.

#include "language/data_image.h"

#include "engine/instance.h"
#include "language/testing/users_images.h"
#include "sandbox/executor.h"
#include "sandbox/session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace caisson::language {
namespace {

using sandbox::OutcomeStatus;

class DataImageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (const auto why = installed().why_not(Language::kPythonData)) {
      GTEST_SKIP() << *why;
    }
  }

  /// What one test loaded is there for the next.
  static testing::UsersImages& installed() {
    static testing::UsersImages images;
    return images;
  }

  static Program program(std::string code) { return {.language = Language::kPythonData, .code = std::move(code)}; }

  sandbox::Outcome run(const Program& what, const Arguments& arguments = {}) {
    const auto guest = installed().images().bind(what);
    EXPECT_TRUE(guest) << guest.error().message;
    return executor_.call(*guest, Payload(request_for(what, arguments), Payload::kJson), policy_, {});
  }
  sandbox::Outcome run(std::string code) { return run(program(std::move(code))); }

  /// The value, or what went wrong.
  std::string value(std::string code) { return said(run(std::move(code))); }
  static std::string said(const sandbox::Outcome& outcome) {
    return outcome.error ? fmt::format("{}: {}", outcome.error->reason, outcome.error->message)
                         : std::string(outcome.output.bytes());
  }

  std::unique_ptr<base::Environment> environment_ = base::make_environment();
  base::ThreadPool pool_{{.threads = 1, .stack_bytes = engine::thread_stack_for(4U << 20)}};
  sandbox::InlineExecutor executor_{{.environment = environment_.get(), .pool = &pool_}};
  sandbox::Policy policy_{.limits = {.memory_bytes = 64U << 20, .fuel = std::nullopt}};
};

TEST_F(DataImageTest, CalculatesWithNumpyAndPandas) {
  const auto outcome =
      run(program(R"py(
import numpy as np
import pandas as pd

def run(inputs):
    frame = pd.DataFrame(inputs["rows"])
    print("rows:", len(frame))
    return {"sums": frame.groupby("k").v.sum().to_dict(), "inverse": np.linalg.inv(np.array([[2.0, 0], [0, 4]]))}
)py"),
          {.inputs = {{"rows", Payload(R"([{"k":"a","v":1},{"k":"b","v":2},{"k":"a","v":3}])", Payload::kJson)}}});
  EXPECT_EQ(said(outcome), R"({"sums":{"a":4,"b":2},"inverse":[[0.5,0.0],[0.0,0.25]]})");
  ASSERT_EQ(outcome.captured.log.size(), 1U);
  EXPECT_EQ(outcome.captured.log[0].text, "rows: 3");
}

TEST_F(DataImageTest, ValuesOfNumpyAndPandasAreJson) {
  EXPECT_EQ(value("import numpy as np\n[np.int64(3), np.float32(0.5), np.bool_(True), np.arange(3)]"),
            "[3,0.5,true,[0,1,2]]");
  EXPECT_EQ(value("import pandas as pd\npd.DataFrame({'n': [1.5, None], 't': ['x', None], "
                  "'d': pd.to_datetime(['2025-01-01', None])})"),
            R"([{"n":1.5,"t":"x","d":"2025-01-01T00:00:00"},{"n":null,"t":null,"d":null}])");
  EXPECT_EQ(value("import pandas as pd\npd.Series([1, pd.NA], dtype='Int64')"), "[1,null]");
  EXPECT_EQ(value("import numpy as np\n{'a': np.array([1.0, np.nan])}"),
            "code.bad_value: ValueError: $.a[1]: NaN is not JSON");
  EXPECT_EQ(value("import pandas as pd\n[pd.Timedelta(1)]"),
            "code.bad_value: ValueError: $[0]: a value of type Timedelta is not JSON");
}

TEST_F(DataImageTest, WhatIsLoadedWhenItIsFirstUsedIsThere) {
  EXPECT_EQ(
      value("import pandas as pd, io\npd.read_csv(io.StringIO('a,b\\n1,2\\n')).rolling(1).mean().to_dict('records')"),
      R"([{"a":1.0,"b":2.0}])");
  EXPECT_EQ(value("import pandas as pd\npd.Timestamp('2025-06-01 12:00').tz_localize('Europe/Berlin')"),
            "2025-06-01T12:00:00+02:00");
  EXPECT_EQ(value("import pandas as pd\npd.DataFrame({'a': [1, 2]}).query('a > 1').to_json()"), R"({"a":{"1":2}})");
  EXPECT_EQ(value("import numpy as np\nnp.polynomial.Polynomial([1, 2]).integ().coef"), "[0.0,1.0,1.0]");
}

TEST_F(DataImageTest, ImportsNothingThatTheImageOfPythonDoesNot) {
  std::set<std::string> imports;
  const auto guest = installed().images().bind(program(""));
  ASSERT_TRUE(guest) << guest.error().message;
  for (const engine::Import& import : guest->module->info().imports) {
    imports.insert(import.module + "." + import.name);
  }
  EXPECT_EQ(imports,
            (std::set<std::string>{"caisson_v1.call", "caisson_v1.log", "caisson_v1.take",
                                   "wasi_snapshot_preview1.clock_res_get", "wasi_snapshot_preview1.clock_time_get",
                                   "wasi_snapshot_preview1.poll_oneoff", "wasi_snapshot_preview1.random_get"}));
}

TEST_F(DataImageTest, ThereIsNoFileAndNoNetwork) {
  policy_.grants.clock = sandbox::ClockMode::kReal;
  for (const char* const code :
       {"import pandas as pd\npd.read_csv('/etc/passwd')", "import numpy as np\nnp.fromfile('/etc/passwd')",
        "import numpy as np\nnp.save('/tmp/x', np.eye(2))", "import io\nio.open('/usr/local/lib/python315.zip')",
        "import io\nio.open('/caisson/start.py')"}) {
    const auto outcome = run(code);
    ASSERT_TRUE(outcome.error) << code;
    EXPECT_TRUE(outcome.error->message.starts_with("FileNotFoundError") ||
                outcome.error->message.starts_with("OSError: [Errno 8] Bad file descriptor") ||
                outcome.error->reason == "code.import_denied")
        << outcome.error->message;
  }
  const auto outcome = run("import pandas as pd\npd.read_csv('https://example.com/a.csv')");
  EXPECT_NE(said(outcome).find("http.fetch"), std::string::npos) << said(outcome);
  EXPECT_EQ(outcome.usage.http_requests, 0U);
}

TEST_F(DataImageTest, OnlyWhatIsListedIsImported) {
  for (const char* const module : {"os", "sys", "scipy", "ctypes", "_host", "_caisson", "socket", "subprocess"}) {
    EXPECT_EQ(run(fmt::format("import {}", module)).error->reason, "code.import_denied") << module;
    EXPECT_EQ(run(fmt::format("lazy import {0}\n{0}", module)).error->reason, "code.import_denied") << module;
  }
  Program listed = program("import numpy");
  listed.imports = std::vector<std::string>{"json"};
  EXPECT_EQ(run(listed).error->reason, "code.import_denied");
  // What there is no more, and nobody can load again.
  for (const char* const module : {"_host", "socket", "_socket", "sqlite3", "scipy"}) {
    listed.code = fmt::format("import {}", module);
    listed.imports = std::vector<std::string>{module};
    EXPECT_EQ(said(run(listed)),
              fmt::format("code.exception: ModuleNotFoundError: No module named '{}', line 1", module));
  }
  for (const char* const name : {"open", "eval", "exec", "compile", "__import__"}) {
    EXPECT_EQ(run(fmt::format("{}('1')", name)).error->reason, "code.import_denied") << name;
  }
}

TEST_F(DataImageTest, RandomNumbersAreThoseOfTheCall) {
  const char* const code =
      "import numpy as np, random\n[np.random.rand(), np.random.default_rng().random(), random.random()]";
  EXPECT_NE(run(code).status, OutcomeStatus::kOk);  // nothing is granted
  policy_.grants.random = sandbox::RandomMode::kReal;
  const std::string first = value(code);
  EXPECT_TRUE(first.starts_with("[0.")) << first;
  EXPECT_NE(value(code), first);
  policy_.grants.random = sandbox::RandomMode::kSeeded;
  EXPECT_EQ(value(code), value(code));
  policy_.grants.random = sandbox::RandomMode::kDenied;
  EXPECT_EQ(value("import numpy as np\nnp.random.seed(1)\nnp.random.rand()"), "0.417022004702574");
}

TEST_F(DataImageTest, TheClockIsGrantedOrAnError) {
  const char* const code = R"py(
import time, datetime
import pandas as pd
told = []
for ask in (time.time, time.localtime, time.gmtime, time.ctime, time.asctime, lambda: time.strftime("%Y"), time.monotonic,
            datetime.date.today, datetime.datetime.today, datetime.datetime.now, pd.Timestamp.now, pd.Timestamp.today):
    try:
        told.append(str(ask()))
    except OSError:
        pass
len(told)
)py";
  EXPECT_EQ(value(code), "0");
  policy_.grants.clock = sandbox::ClockMode::kReal;
  EXPECT_EQ(value(code), "12");
  EXPECT_EQ(value("import datetime, time\n[datetime.date.today().year >= 2025, type(datetime.date.today()).__name__, "
                  "time.strftime('%Y', time.gmtime(0))]"),
            R"([true,"date","1970"])");
}

TEST_F(DataImageTest, DeepNestingIsAnErrorOfTheLanguage) {
  policy_.limits.memory_bytes = 256U << 20;
  for (const char* const code : {
           "def f(n): return 1 + f(n)\nf(1)",
           "import json\njson.loads('[' * 100000)",
           "import json\njson.loads('{\"a\":' * 100000)",
           "a = []\nfor i in range(100000): a = [a]\nstr(a)",
           "a = []\nfor i in range(100000): a = [a]\na == [1] or hash(str(a))",
           "class A:\n  def __getattr__(self, n): return getattr(self, n)\nA().x",
           "class A:\n  def __lt__(self, other): return sorted([self, other])\nsorted([A(), A()])",
           "class A:\n  def __repr__(self): return '%r' % self\nrepr(A())",
           "import numpy as np\ndef f(x): return np.apply_along_axis(f, 0, np.ones(2))\nf(1)",
           "import pandas as pd\ndef f(x): return pd.Series([1]).apply(f)\nf(1)",
       }) {
    const auto outcome = run(code);
    ASSERT_TRUE(outcome.error) << code;
    EXPECT_EQ(outcome.error->reason, "code.recursion") << code << "\n" << outcome.error->message;
  }
  // What CPython itself does not count ends the call, by the limit of the stack.
  EXPECT_EQ(run("x = 1\nfor i in range(100000): x = (x,)\nhash(x)").error->reason, "sandbox.stack_overflow");
  // The compiler's own: an error of the syntax, or of the memory.
  for (const std::string& code :
       {std::string(100000, '(') + "1", std::string(100000, '-') + "1", "x" + std::string(5000, '.') + "y",
        std::string("1") + std::string(90000, '+') + "1"}) {
    const auto outcome = run(code);
    EXPECT_NE(outcome.status, OutcomeStatus::kTrap) << code.substr(0, 10) << "\n" << said(outcome);
  }
}

TEST_F(DataImageTest, TheMemoryLimitIsForWhatCodeAdds) {
  const auto small = run("import numpy as np\nnp.ones(1_000_000).sum()");
  EXPECT_EQ(said(small), "1000000.0");
  EXPECT_GE(small.usage.memory_over_baseline_bytes, 7'000'000U);
  EXPECT_LT(small.usage.memory_over_baseline_bytes, 12'000'000U);
  EXPECT_EQ(run("import numpy as np\nnp.ones(20_000_000)").error->reason, "sandbox.memory_limit");
  EXPECT_EQ(run("a = []\nwhile True: a.append(bytes(100000))").error->reason, "sandbox.memory_limit");
}

TEST_F(DataImageTest, TheTimeLimitHolds) {
  policy_.limits.timeout = std::chrono::milliseconds(200);
  const auto outcome = run("import numpy as np\na = np.ones((300, 300))\nwhile True: a = a @ a % 7");
  EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
  EXPECT_LT(outcome.usage.wall, std::chrono::seconds(5));
}

TEST_F(DataImageTest, ASessionKeepsItsFrames) {
  const auto open = [&](std::string id) {
    auto guest = std::make_shared<const sandbox::Guest>(installed().images().bind(program("")).value());
    return sandbox::SessionSetup{.executor = &executor_,
                                 .environment = environment_.get(),
                                 .guest = std::move(guest),
                                 .policy = policy_,
                                 .key = std::move(id)};
  };
  auto session = sandbox::Session::open(open("key"), "one").value();
  const auto call = [&](sandbox::Session& in, const char* code) {
    return said(in.call(code, Payload(request_for(program(""), {.session = true}), Payload::kJson), {}));
  };
  EXPECT_EQ(call(*session, "import pandas as pd\nframe = pd.DataFrame({'a': [1, 2]})"), "null");
  auto fork = session->fork("two").value();
  EXPECT_EQ(call(*fork, "frame.loc[2] = 40\nframe.a.sum()"), "43");
  EXPECT_EQ(call(*session, "frame.a.sum()"), "3");
  const std::string bytes = fork->snapshot().value();
  EXPECT_LT(bytes.size(), 16U << 20);
  auto restored = sandbox::Session::restore(open("key"), "three", bytes).value();
  EXPECT_EQ(call(*restored, "frame.a.sum()"), "43");
  // What one call leaves is not kept for the next: answers and code of many calls take no memory.
  const auto before = session->totals().usage.memory_bytes;
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(call(*session, "len('x' * 1_000_000 + str(frame))").substr(0, 3), "100");
  }
  EXPECT_LT(session->totals().usage.memory_bytes, before + (8U << 20));
}

}  // namespace
}  // namespace caisson::language
