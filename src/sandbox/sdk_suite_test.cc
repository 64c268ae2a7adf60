// The suite that every SDK passes (guests/sdk): 25 cases, the same guest written in each language.

#include "sandbox/testing/http_fixture.h"

#include <zstd.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <vector>

namespace caisson::sandbox {
namespace {

/// A built guest of the suite, and in what it cannot be like the others.
struct Sdk {
  std::string name;       ///< guests/samples/built/sdk/NAME.wasm
  Grants needs;           ///< what it is not called without
  std::string_view trap;  ///< the reason of a call that its language gives up
  /// What it makes of an operation that failed outside: the world of components has no case for it.
  std::string_view failed;
};

// A module that imports the host's `call` has to be granted some operation: the time, which no case is about.
const Grants kClock{.clock = ClockMode::kReal};
const Grants kWasi{.wasi = true, .clock = ClockMode::kReal};
const Grants kRuntime{.wasi = true, .clock = ClockMode::kReal, .random = RandomMode::kReal};

std::vector<Sdk> sdks() {
  return {{"c", kClock, "sandbox.trap", "failed"},
          {"rust", kClock, "sandbox.trap", "failed"},
          {"go", kRuntime, "sandbox.trap", "failed"},
          {"assemblyscript", kClock, "sandbox.trap", "failed"},
          {"c_component", kClock, "sandbox.trap", "unknown"},
          {"rust_component", kWasi, "sandbox.trap", "unknown"},
          {"go_component", kRuntime, "sandbox.trap", "unknown"},
          {"assemblyscript_component", kClock, "sandbox.trap", "unknown"}};
}

constexpr std::uint64_t kMostComponent = 64U << 20;

/// A component that is larger than this version takes from anywhere.
Result<Guest> bind_large(std::string_view component, base::Environment& environment) {
  engine::Metrics most = engine::structural_limits();
  for (const engine::Metric metric :
       {engine::Metric::kBytes, engine::Metric::kCodeBytes, engine::Metric::kDataBytes, engine::Metric::kSegments,
        engine::Metric::kBodyBytes, engine::Metric::kImports, engine::Metric::kExports}) {
    most[static_cast<std::size_t>(metric)] = kMostComponent;
  }
  static engine::ModuleCache modules(
      {.engine = engine::Engine::create({.host_functions = host_functions(), .environment = &environment}).value(),
       .environment = &environment,
       .max_module_bytes = kMostComponent,
       .structure = most});
  CAISSON_TRY(auto module, modules.get(component));
  return bind_guest(std::move(module));
}

constexpr std::string_view kUnicode = "Grüße, 世界 🌍 — naïve café";
constexpr std::string_view kReversed = "éfac evïan — 🌍 界世 ,eßürG";

std::string every_byte() {
  std::string out;
  for (int byte = 255; byte >= 0; --byte) {  // a leading `!` would be a command
    out.push_back(static_cast<char>(byte));
  }
  return out;
}

/// Bytes that are nowhere the same as their neighbours.
std::string varied(std::size_t size) {
  std::string out(size, '\0');
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = static_cast<char>(i * 7 + (i >> 8U) + 1);
  }
  return out;
}

class SdkCases : public HttpTest {
 public:
  SdkCases(const Sdk& sdk, Guest guest) : sdk_(sdk), guest_(std::move(guest)) {
    values_.set("KEY", "correct-horse-battery-staple", server_.url(""));
    handler_ = [](net::HttpServer::Exchange& exchange) {
      exchange.answer("201 Created", "X-Answer: a \"b\" \\ c\r\n", "body\nof lines");
    };
  }

  /// Nothing granted but what the language's runtime cannot do without, and no key kept.
  void begin() {
    policy_ = {.limits = limits_of_all_, .grants = sdk_.needs};
    storage_.assign({});
  }
  Outcome run(std::string_view input) { return call(guest_, input); }
  void gives(std::string_view input, std::string_view output) {
    const Outcome outcome = run(input);
    EXPECT_EQ(outcome.status, OutcomeStatus::kOk) << (outcome.error ? outcome.error->message : "");
    EXPECT_TRUE(outcome.output.bytes() == output)
        << outcome.output.size() << " bytes: " << outcome.output.bytes().substr(0, 200);
  }
  /// The message of an error that the guest reports.
  void refuses(std::string_view input, std::string_view message) {
    const Outcome outcome = run(input);
    EXPECT_EQ(outcome.status, OutcomeStatus::kGuestError) << outcome.output.bytes();
    EXPECT_EQ(reason(outcome), "sandbox.guest_error");
    EXPECT_NE(outcome.error ? outcome.error->message.find(message) : std::string::npos, std::string::npos)
        << (outcome.error ? outcome.error->message : "");
  }
  void grant_net() {
    grants_.net = {{server_.url(""), {"*"}}};
    grants_.secrets = {"KEY"};
  }

