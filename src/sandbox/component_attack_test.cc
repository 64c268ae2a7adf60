// What hostile components try; the numbers are those of the attack cases.

#include "base/testing/campaign.h"
#include "sandbox/testing/component_fixture.h"

#include <atomic>
#include <random>
#include <thread>
#include <vector>

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;

std::string numbers(std::initializer_list<std::uint32_t> values) {
  std::string out;
  for (const std::uint32_t value : values) {
    for (unsigned shift = 0; shift < 32; shift += 8) {
      out.push_back(static_cast<char>(value >> shift));
    }
  }
  return out;
}

class ComponentAttack : public ComponentTest {
 protected:
  static std::string compile_reason(std::string_view name) {
    const auto module = shared().strict.get(engine::guest_module(name));
    return module ? "compiled" : module.error().reason;
  }
};

TEST_F(ComponentAttack, Sa016TwentyMemories) {
  const Guest guest = bind("wat/component_20_memories").value();
  const Outcome outcome = call(guest, "");
  EXPECT_EQ(reason(outcome), "sandbox.memory_limit");
  EXPECT_LE(outcome.usage.memory_bytes, limits_.memory_bytes);
  limits_.memory_bytes = 2ULL << 30;  // with the limit out of the way it gets what it asked for
  EXPECT_GE(call(guest, "").usage.memory_bytes, 10'000ULL << 16);
}

TEST_F(ComponentAttack, Sa034AsyncIsOff) {
  EXPECT_EQ(compile_reason("wat/component_async"), "engine.unsupported_feature");
}

TEST_F(ComponentAttack, Sa036TextsThatAreNone) {
  const Guest guest = bind("wat/component_strings").value();
  const auto log = [&](char encoding, std::uint32_t address, std::uint32_t size) {
    return call(guest, encoding + numbers({address, size}));
  };
  constexpr std::uint32_t kEnd = 4 << 16;
  EXPECT_EQ(log(0, 64, 4).captured.log.at(0).text, "h\xc3\xa9!");
  EXPECT_EQ(log(1, 128, 3).captured.log.at(0).text, "h\xc3\xa9!");
  EXPECT_EQ(log(2, 128, 0x8000'0003).captured.log.at(0).text, "h\xc3\xa9!");
  EXPECT_EQ(log(0, kEnd, 0).captured.log.at(0).text, "");
  struct Case {
    char encoding;
    std::uint32_t address;
    std::uint32_t size;
  };
  for (const Case& c : {
           Case{0, kEnd - 3, 4},            // over the end
           Case{0, kEnd + 1, 0},            // behind it
           Case{0, 0xffff'ffff, 1},         // wraps
           Case{0, 65, 1},                  // the middle of a letter
           Case{1, 129, 1},                 // misaligned
           Case{1, kEnd - 2, 2},            // over the end
           Case{1, 0, 0x8000'0000},         // twice its length wraps
           Case{1, 192, 1},                 // half of a surrogate pair
           Case{2, 129, 0x8000'0001},       // misaligned
           Case{2, 128, 0xffff'ffff},       // longer than anything
           Case{2, kEnd - 2, 0x8000'0002},  // over the end
       }) {
    SCOPED_TRACE(static_cast<int>(c.encoding));
    SCOPED_TRACE(c.address);
    const Outcome outcome = log(c.encoding, c.address, c.size);
    EXPECT_TRUE(reason(outcome) == "sandbox.trap" || reason(outcome) == "sandbox.output_limit") << reason(outcome);
    EXPECT_TRUE(outcome.captured.log.empty());
  }
}

TEST_F(ComponentAttack, Sa044And045StructureAndTypes) {
  EXPECT_EQ(compile_reason("wat/component_type_blowup"), "engine.malformed_module");
}

TEST_F(ComponentAttack, Sa052And053SleepsEndAtTheDeadline) {
  limits_.timeout = 50ms;
  for (const std::string_view text : {"!sleep 3600000000000", "!never", "!poll 3600000000000"}) {
    EXPECT_EQ(reason(command(text)), "sandbox.deadline") << text;
  }
  EXPECT_EQ(reason(command("!pollnone")), "sandbox.trap");  // would never end
}

TEST_F(ComponentAttack, Sa052AWaitEndsWhenTheCallIsCancelled) {
  std::jthread canceller([this] { stop_.request_stop(); });
  EXPECT_EQ(reason(command("!never")), "sandbox.cancelled");
}

TEST_F(ComponentAttack, Sa057LargeArgumentsAreNotCopied) {
  limits_.memory_bytes = 512ULL << 20;
  limits_.fuel = std::nullopt;
  const Outcome outcome = command("!biglog 134217728");
  EXPECT_EQ(reason(outcome), "sandbox.output_limit");
  EXPECT_TRUE(outcome.captured.log.empty());
}

TEST_F(ComponentAttack, Sa058ResourcesAreCapped) {
  EXPECT_EQ(command("!handles 9000").status, OutcomeStatus::kOk);
  const Outcome outcome = command("!handles 1000000");
  EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
  EXPECT_EQ(reason(outcome), "sandbox.handle_limit");
  EXPECT_EQ(outcome.violations.at(0).kind, ViolationKind::kMemoryLimit);
  limits_.fuel = std::nullopt;
  EXPECT_EQ(command("!drops 100000").status, OutcomeStatus::kOk);  // what is dropped does not count
}

TEST_F(ComponentAttack, Sa059RandomBytesHaveALimit) {
  limits_.memory_bytes = 2ULL << 30;
  for (const std::string_view text : {"!random 1073741824", "!random 18446744073709551615", "!insecure 1073741824"}) {
    const Outcome outcome = command(text);
    EXPECT_EQ(reason(outcome), "sandbox.random_limit") << text;
    EXPECT_EQ(outcome.usage.random_bytes, 0U);
  }
}

TEST_F(ComponentAttack, ResultsThatBreakTheRulesAreTraps) {
  const Guest guest = bind("wat/component_answer").value();
  constexpr std::uint32_t kEnd = 2 << 16;
  EXPECT_EQ(call(guest, numbers({0, 1024, 8}) + std::string(1, '\0')).output.size(), 8U);
  EXPECT_EQ(call(guest, numbers({1, kEnd - 4, 4, 404})).error->reason, "sandbox.guest_error");
  EXPECT_EQ(reason(call(guest, numbers({0, kEnd - 4, 5, 0}))), "sandbox.trap");
  EXPECT_EQ(reason(call(guest, numbers({0, 0xffff'fff0, 0x20, 0}))), "sandbox.trap");
  EXPECT_EQ(reason(call(guest, numbers({0, 0, 0xffff'ffff, 0}))), "sandbox.trap");
  EXPECT_EQ(reason(call(guest, numbers({2, 0, 0, 0}))), "sandbox.trap");
  EXPECT_EQ(reason(call(guest, numbers({1, 0xffff'ffff, 1, 0}))), "sandbox.trap");
  const Outcome realloc = call(bind("wat/component_realloc").value(), "a longer input");
  EXPECT_EQ(reason(realloc), "sandbox.trap") << realloc.error->message;
}

TEST_F(ComponentAttack, AnyAnswerIsAnOutcome) {
  const Guest guest = bind("wat/component_answer").value();
  std::mt19937 random(1);
  const auto rounds = base::testing::campaign("component_answers");
  for (std::int64_t round = 0; round < rounds; ++round) {
    std::string answer(16, '\0');
    for (char& byte : answer) {
      byte = random() % 2 == 0 ? '\0' : static_cast<char>(random());
    }
    const Outcome outcome = call(guest, answer);
    EXPECT_TRUE(outcome.status == OutcomeStatus::kOk || outcome.status == OutcomeStatus::kGuestError ||
                reason(outcome) == "sandbox.trap" || reason(outcome) == "sandbox.output_limit")
        << reason(outcome);
  }
}

TEST_F(ComponentAttack, ManyThreadsShareOneComponent) {
  std::vector<std::jthread> threads;
  std::atomic<int> wrong{0};
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        const std::string input = "thread input " + std::to_string(round);
        wrong += echo(input).output.bytes() == input ? 0 : 1;
      }
    });
  }
  threads.clear();
  EXPECT_EQ(wrong, 0);
}

}  // namespace
}  // namespace caisson::sandbox
