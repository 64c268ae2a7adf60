#include "runtime/native_settings.h"

#include "base/environment.h"
#include "base/testing/fake_environment.h"
#include "document/parse.h"
#include "runtime/configuration.h"
#include "runtime/policies.h"
#include "workflow/definition.h"

#include <caisson/runtime.h>

#include <gtest/gtest.h>

#include <string>

namespace caisson::runtime {
namespace {

constexpr std::string_view kScript = "processors:\n  - {id: s, type: shell, code: \"echo '[1]'\"}\n";

TEST(NativeSettings, AFlagNamesInterpreters) {
  NativeSettings settings;
  ASSERT_TRUE(read_native_flag("native=sh,python", settings));
  EXPECT_EQ(settings.allowed, (std::set<std::string, std::less<>>{"python", "sh"}));
  for (const std::string_view wrong : {"native=", "native=perl", "native=sh,", "native=/bin/sh"}) {
    const Status read = read_native_flag(wrong, settings);
    ASSERT_FALSE(read) << wrong;
    EXPECT_EQ(read.error().reason, "policy.bad_value");
  }
}

TEST(NativeSettings, AFileNamesInterpreters) {
  const auto configuration = read_configuration("native = {allow = ['sh', 'bash']}", "/c.toml", "/");
  ASSERT_TRUE(configuration) << configuration.error().message;
  EXPECT_EQ(configuration->native.allowed.size(), 2U);
  EXPECT_FALSE(read_configuration("native = {allow = ['perl']}", "/c.toml", "/"));
  EXPECT_FALSE(read_configuration("native = {allow = 'sh'}", "/c.toml", "/"));
  EXPECT_FALSE(read_configuration("native = {allowed = ['sh']}", "/c.toml", "/"));
}

TEST(NativeSettings, AProjectsFileAllowsNothing) {
  base::FakeEnvironment environment;
  environment.add_file("/project/caisson.toml", "native = {allow = ['sh']}\n");
  const auto all = Configurations::load(environment, {}).value().with_project("/project/caisson.toml", environment);
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().reason, "configuration.invalid");
}

TEST(NativeSettings, AnInterpreterIsRefusedAndFound) {
  const auto environment = base::make_environment();
  const auto refused = native_interpreter({}, "sh", *environment);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().reason, "policy.refused");
  EXPECT_NE(refused.error().message.find("`--allow native=sh`"), std::string::npos);
  EXPECT_NE(refused.error().message.find("`native = {allow = [\"sh\"]}`"), std::string::npos);
  EXPECT_EQ(native_interpreter({{"sh"}}, "sh", *environment).value(), "/bin/sh");
  const base::FakeEnvironment nothing;
  EXPECT_EQ(native_interpreter({{"sh"}}, "sh", nothing).error().reason, "workflow.no_interpreter");
}

TEST(NativeSettings, AWorkflowWithAScriptIsRefusedAsAWhole) {
  const auto strict = Runtime::create({.read_configuration = false}).value();
  const auto workflow = strict->load_text(kScript, "flow.yaml");
  ASSERT_TRUE(workflow) << workflow.error().message;
  const auto run = strict->run(**workflow, Payload());
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().reason, "policy.refused");
  const auto open = Runtime::create({.allow = {"native=sh"}, .read_configuration = false}).value();
  const auto allowed = open->load_text(kScript, "flow.yaml");
  ASSERT_TRUE(allowed);
  EXPECT_TRUE(open->run(**allowed, Payload()));
}

}  // namespace
}  // namespace caisson::runtime
