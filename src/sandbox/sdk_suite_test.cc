// The suite that every SDK passes (guests/sdk): 25 cases, the same guest written in each language.

#include "sandbox/testing/http_fixture.h"

#include <array>
#include <fstream>
#include <sstream>
#include <vector>

namespace caisson::sandbox {
namespace {

/// A built guest of the suite, and in what it cannot be like the others.
struct Sdk {
  std::string_view name;                   ///< guests/samples/built/sdk/NAME.wasm
  Grants needs{};                          ///< what its language's runtime cannot do without
  std::string_view trap = "sandbox.trap";  ///< the reason of a call that its language gives up
  std::string_view failed = "failed";      ///< what the world of components makes of status 6
  Limits limits{};                         ///< the default ones, unless it is an interpreter
};

Limits interpreter() {
  Limits limits;
  limits.fuel = std::nullopt;
  limits.memory_bytes = 256U << 20;
  return limits;
}

std::vector<Sdk> sdks() {
  const Grants wasi{.wasi = true};
  const Grants runtime{.wasi = true, .clock = ClockMode::kReal, .random = RandomMode::kReal};
  return {
      {.name = "c"},
      {.name = "rust"},
      {.name = "go", .needs = runtime, .trap = "sandbox.exit_code"},
      {.name = "assemblyscript"},
      {.name = "c_component", .failed = "unknown"},
      {.name = "rust_component", .needs = wasi, .failed = "unknown"},
      {.name = "javascript_component", .needs = runtime, .failed = "unknown", .limits = interpreter()},
  };
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

class SdkSuite : public HttpTest, public ::testing::WithParamInterface<Sdk> {
 public:
  SdkSuite() : guest_(bind(cat("sdk/", GetParam().name)).value()) {
    values_.set("KEY", "correct-horse-battery-staple", server_.url(""));
    handler_ = [](net::HttpServer::Exchange& exchange) {
      exchange.answer("201 Created", "X-Answer: a \"b\" \\ c\r\n", "body\nof lines");
    };
  }

  /// Nothing granted but what the language's runtime cannot do without, and no key kept.
  void begin() {
    policy_ = {.limits = GetParam().limits, .grants = GetParam().needs};
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
    refuses(cat("!fetch GET ", closed), cat("http.fetch: ", GetParam().failed, ": net.connect"));
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
    EXPECT_EQ(reason(outcome), GetParam().trap);
    EXPECT_EQ(outcome.error->category, Category::kGuestFault);
    gives("still here", "still here");
  }
  void reset() {
    gives("!count", "1");
    gives("!count", "1");
  }

 private:
  const Guest guest_;
};

struct Case {
  std::string_view name;
  void (SdkSuite::*run)();
};

constexpr std::array kCases = {
    Case{"empty", &SdkSuite::empty},
    Case{"one_byte", &SdkSuite::one_byte},
    Case{"bytes", &SdkSuite::bytes},
    Case{"size_64k", &SdkSuite::size_64k},
    Case{"size_1m", &SdkSuite::size_1m},
    Case{"size_10m", &SdkSuite::size_10m},
    Case{"large_output", &SdkSuite::large_output},
    Case{"unicode", &SdkSuite::unicode},
    Case{"error", &SdkSuite::error},
    Case{"error_code", &SdkSuite::error_code},
    Case{"error_text", &SdkSuite::error_text},
    Case{"log", &SdkSuite::log},
    Case{"kv", &SdkSuite::kv},
    Case{"kv_missing", &SdkSuite::kv_missing},
    Case{"kv_bytes", &SdkSuite::kv_bytes},
    Case{"kv_denied", &SdkSuite::kv_denied},
    Case{"emit", &SdkSuite::emit},
    Case{"emit_denied", &SdkSuite::emit_denied},
    Case{"http_get", &SdkSuite::http_get},
    Case{"http_post", &SdkSuite::http_post},
    Case{"http_denied", &SdkSuite::http_denied},
    Case{"http_failed", &SdkSuite::http_failed},
    Case{"secret", &SdkSuite::secret},
    Case{"trap", &SdkSuite::trap},
    Case{"reset", &SdkSuite::reset},
};
static_assert(kCases.size() == 25);

TEST_P(SdkSuite, PassesEveryCase) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.name);
    begin();
    (this->*one.run)();
  }
}

INSTANTIATE_TEST_SUITE_P(Built, SdkSuite, ::testing::ValuesIn(sdks()),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

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
