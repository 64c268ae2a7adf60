#include "workflow/schema_node.h"
#include "workflow/nodes/code.h"
#include "workflow/nodes/wasm.h"

#include "workflow/testing/fake_runners.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace caisson::workflow {
namespace {

document::Schema schema(std::string_view json) {
  auto made = document::Schema::parse(json, "schema");
  EXPECT_TRUE(made) << made.error().message;
  return *std::move(made);
}

NodeOutcome giving(Payload payload) {
  NodeOutcome out;
  out.payload = std::move(payload);
  return out;
}

/// What becomes of a node that gives this payload.
NodeOutcome outcome(std::shared_ptr<const NodeSpec> spec, Payload payload, std::string_view output_schema) {
  NodeDefinition node;
  node.spec = std::move(spec);
  node.output_schema = schema(output_schema);
  const auto runner = with_schemas(
      std::make_unique<FunctionRunner>([&](const NodeInput&, const std::stop_token&) { return giving(payload); }),
      node);
  return runner->run({}, {});
}

std::string reason(const NodeOutcome& out) { return out.error ? out.error->reason : "none"; }

TEST(SchemaNode, ANodeWithoutSchemasIsLeftAsItIs) {
  auto runner = std::make_unique<EchoRunner>();
  const NodeRunner* before = runner.get();
  EXPECT_EQ(with_schemas(std::move(runner), {}).get(), before);
}

TEST(SchemaNode, AnOutputThatFitsIsTheOutput) {
  const Payload json(R"({"n":1})", Payload::kJson);
  const NodeOutcome out = outcome(std::make_shared<CodeSpec>(), json, R"({"required":["n"]})");
  EXPECT_EQ(reason(out), "none");
  EXPECT_EQ(out.payload, json);
}

TEST(SchemaNode, AnOutputThatDoesNotFitIsAFailureWithoutAnOutput) {
  const NodeOutcome out = outcome(std::make_shared<CodeSpec>(), Payload(R"({"n":1,"m":"x"})", Payload::kJson),
                                  R"({"properties":{"n":{"type":"string"},"m":{"type":"number"}}})");
  EXPECT_EQ(reason(out), "workflow.output_schema");
  EXPECT_EQ(out.error->message,
            "the output does not fit output_schema (line 1): /n: must be a string, got 1 (and 1 more)");
  EXPECT_EQ(out.error->diagnostics.size(), 2U);
  EXPECT_FALSE(out.payload);
}

TEST(SchemaNode, WhatCodeGivesAsTextIsAString) {
  EXPECT_EQ(reason(outcome(std::make_shared<CodeSpec>(), Payload("7"), R"({"type":"string"})")), "none");
  EXPECT_EQ(reason(outcome(std::make_shared<CodeSpec>(), Payload("7"), R"({"type":"integer"})")),
            "workflow.output_schema");
  EXPECT_EQ(
      reason(outcome(std::make_shared<CodeSpec>(), Payload("\xff", Payload::kBytes), R"({"required":["base64"]})")),
      "none");
}

TEST(SchemaNode, WhatAModuleGivesIsJsonOrDoesNotFit) {
  EXPECT_EQ(reason(outcome(std::make_shared<WasmSpec>(), Payload("7"), R"({"type":"integer"})")), "none");
  EXPECT_EQ(reason(outcome(std::make_shared<WasmSpec>(), Payload("seven"), "true")), "workflow.output_schema");
  EXPECT_EQ(reason(outcome(std::make_shared<WasmSpec>(), Payload(""), "true")), "workflow.output_schema");
}

TEST(SchemaNode, AnInputThatDoesNotFitIsNotRun) {
  NodeDefinition node;
  node.spec = std::make_shared<CodeSpec>();
  node.input_schema = schema(R"({"properties":{"a":{"type":"integer"}},"required":["a"]})");
  int runs = 0;
  const auto runner =
      with_schemas(std::make_unique<FunctionRunner>([&](const NodeInput& input, const std::stop_token&) {
                     ++runs;
                     return giving(input.payload);
                   }),
                   node);
  EXPECT_EQ(reason(runner->run({.payload = {}, .inputs = {{"a", Payload("1", Payload::kJson)}}}, {})), "none");
  EXPECT_EQ(reason(runner->run({.payload = {}, .inputs = {{"a", Payload("1")}}}, {})), "workflow.input_schema");
  EXPECT_EQ(reason(runner->run({}, {})), "workflow.input_schema");
  EXPECT_EQ(runs, 1);
}

TEST(SchemaNode, AFailureOfTheNodeIsTheFailure) {
  NodeDefinition node;
  node.spec = std::make_shared<WasmSpec>();
  node.output_schema = schema("false");
  EXPECT_EQ(reason(with_schemas(std::make_unique<FailingRunner>(), node)->run({}, {})), "test.failure");
}

TEST(SchemaNode, SchemasAreReadWithTheDefinition) {
  const auto read = [](const std::string& type, const std::string& fields) {
    return read_definition("processors:\n  - id: n\n    type: " + type + "\n" + fields, "flow.yaml");
  };
  const std::string code = "    language: lua\n    code: '1'\n";
  const auto good = read("code", code + "    output_schema: {type: string}\n    input_schema: true\n");
  ASSERT_TRUE(good) << good.error().message;
  EXPECT_EQ(good->nodes[0].output_schema, schema(R"({"type":"string"})"));
  EXPECT_EQ(good->nodes[0].input_schema, schema("true"));
  EXPECT_TRUE(read("wasm", "    module: m.wasm\n    output_schema: {type: string}\n")->nodes[0].output_schema);
  const auto bad = read("code", code + "    output_schema: {type: object,\n      items: {type: strin}}\n");
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().reason, "document.bad_schema");
  EXPECT_EQ(bad.error().diagnostics.at(0).where, (Location{"flow.yaml", 7, 21}));
  EXPECT_NE(bad.error().message.find("node 'n': output_schema: /items/type: there is no type \"strin\""),
            std::string::npos)
      << bad.error().message;
  const auto local = read("local", "    processor: reverse_text\n    output_schema: true\n");
  ASSERT_FALSE(local);
  EXPECT_NE(local.error().message.find("would not be checked"), std::string::npos);
}

}  // namespace
}  // namespace caisson::workflow
