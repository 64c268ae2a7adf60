// Secrets: filled in by the host, bound to hosts, never seen by the guest (SA-194 to SA-198).

#include "base/encoding.h"
#include "sandbox/testing/http_fixture.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

namespace caisson::sandbox {
namespace {

enum : unsigned { kOk = 0, kDenied = 2, kInvalid = 3, kFailed = 6 };

constexpr std::string_view kValue = "correct-horse-battery-staple";

class HttpSecrets : public HttpTest {
 protected:
  HttpSecrets() { values_.set("KEY", std::string(kValue), server_.url("")); }

  std::string head(std::string_view header, std::string_view path = "/") const {
    return cat(R"({"url":")", server_.url(path), R"(","headers":{"Authorization":)", header, "}}");
  }
};

TEST_F(HttpSecrets, AreFilledInByTheHost) {
  EXPECT_EQ(fetch(head(R"({"secret":"KEY","prefix":"Bearer "})")).status, kOk);
  EXPECT_NE(server_.requests().at(0).find(cat("\r\nAuthorization: Bearer ", kValue, "\r\n")), std::string::npos);
  EXPECT_EQ(fetch(head(R"({"secret":"KEY"})")).status, kOk);
  EXPECT_NE(server_.requests().at(1).find(cat("\r\nAuthorization: ", kValue, "\r\n")), std::string::npos);
  EXPECT_EQ(fetch(head(R"({"secret":"KEY","user":"me"})")).status, kOk);
  EXPECT_NE(server_.requests().at(2).find(cat("\r\nAuthorization: Basic ", base::base64(cat("me:", kValue)), "\r\n")),
            std::string::npos);
}

TEST_F(HttpSecrets, AreNoTextOfTheGuest) {
  for (const char* text : {R"("Bearer {{secret:KEY}}")", R"("${KEY}")", R"("[secret KEY]")"}) {
    EXPECT_EQ(fetch(head(text)).status, kOk);
    EXPECT_EQ(server_.requests().back().find(kValue), std::string::npos) << text;
  }
  EXPECT_EQ(values_.reads, 0);
}

TEST_F(HttpSecrets, AreGrantedByName) {
  grants_.secrets = {"OTHER"};
  const Fetched fetched = fetch(head(R"({"secret":"KEY"})"));
  EXPECT_EQ(fetched.status, kDenied);
  EXPECT_EQ(violations(fetched.outcome),
            "capability medium Capability not granted: the secret KEY; `grants: {secrets: [KEY]}` would allow it\n");
  EXPECT_EQ(fetched.result, "not granted: the secret KEY; `grants: {secrets: [KEY]}` would allow it");
  EXPECT_EQ(fetch(head(R"({"secret":"OTHER"})")).status, kDenied) << "nobody configured it";
  EXPECT_EQ(fetch(head(R"({"secret":"K\u001bEY"})")).status, kDenied);
  EXPECT_EQ(server_.connections(), 0U);
  EXPECT_EQ(values_.reads, 0);
}

// SA-195
TEST_F(HttpSecrets, AreBoundToHosts) {
  net::HttpServer other([](net::HttpServer::Exchange& exchange) { exchange.answer("200 OK", "", ""); });
  grants_.net.push_back({other.url(""), {"*"}});
  const Fetched fetched = fetch(cat(R"({"url":")", other.url("/"), R"(","headers":{"x":{"secret":"KEY"}}})"));
  EXPECT_EQ(fetched.status, kDenied);
  EXPECT_EQ(other.connections(), 0U);
  EXPECT_EQ(values_.reads, 0) << "not even looked at";
  EXPECT_EQ(violations(fetched.outcome),
            cat("capability high Capability not granted: the secret KEY for ", other.url(""),
                "; `[secrets.KEY] hosts = [\"", other.url(""), "\"]` would allow it\n"));
}

// SA-194: what the server sends back.
TEST_F(HttpSecrets, AreReplacedInAnswers) {
  handler_ = [](net::HttpServer::Exchange& exchange) {
    const std::string& request = exchange.request();
    const std::size_t begin = request.find("Authorization: ") + 15;
    const std::string value = request.substr(begin, request.find("\r\n", begin) - begin);
    exchange.answer(
        "200 OK", "X-Echo: <" + value + ">\r\nX-" + value + ": 1\r\n",
        request + base::base64(value) + "|" + base::base64("x" + value) + "|" + base::base64("xy" + value + "z"));
  };
  for (const char* header :
       {R"({"secret":"KEY"})", R"({"secret":"KEY","prefix":"Bearer "})", R"({"secret":"KEY","user":"me"})"}) {
    const Fetched fetched = fetch(head(header));
    EXPECT_EQ(fetched.status, kOk);
    EXPECT_EQ(fetched.result.find(kValue), std::string::npos) << fetched.result;
    EXPECT_EQ(fetched.result.find("horse"), std::string::npos);
    for (const std::string& prefix : {std::string(), std::string("x"), std::string("xy"), std::string("me:")}) {
      const std::string encoded = base::base64(prefix + std::string(kValue));
      EXPECT_EQ(fetched.result.find(encoded.substr(4, 30)), std::string::npos) << prefix;
    }
    EXPECT_NE(fetched.result.find("[secret KEY]"), std::string::npos);
  }
}

TEST_F(HttpSecrets, APackedAnswerIsNoneSinceItCannotBeLookedInto) {
  handler_ = [](net::HttpServer::Exchange& exchange) { exchange.answer("200 OK", "Content-Encoding: gzip\r\n", "x"); };
  EXPECT_EQ(fetch(head(R"({"secret":"KEY"})")).result, "net.bad_answer");
  EXPECT_EQ(fetch(head(R"("plain")")).status, kOk);
  EXPECT_EQ(
      fetch(cat(R"({"url":")", server_.url("/"), R"(","headers":{"range":"bytes=0-3","x":{"secret":"KEY"}}})")).status,
      kInvalid)
      << "nor pieces of it";
}

// SA-194: what the guest writes, should it ever get hold of the value.
TEST_F(HttpSecrets, AreReplacedInEverythingACallLeavesBehind) {
  const std::string use = script(head(R"({"secret":"KEY"})"));
  const std::string log = cat("text @80000 log ", kValue, "\ncall log 2 @80000 ", 4 + kValue.size(), "\n");
  const Outcome outcome = probe(cat(use, log, "say out ", kValue, "\nsay ", base::base64(std::string(kValue)), "\n"));
  EXPECT_EQ(outcome.output.bytes().find(kValue), std::string::npos) << outcome.output.bytes();
  EXPECT_NE(outcome.output.bytes().find("out [secret KEY]\n[secret KEY]"), std::string::npos) << outcome.output.bytes();
  ASSERT_EQ(outcome.captured.log.size(), 1U);
  EXPECT_EQ(outcome.captured.log[0].text, "log [secret KEY]");
  // A value that the call did not use is not looked for: nobody is told that the guess was right.
  EXPECT_NE(probe(cat("say ", kValue, "\n")).output.bytes().find(kValue), std::string::npos);
}

TEST_F(HttpSecrets, AreReplacedInWhatIsToldWhileTheGuestRuns) {
  class Listener final : public CallListener {
   public:
    void on_log(const LogLine& line) noexcept override { told += line.text + "\n"; }
    void on_record(const EmittedRecord& record) noexcept override { told += record.topic + ": " + record.bytes + "\n"; }
    std::string told;
  } listener;
  listener_ = &listener;
  const std::string log = cat("text @80000 ", kValue, "\ncall log 2 @80000 ", kValue.size(), "\n");
  EXPECT_EQ(reason(probe(cat(script(head(R"({"secret":"KEY"})")), log))), "");
  EXPECT_EQ(listener.told, "[secret KEY]\n");
  EXPECT_EQ(reason(probe(log)), "");
  EXPECT_EQ(listener.told, cat("[secret KEY]\n", kValue, "\n")) << "a call that has not used it does not know it";
}

// SA-196
TEST_F(HttpSecrets, AreInNoError) {
  values_.set("KEY", "bad\nvalue-of-a-secret", server_.url(""));
  const Fetched bad = fetch(head(R"({"secret":"KEY"})"));
  EXPECT_EQ(bad.status, kInvalid);
  EXPECT_EQ((bad.result + violations(bad.outcome)).find("value-of"), std::string::npos);
  values_.set("KEY", "", server_.url(""));
  const Fetched unreadable = fetch(head(R"({"secret":"KEY"})"));
  EXPECT_EQ(unreadable.status, kFailed);
  EXPECT_EQ(unreadable.result, "sandbox.secret_unavailable");
  EXPECT_EQ(observer_.count("sandbox.secret_unavailable"), 1U) << "an operator is told";
  EXPECT_EQ(server_.connections(), 0U);
  for (const std::string& event : observer_.events()) {
    EXPECT_EQ(event.find("value-of"), std::string::npos) << event;
  }
}

/// A value that this program does not hold itself: each byte of it is another one here.
class HiddenSecret final : public Secrets {
 public:
  [[nodiscard]] bool is_bound_to(std::string_view /*name*/, const net::Url& /*url*/) const override { return true; }
  [[nodiscard]] Result<std::string> read(std::string_view /*name*/, const net::Patience& /*patience*/) const override {
    return plain();
  }
  static std::string plain() {
    std::string out(kHidden.size(), ' ');
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i] = static_cast<char>(kHidden[i] ^ kMask);
    }
    return out;
  }
  /// How often the value is in writable memory of this process.
  static int copies() {
    int out = 0;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
      std::istringstream fields(line);
      std::string range, mode, offset, device, inode, name;
      fields >> range >> mode >> offset >> device >> inode >> name;
      if (!mode.starts_with("rw") || !(name.empty() || name == "[heap]" || name == "[stack]")) {
        continue;
      }
      const std::uintptr_t begin = std::strtoull(range.c_str(), nullptr, 16);
      const std::uintptr_t end = std::strtoull(range.c_str() + range.find('-') + 1, nullptr, 16);
      out += end - begin > kMostRegion ? 0 : copies_in(reinterpret_cast<const char*>(begin), end - begin);
    }
    return out;
  }

 private:
  static constexpr char kMask = 0x15;
  static constexpr std::string_view kHidden = "vzggpva8z}fgp8wtaapgl8fatzyp7&*#";
  static constexpr std::size_t kMostRegion = 128U << 20;

  static int copies_in(const char* bytes, std::size_t size) {
    int out = 0;
    const char* const end = bytes + size;
    const auto next = [&](const char* from) {
      return static_cast<const char*>(std::memchr(from, kHidden[0] ^ kMask, static_cast<std::size_t>(end - from)));
    };
    for (const char* at = next(bytes); at != nullptr && at + kHidden.size() <= end; at = next(at + 1)) {
      std::size_t same = 1;
      while (same < kHidden.size() && at[same] == static_cast<char>(kHidden[same] ^ kMask)) {
        ++same;
      }
      out += same == kHidden.size() ? 1 : 0;
    }
    return out;
  }
};