  // The cases.
  void empty() { gives("", ""); }
  void one_byte() { gives(std::string(1, '\0'), std::string(1, '\0')); }
  void bytes() { gives(every_byte(), every_byte()); }
  void size_64k() { gives(varied(64U << 10), varied(64U << 10)); }
  void size_1m() { gives(varied(1U << 20), varied(1U << 20)); }
  void size_10m() { gives(varied(10U << 20), varied(10U << 20)); }
  void large_output() { gives("!big 3000000", std::string(3'000'000, 'x')); }
  void unicode() { gives(cat("!reverse ", kUnicode), kReversed); }
  void error() { refuses("!fail 500\nit did not work", "the guest reports: it did not work (code 500)"); }
  void error_code() { refuses("!fail 422\nno such town", "no such town (code 422)"); }
  void error_text() { refuses("!fail 400\na \"b\" \\ é 🌍", "a \"b\" \\ é 🌍 (code 400)"); }
  void log() {
    for (int level = 0; level < 5; ++level) {
      const Outcome outcome = run(cat("!log ", level, " line ", kUnicode));
      EXPECT_EQ(outcome.captured.log,
                (std::vector<LogLine>{{static_cast<std::uint8_t>(level), cat("line ", kUnicode)}}));
    }
  }
  void kv() {
    grants_.imports = {"kv"};
    gives("!set a \"key\"\nits value", "");
    gives("!get a \"key\"", "its value");
    gives("!delete a \"key\"", "");
    gives("!get a \"key\"", "nothing");
    EXPECT_EQ(storage_.bytes(), 0U);
  }
  void kv_missing() {
    grants_.imports = {"kv"};
    gives("!get nobody", "nothing");
  }
  void kv_bytes() {
    grants_.imports = {"kv"};
    gives(cat("!set all\n", every_byte()), "");
    EXPECT_EQ(storage_.get("all"), every_byte());
    gives("!get all", every_byte());
  }
  void kv_denied() {
    const Outcome outcome = run("!set key\nvalue");
    EXPECT_EQ(reason(outcome), "sandbox.guest_error");
    refuses("!get key", "kv.get: denied: not granted: the operation kv.get; `grants: {imports: [kv]}` would allow it");
    EXPECT_FALSE(storage_.get("key"));
  }
  void emit() {
    grants_.imports = {"emit"};
    const Outcome outcome = run(cat("!emit to\\pic\n", every_byte()));
    EXPECT_EQ(outcome.status, OutcomeStatus::kOk);
    EXPECT_EQ(outcome.captured.emitted, (std::vector<EmittedRecord>{{"to\\pic", every_byte()}}));
  }
  void emit_denied() {
    refuses("!emit topic\nrecord", "emit: denied: not granted");
    EXPECT_TRUE(run("!emit topic\nrecord").captured.emitted.empty());
  }
  void http_get() {
    grant_net();
    gives(cat("!fetch GET ", server_.url("/x?y=1")), "201 a \"b\" \\ c\nbody\nof lines");
    EXPECT_TRUE(server_.requests().back().starts_with("GET /x?y=1 HTTP/1.1\r\n")) << server_.requests().back();
    EXPECT_NE(server_.requests().back().find("\r\nx-suite: yes\r\n"), std::string::npos);
  }
  void http_post() {
    grant_net();
    gives(cat("!fetch POST ", server_.url("/"), "\n", every_byte()), "201 a \"b\" \\ c\nbody\nof lines");
    EXPECT_TRUE(server_.requests().back().ends_with("\r\n\r\n" + every_byte()));
  }
  void http_denied() {
    const std::size_t before = server_.connections();
    refuses(cat("!fetch GET ", server_.url("/")), cat("http.fetch: denied: not granted: GET ", server_.url("/")));
    EXPECT_EQ(server_.connections(), before);
  }
  void http_failed() {
    std::string closed;
    {
      const net::HttpServer gone([](net::HttpServer::Exchange&) {});
      closed = gone.url("/");
    }
    grants_.net = {{closed.substr(0, closed.size() - 1), {"*"}}};
    refuses(cat("!fetch GET ", closed), cat("http.fetch: ", sdk_.failed, ": net.connect"));
  }
  void secret() {
    grant_net();
    gives(cat("!secret KEY ", server_.url("/")), "201 a \"b\" \\ c\nbody\nof lines");
    EXPECT_NE(server_.requests().back().find("\r\nauthorization: Bearer correct-horse-battery-staple\r\n"),
              std::string::npos)
        << server_.requests().back();
  }
  void trap() {
    const Outcome outcome = run("!trap");
    EXPECT_EQ(reason(outcome), sdk_.trap);
    EXPECT_EQ(outcome.error->category, Category::kGuestFault);
    gives("still here", "still here");
  }
  void reset() {
    gives("!count", "1");
    gives("!count", "1");
  }
  void churn() {  // Go alone has it, and it is no case
    grants_.imports = {"kv"};
    gives("!churn 1000", "1000 true");
  }

  Limits limits_of_all_{};  ///< the default ones

  void TestBody() override {}

