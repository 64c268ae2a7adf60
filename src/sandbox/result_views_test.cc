#include "sandbox/result_views.h"

#include "document/print.h"
#include "sandbox/testing/sandbox_fixture.h"

namespace caisson::sandbox {
namespace {

class ResultViews : public SandboxTest {
 protected:
  static std::string json(const document::Value& value, std::string_view member) {
    const document::Value* found = value.find(member);
    return found == nullptr ? "(absent)" : document::to_json(*found);
  }
};

TEST_F(ResultViews, OfASuccess) {
  const Guest guest = bind("dynamic").value();
  const Outcome outcome = call(guest, "echo hello");
  const document::Value node = node_result(outcome);
  EXPECT_EQ(json(node, "success"), "true");
  EXPECT_EQ(json(node, "output"), "\"hello\"");
  EXPECT_EQ(json(node, "error"), "(absent)");
  EXPECT_EQ(json(node, "sandboxed"), "true");
  EXPECT_EQ(json(node, "fuel_consumed"), std::to_string(outcome.usage.fuel));
  const document::Value module = module_result(guest, outcome);
  EXPECT_EQ(json(module, "data"), "\"hello\"");
  EXPECT_EQ(json(module, "error"), "null");
  EXPECT_EQ(json(module, "function_name"), "\"caisson_process\"");
  EXPECT_EQ(json(module, "security_violations"), "[]");
  EXPECT_EQ(json(*module.find("performance_metrics"), "page_faults"), "null");
}

TEST_F(ResultViews, ALimitHasTheTextOfTheSource) {
  const auto error = [&](std::string_view script) { return json(node_result(command(script)), "error"); };
  EXPECT_EQ(error("spin"), "\"CPU limit exceeded\"");
  EXPECT_EQ(error("grow_until_refused"), "\"Memory limit exceeded\"");
  EXPECT_EQ(error("error no"), "\"the guest reports: no (code 500)\"");
  limits_.fuel.reset();
  limits_.timeout = std::chrono::milliseconds(30);
  const Outcome late = command("spin");
  EXPECT_EQ(json(node_result(late), "error").substr(0, 32), "\"WASM execution timeout after 0.");
  EXPECT_EQ(json(node_result(late), "reason"), "\"sandbox.deadline\"");
  const document::Value module = module_result(bind("dynamic").value(), late);
  const document::Value& violation = module.find("security_violations")->as_list()->front();
  EXPECT_EQ(json(violation, "type"), "\"timeout_exceeded\"");
  EXPECT_EQ(json(violation, "severity"), "\"medium\"");
}

TEST_F(ResultViews, AStepIsJudgedByItsReturnCode) {
  grants_ = {.wasi = true, .stdin_is_input = true, .imports = {"kv"}};
  const Guest program = bind("probe", "_start").value();
  const auto step = [&](std::string_view script) { return step_result(program, "probe.wasm", call(program, script)); };
  const auto status = [&](std::string_view script) { return json(*step(script).find("wasm_execution"), "status"); };
  EXPECT_EQ(status("say x"), "\"success\"");
  EXPECT_EQ(status("exit 0"), "\"success\"");
  EXPECT_EQ(status("exit 10"), "\"error\"");
  EXPECT_EQ(status("exit 11"), "\"failed\"");
  EXPECT_EQ(json(step("exit 11"), "message"), "\"_start failed with return code: 11\"");
  const Guest function = bind("wat/scalar", "answer").value();
  EXPECT_EQ(json(*step_result(function, "m", call(function, "[]")).find("wasm_execution"), "return_code"), "42");
}

}  // namespace
}  // namespace caisson::sandbox