/// Takes a request and keeps nothing of it: what libcurl does with it is libcurl's.
class ForgetfulClient final : public net::HttpClient {
 public:
  class Session final : public net::HttpSession {
   public:
    explicit Session(int& seen) : seen_(seen) {}
    Result<net::HttpResponse> fetch(const net::HttpRequest& request, const net::HttpAllowance& /*allowed*/) override {
      seen_ = HiddenSecret::copies();
      EXPECT_EQ(request.headers.size(), 1U);
      return net::HttpResponse{.status = 200, .headers = {}, .body = "x", .address = {}};
    }
    [[nodiscard]] net::Traffic traffic() const noexcept override { return {}; }

   private:
    int& seen_;
  };
  [[nodiscard]] std::unique_ptr<net::HttpSession> open(std::uint32_t /*most*/) const override {
    return std::make_unique<Session>(seen);
  }
  mutable int seen = 0;
};

// SA-198
TEST_F(HttpSecrets, LeaveNothingBehindInOurMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer keeps what is freed, and its own memory cannot be read";
#endif
  static const HiddenSecret hidden;
  static const ForgetfulClient client;
  secrets_ = &hidden;
  http_ = &client;
  for (const char* header :
       {R"({"secret":"KEY"})", R"({"secret":"KEY","prefix":"Bearer "})", R"({"secret":"KEY","user":"somebody"})"}) {
    EXPECT_EQ(fetch(head(header)).status, kOk);
    EXPECT_GT(client.seen, 0) << "while it is used it is there, and is found";
    EXPECT_EQ(HiddenSecret::copies(), 0) << header;
  }
}

}  // namespace
}  // namespace caisson::sandbox
