// Components through the executor: what a call gives, what it is granted, and where each limit ends it.

#include "sandbox/testing/component_fixture.h"

#include <algorithm>

namespace caisson::sandbox {
namespace {

using namespace std::chrono_literals;

TEST_F(ComponentTest, BytesGoInAndOut) {
  EXPECT_EQ(output("hello"), "hello");
  EXPECT_EQ(output(""), "");
  const std::string every = [] {
    std::string out;
    for (int byte = 0; byte < 256; ++byte) {
      out.push_back(static_cast<char>(byte));
    }
    return out;
  }();
  EXPECT_EQ(output(every), every);
  const std::string large(1 << 20, 'x');
  EXPECT_EQ(output(large), large);
  const Outcome outcome = echo(large);
  EXPECT_EQ(outcome.output.bytes(), large);
  EXPECT_EQ(outcome.usage.output_bytes, large.size());
  EXPECT_EQ(outcome.usage.host_calls, 0U);
}

TEST_F(ComponentTest, IsBoundByTheInterfaceItExports) {
  const Guest probe = bind("node_probe").value();
  EXPECT_EQ(probe.abi, GuestAbi::kNode);
  EXPECT_EQ(probe.entry, "caisson:node/processor@1.0.0#process");
  EXPECT_EQ(to_string(probe.abi), "caisson:node");
  EXPECT_EQ(bind("wat/component_dagwood").value().abi, GuestAbi::kDagwood);
  EXPECT_EQ(bind("hello_component").value().abi, GuestAbi::kCommand);
  EXPECT_EQ(bind("wat/component_echo", "process").error().reason, "sandbox.unsupported_abi");
}

TEST_F(ComponentTest, TheWrongWorldIsNamedWithWhatIsExpected) {
  const Error wrong = bind("wat/component_wrong_world").error();
  EXPECT_EQ(wrong.reason, "sandbox.missing_export");
  EXPECT_NE(wrong.message.find("it exports double"), std::string::npos) << wrong.message;
  EXPECT_NE(wrong.message.find("caisson:node/processor@1"), std::string::npos) << wrong.message;
  const Error empty = bind("wat/component_empty").error();
  EXPECT_NE(empty.message.find("it exports nothing"), std::string::npos) << empty.message;
  const Error type = bind("wat/component_wrong_type").error();
  EXPECT_EQ(type.reason, "sandbox.bad_signature");
  EXPECT_NE(type.message.find("as func(value: u32) -> u32, the world caisson:node wants func(input: list<u8>) -> "
                              "result<list<u8>, record { message: string, code: u16 }>"),
            std::string::npos)
      << type.message;
  const Error import = bind("wat/component_wrong_import").error();
  EXPECT_EQ(import.reason, "sandbox.bad_signature") << import.message;
  const Error unknown = bind("wat/component_unknown_import").error();
  EXPECT_EQ(unknown.reason, "sandbox.import_denied");
  EXPECT_NE(unknown.message.find("wasi:sockets/network@0.2.0::open"), std::string::npos) << unknown.message;
}

TEST_F(ComponentTest, ItsOwnErrorsArriveWithTextAndCode) {
  const Outcome failed = command("!fail this is no good");
  EXPECT_EQ(failed.status, OutcomeStatus::kGuestError);
  EXPECT_EQ(failed.error->message, "the guest reports: this is no good (code 400)");
  const Guest dagwood = bind("wat/component_dagwood").value();
  EXPECT_EQ(call(dagwood, "anything").output.bytes(), "anything");
  EXPECT_EQ(call(dagwood, "i am wrong").error->message, "the guest reports: i am wrong (code 400)");
  EXPECT_EQ(call(dagwood, "failed").error->message, "the guest reports: failed (code 500)");
  EXPECT_EQ(call(dagwood, "large").error->message, "the guest reports: input too large: 5000000000 (code 413)");
}

TEST_F(ComponentTest, AProgramIsRunLikeOneOfPreviewOne) {
  const Guest hello = bind("hello_component").value();
  const Guest module = bind("wasi_hello").value();
  grants_.env = {{.name = "USER", .value = "ada"}};
  grants_.random = RandomMode::kReal;
  const Outcome component = call(hello, "");
  ASSERT_EQ(component.status, OutcomeStatus::kOk) << component.error->message;
  EXPECT_FALSE(component.output.empty());
  EXPECT_EQ(component.captured.standard_output, "");
  const auto first_line = [](const Outcome& outcome) {
    return outcome.output.bytes().substr(0, outcome.output.bytes().find('\n'));
  };
  EXPECT_EQ(first_line(component), first_line(call(module, "")));
}

TEST_F(ComponentTest, AnInterfaceThatIsNotGrantedIsRefusedBeforeTheRun) {
  grants_ = {};
  const Outcome all = command("x");
  EXPECT_EQ(all.status, OutcomeStatus::kDenied);
  EXPECT_EQ(all.call, 0U);
  EXPECT_NE(all.error->message.find("needs `grants: {"), std::string::npos) << all.error->message;
  grants_.wasi = true;
  grants_.random = RandomMode::kReal;
  grants_.imports = {"kv"};
  const Outcome clock = command("x");
  EXPECT_EQ(clock.status, OutcomeStatus::kDenied);
  EXPECT_NE(clock.error->message.find("wasi:clocks/monotonic-clock@0.2."), std::string::npos) << clock.error->message;
  EXPECT_NE(clock.error->message.find("needs `grants: {clock: true}`"), std::string::npos);
  EXPECT_EQ(clock.error->message.find("wasi:random"), std::string::npos);
  grants_.clock = ClockMode::kReal;
  EXPECT_EQ(command("x").status, OutcomeStatus::kOk);
  grants_.random = RandomMode::kDenied;
  EXPECT_EQ(command("x").status, OutcomeStatus::kDenied);
  grants_ = {};
  EXPECT_EQ(echo("x").status, OutcomeStatus::kOk);
}

TEST_F(ComponentTest, TheLogNeedsNoGrantAndHasItsLimit) {
  const Outcome logged = command("!log look here");
  ASSERT_EQ(logged.captured.log.size(), 1U);
  EXPECT_EQ(logged.captured.log[0], (LogLine{3, "look here"}));
  limits_.log_bytes = 1000;
  const Outcome flooded = command("!calls 1000");
  EXPECT_EQ(flooded.status, OutcomeStatus::kOk);
  EXPECT_EQ(flooded.captured.log.size(), 15U);
  EXPECT_EQ(flooded.captured.log_lines_dropped, 985U);
  grants_ = {};
  const Guest strings = bind("wat/component_strings").value();
  EXPECT_EQ(call(strings, std::string("\0\x40\0\0\0\4\0\0\0", 9)).captured.log.at(0).text, "h\xc3\xa9!");
}

TEST_F(ComponentTest, OperationsAreThoseOfModules) {
  EXPECT_EQ(output("!call kv.set {\"key\":\"a\"}\nvalue"), "");
  EXPECT_EQ(output("!call kv.get {\"key\":\"a\"}"), "value");
  EXPECT_EQ(output("!call kv.get {\"key\":\"b\"}"), "sandbox.guest_error: the guest reports: not-found  (code 400)");
  const Outcome emitted = command("!call emit {\"topic\":\"t\"}\nbytes");
  EXPECT_EQ(emitted.captured.emitted, (std::vector<EmittedRecord>{{"t", "bytes"}}));
  EXPECT_NE(output("!call clock.now ").find("\"unix_ns\":"), std::string::npos);
  EXPECT_EQ(output("!call random.bytes {\"count\":5}").size(), 5U);
  EXPECT_NE(output("!call nonsense ").find("unknown"), std::string::npos);
  EXPECT_NE(output("!call kv.get {}").find("invalid the head has no text 'key'"), std::string::npos);
  grants_.imports = {"emit"};
  const Outcome denied = command("!call kv.get {\"key\":\"a\"}");
  EXPECT_NE(denied.error->message.find("denied"), std::string::npos);
  ASSERT_EQ(denied.violations.size(), 1U);
  EXPECT_EQ(denied.violations[0].kind, ViolationKind::kCapability);
}

TEST_F(ComponentTest, StreamsArgumentsAndEnvironment) {
  const Outcome printed = command("!print some words");
  EXPECT_EQ(printed.output.bytes(), "done");
  EXPECT_EQ(printed.captured.standard_output, "some words");
  EXPECT_EQ(command("!error some words").captured.standard_error, "some words");
  EXPECT_EQ(output("!stdin"), "");
  EXPECT_EQ(output("!args"), "node");
  EXPECT_EQ(output("!env"), "");
  grants_.args = {"one", "two"};
  grants_.env = {{.name = "A", .value = "1=1"}, {.name = "B", .value = ""}};
  grants_.stdin_is_input = true;
  EXPECT_EQ(output("!args"), "node,one,two");
  EXPECT_EQ(output("!env"), "A=1=1,B=");
  EXPECT_EQ(output("!stdin"), "!stdin");
  const Outcome spliced = command("!splice 4");
  EXPECT_EQ(spliced.output.bytes(), "4");
  EXPECT_EQ(spliced.captured.standard_output, "!spl");
  EXPECT_EQ(command("!zeroes 5").captured.standard_output, std::string(5, '\0'));
  EXPECT_EQ(reason(command("!zeroes 18446744073709551615")), "sandbox.trap");
  EXPECT_EQ(output("!files /etc/passwd"), "No such file or directory (os error 44)");
}

TEST_F(ComponentTest, OutputEndsAtItsLimits) {
  limits_.stdout_bytes = 10'000;
  const Outcome flood = command("!flood");
  EXPECT_EQ(reason(flood), "sandbox.output_limit");
  EXPECT_EQ(flood.captured.standard_output.size(), 10'000U);
  EXPECT_EQ(flood.violations.at(0).kind, ViolationKind::kOutputLimit);
  limits_.output_bytes = 1000;
  EXPECT_EQ(command("!big 1000").status, OutcomeStatus::kOk);
  EXPECT_EQ(reason(command("!big 1001")), "sandbox.output_limit");
  limits_.log_bytes = limits_.emit_bytes = limits_.kv_bytes = limits_.stderr_bytes = 1000;
  const Outcome huge = command("!big 200000");  // more than anything may have: it is not even copied
  EXPECT_EQ(reason(huge), "sandbox.output_limit");
  EXPECT_EQ(reason(command("!biglog 200000")), "sandbox.output_limit");
  EXPECT_TRUE(command("!biglog 200000").captured.log.empty());
}

TEST_F(ComponentTest, ExitAndPanic) {
  const Outcome one = command("!exit 7");  // WASI 0.2 knows success and failure
  EXPECT_EQ(reason(one), "sandbox.exit_code");
  EXPECT_EQ(one.exit_code, 1);
  EXPECT_EQ(reason(command("!exit 0")), "sandbox.exit_code");  // it gave no result
  const Outcome panic = command("!panic oh no");
  EXPECT_EQ(panic.status, OutcomeStatus::kTrap);
  EXPECT_NE(panic.error->message.find("unreachable code reached"), std::string::npos) << panic.error->message;
  EXPECT_NE(panic.error->message.find("oh no"), std::string::npos) << panic.error->message;
}

TEST_F(ComponentTest, ClocksAreThoseOfThePolicy) {
  EXPECT_EQ(output("!resolution"), "1");
  grants_.clock = ClockMode::kCoarse;
  EXPECT_EQ(output("!resolution"), "1000000");
  EXPECT_NE(output("!now").find("000000 "), std::string::npos);
  grants_.clock = ClockMode::kVirtual;
  EXPECT_EQ(output("!resolution"), "1000");
  const std::string first = output("!now");
  EXPECT_TRUE(first.starts_with("946684800.")) << first;
  EXPECT_EQ(output("!now"), first);
  // A virtual clock jumps: an hour and an eternity pass at once.
  EXPECT_EQ(output("!sleep 3600000000000"), "done");
  EXPECT_EQ(output("!never"), "done");
  EXPECT_EQ(output("!poll 1000000"), "[1]");
  EXPECT_EQ(output("!ready 1000000000"), "false");
  EXPECT_EQ(output("!ready 0"), "true");
}

TEST_F(ComponentTest, RandomNumbersAreThoseOfThePolicy) {
  EXPECT_NE(output("!number"), output("!number"));
  grants_.random = RandomMode::kSeeded;
  grants_.random_seed = 7;
  const std::string first = output("!random 16");
  EXPECT_EQ(output("!random 16"), first);
  EXPECT_EQ(output("!insecure 16"), first);
  EXPECT_EQ(output("!seed"), output("!seed"));
  grants_.random_seed = 8;
  EXPECT_NE(output("!random 16"), first);
  EXPECT_EQ(command("!random 100").usage.random_bytes, 100U);
}

TEST_F(ComponentTest, EveryCallOfTheHostIsCountedChargedAndLimited) {
  const Outcome counted = command("!calls 50");
  const auto& by_name = counted.usage.host_calls_by_name;
  const auto log = std::ranges::find(by_name, "log", &std::pair<std::string_view, std::uint64_t>::first);
  ASSERT_NE(log, by_name.end());
  EXPECT_EQ(log->second, 50U);
  EXPECT_GE(counted.usage.fuel, 50U * 100U);
  limits_.host_calls = 40;
  const Outcome limited = command("!calls 50");
  EXPECT_EQ(reason(limited), "sandbox.host_call_limit");
  EXPECT_EQ(limited.captured.log.size(), 40U);
  limits_.host_calls = 10'000'000;
  limits_.fuel = counted.usage.fuel - 1'000;
  const Outcome out_of_fuel = command("!calls 50");
  EXPECT_EQ(reason(out_of_fuel), "sandbox.out_of_fuel");
  EXPECT_LE(out_of_fuel.usage.fuel, *limits_.fuel);
}

TEST_F(ComponentTest, FuelStackAndCancellation) {
  limits_.fuel = 1'000'000;
  const Outcome spun = command("!loop");
  EXPECT_EQ(reason(spun), "sandbox.out_of_fuel");
  EXPECT_GE(spun.usage.fuel, 999'000U);
  limits_.fuel = std::nullopt;
  EXPECT_EQ(reason(command("!recurse 10000000")), "sandbox.trap");  // of the guest's own stack in its memory
  stop_.request_stop();
  EXPECT_EQ(reason(command("!loop")), "sandbox.cancelled");
}

TEST_F(ComponentTest, DeadlineEndsWhatRunsAndWhatWaits) {
  limits_.fuel = std::nullopt;
  limits_.timeout = 100ms;
  for (const std::string_view text : {"!loop", "!sleep 3600000000000", "!never", "!until 3600000000000"}) {
    SCOPED_TRACE(text);
    const Outcome outcome = command(text);
    EXPECT_EQ(outcome.status, OutcomeStatus::kLimit);
    EXPECT_EQ(reason(outcome), "sandbox.deadline");
    EXPECT_GE(outcome.usage.wall, 100ms);
    EXPECT_LT(outcome.usage.wall, 100ms + kSlack);
  }
  limits_.idle = 10ms;
  EXPECT_EQ(reason(command("!never")), "sandbox.idle");
}

TEST_F(ComponentTest, MemoryIsCountedOverAllMemories) {
  const Guest two = bind("wat/component_two_memories").value();
  limits_.memory_bytes = 72ULL << 16;  // 16 and 16 pages, and 20 more each
  const Outcome met = call(two, std::string(1, '\x14'));
  EXPECT_EQ(met.status, OutcomeStatus::kOk) << met.error->message;
  EXPECT_EQ(met.usage.memory_bytes, limits_.memory_bytes);
  EXPECT_EQ(met.usage.memory_over_baseline_bytes, 40ULL << 16);
  limits_.memory_bytes -= 1;
  const Outcome missed = call(two, std::string(1, '\x14'));
  EXPECT_EQ(reason(missed), "sandbox.memory_limit");
  EXPECT_EQ(missed.usage.memory_bytes, 52ULL << 16);
  EXPECT_EQ(missed.violations.at(0).kind, ViolationKind::kMemoryLimit);
  limits_.memory_bytes = 20ULL << 16;
  const Outcome begun = call(two, "x");
  EXPECT_EQ(reason(begun), "sandbox.memory_limit");
  EXPECT_EQ(begun.usage.memory_bytes, 16ULL << 16);
}

TEST_F(ComponentTest, InstancesAndTablesAreLimited) {
  limits_.instances = 1;
  const Outcome two = call(bind("wat/component_two_memories").value(), "x");
  EXPECT_EQ(reason(two), "sandbox.instance_limit") << two.error->message;
  EXPECT_EQ(echo("x").status, OutcomeStatus::kOk);
  limits_.instances = 32;
  limits_.table_elements = 1;
  EXPECT_EQ(reason(command("x")), "sandbox.table_limit");
}

TEST_F(ComponentTest, NothingStaysFromOneCallToTheNext) {
  EXPECT_EQ(command("!print a").captured.standard_output, "a");
  EXPECT_EQ(command("!print b").captured.standard_output, "b");
  const Outcome first = command("!grow 4");
  const Outcome second = command("!grow 4");
  EXPECT_EQ(first.usage.memory_bytes, second.usage.memory_bytes);
  EXPECT_EQ(first.usage.fuel, second.usage.fuel);
}

TEST_F(ComponentTest, EventsAndCallsAreThoseOfModules) {
  (void)command("hello");
  EXPECT_EQ(observer_.count("sandbox.call"), 1U);
}

}  // namespace
}  // namespace caisson::sandbox