 private:
  const Sdk sdk_;
  const Guest guest_;
};

struct Case {
  std::string_view name;
  void (SdkCases::*run)();
};

constexpr std::array kCases = {
    Case{"empty", &SdkCases::empty},
    Case{"one_byte", &SdkCases::one_byte},
    Case{"bytes", &SdkCases::bytes},
    Case{"size_64k", &SdkCases::size_64k},
    Case{"size_1m", &SdkCases::size_1m},
    Case{"size_10m", &SdkCases::size_10m},
    Case{"large_output", &SdkCases::large_output},
    Case{"unicode", &SdkCases::unicode},
    Case{"error", &SdkCases::error},
    Case{"error_code", &SdkCases::error_code},
    Case{"error_text", &SdkCases::error_text},
    Case{"log", &SdkCases::log},
    Case{"kv", &SdkCases::kv},
    Case{"kv_missing", &SdkCases::kv_missing},
    Case{"kv_bytes", &SdkCases::kv_bytes},
    Case{"kv_denied", &SdkCases::kv_denied},
    Case{"emit", &SdkCases::emit},
    Case{"emit_denied", &SdkCases::emit_denied},
    Case{"http_get", &SdkCases::http_get},
    Case{"http_post", &SdkCases::http_post},
    Case{"http_denied", &SdkCases::http_denied},
    Case{"http_failed", &SdkCases::http_failed},
    Case{"secret", &SdkCases::secret},
    Case{"trap", &SdkCases::trap},
    Case{"reset", &SdkCases::reset},
};
static_assert(kCases.size() == 25);

void pass_all(SdkCases& cases) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.name);
    cases.begin();
    (cases.*one.run)();
  }
}

class SdkSuite : public SandboxTest, public ::testing::WithParamInterface<Sdk> {};

TEST_P(SdkSuite, PassesEveryCase) {
  SdkCases cases(GetParam(), bind("sdk/" + GetParam().name).value());
  pass_all(cases);
}

INSTANTIATE_TEST_SUITE_P(Built, SdkSuite, ::testing::ValuesIn(sdks()),
                         [](const auto& parameter) { return parameter.param.name; });

class SdkGo : public SandboxTest, public testing::WithParamInterface<std::string_view> {};

// In a component the host asks Go for room while Go may ask for nothing, and only Go may make its memory larger.
TEST_P(SdkGo, WhatComesFromTheHostOutlivesTheCollector) {
  SdkCases cases({std::string(GetParam()), kRuntime, "", ""}, bind("sdk/" + std::string(GetParam())).value());
  cases.limits_of_all_.fuel = std::nullopt;
  cases.begin();
  cases.churn();
}

INSTANTIATE_TEST_SUITE_P(Built, SdkGo, testing::Values("go", "go_component"),
                         [](const auto& tested) { return std::string(tested.param); });

/// The committed component of a language.
std::string unpacked(const std::string& language) {
  const std::string path = CAISSON_SOURCE_DIR "/guests/samples/built/sdk/" + language + ".wasm.zst";
  std::ostringstream packed;
  packed << std::ifstream(path, std::ios::binary).rdbuf();
  const std::string bytes = packed.str();
  std::string out(ZSTD_getFrameContentSize(bytes.data(), bytes.size()), '\0');
  EXPECT_EQ(ZSTD_decompress(out.data(), out.size(), bytes.data(), bytes.size()), out.size()) << path;
  return out;
}

/// A component with an interpreter in it: the committed one of the language, or the file that CAISSON_SDK_COMPONENT
/// names.
class SdkInterpreter : public SandboxTest, public testing::WithParamInterface<std::string_view> {};

TEST_P(SdkInterpreter, PassesEveryCase) {
  const char* const path = std::getenv("CAISSON_SDK_COMPONENT");  // NOLINT(concurrency-mt-unsafe): one thread
  const std::string component = path != nullptr ? shared().environment->read_file(path, kMostComponent).value()
                                                : unpacked(std::string(GetParam()));
  SdkCases cases({std::string(GetParam()), kRuntime, "sandbox.trap", "unknown"},
                 bind_large(component, *shared().environment).value());
  cases.limits_of_all_.fuel = std::nullopt;
  cases.limits_of_all_.memory_bytes = 512U << 20;
  cases.limits_of_all_.instances = 100;
  pass_all(cases);
}

INSTANTIATE_TEST_SUITE_P(Built, SdkInterpreter, testing::Values("python", "javascript"),
                         [](const auto& tested) { return std::string(tested.param); });

TEST(SdkPage, ListsTheCases) {
  const std::string path = std::string(CAISSON_SOURCE_DIR) + "/guests/sdk/README.md";
  std::ostringstream page;
  page << std::ifstream(path).rdbuf();
  for (const Case& one : kCases) {
    EXPECT_NE(page.str().find("\n| `" + std::string(one.name) + "` |"), std::string::npos) << one.name;
  }
}

}  // namespace
}  // namespace caisson::sandbox
