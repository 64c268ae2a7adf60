#include "workflow/mapping.h"

#include "workflow/definition.h"
#include "workflow/testing/fake_runners.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace caisson::workflow {
namespace {

constexpr std::string_view kFirst = "processors:\n  - {id: first, type: code, language: lua, code: '1'}\n";

/// A definition whose second node, on line 3, has these fields.
Result<Definition> definition(const std::string& fields,
                              const std::string& type = "type: code, language: lua, code: '1'") {
  return read_definition(std::string(kFirst) + "  - {id: second, " + type + ", " + fields + "}\n", "flow.yaml");
}

std::string problems(const std::string& fields, const std::string& type = "type: code, language: lua, code: '1'") {
  const auto read = definition(fields, type);
  std::string out;
  for (const Diagnostic& problem : read ? std::vector<Diagnostic>() : read.error().diagnostics) {
    out +=
        std::to_string(problem.where.line) + ":" + std::to_string(problem.where.column) + ": " + problem.message + "\n";
  }
  return out;
}

/// Shows what it is given.
class ShowRunner final : public NodeRunner {
 public:
  explicit ShowRunner(Payload output) : output_(std::move(output)) {}
  NodeOutcome run(const NodeInput& input, const std::stop_token& /*stop*/) const override {
    NodeOutcome out;
    std::string shown(input.payload.bytes());
    for (const NamedPayload& given : input.inputs) {
      shown += " " + std::string(given.name) + "=" + std::string(given.payload.bytes()) +
               (given.payload.media_type() == Payload::kJson ? " json" : "");
    }
    out.payload = output_.size() > 0 ? output_ : Payload(shown);
    return out;
  }

 private:
  Payload output_;
};

/// What the second node gives, when the first gave `first`.
std::string run(const std::string& fields, const Payload& first, const Payload& output = {},
                const std::string& type = "type: code, language: lua, code: '1'") {
  const auto read = definition(fields, type);
  EXPECT_TRUE(read) << read.error().message;
  if (!read) {
    return {};
  }
  const auto runner = with_mappings(std::make_unique<ShowRunner>(output), read->nodes[1]);
  const NodeOutcome out = runner->run({.payload = Payload("canonical"), .inputs = {{"first", first}}}, {});
  return out.error ? out.error->reason + ": " + out.error->message
                   : std::string(out.payload.value_or(Payload()).bytes());
}

const Payload kUser("{\"user\": {\"name\": \"Ann\"}, \"n\": 3}", Payload::kJson);

TEST(Mapping, BecomesTheInputsOfCode) {
  EXPECT_EQ(run("depends_on: [first], input_mappings: {who: '{{first.user.name}}', all: '{{first}}', k: [1, "
                "'n={{first.n}}']}",
                kUser),
            "canonical who=Ann all={\"user\":{\"name\":\"Ann\"},\"n\":3} json k=[1,\"n=3\"] json");
  EXPECT_EQ(run("depends_on: [first], input_mappings: {}", kUser), "canonical");
}

TEST(Mapping, BecomesThePayloadOfAModule) {
  EXPECT_EQ(
      run("depends_on: [first], input_mappings: {who: '{{first.user.name}}'}", kUser, {}, "type: wasm, module: a.wasm"),
      "{\"who\":\"Ann\"}");
}

TEST(Mapping, TextThatLooksLikeJsonIsRead) {
  const std::string fields = "depends_on: [first], input_mappings: {a: '{{first.n}}'}";
  EXPECT_EQ(run(fields, Payload("{\"n\": 1}")), "canonical a=1 json");
  EXPECT_EQ(run(fields, Payload("just text")),
            "workflow.template_missing: input_mappings: the output of node 'first' is a string; it has no 'n'");
  EXPECT_EQ(run(fields, Payload("\xFF", Payload::kBytes)),
            "workflow.template_missing: input_mappings: the output of node 'first' is neither JSON nor text");
}

TEST(Mapping, AllTogetherHaveACap) {
  const Payload large(std::string(kMaxMappedBytes / 2, 'x'));
  EXPECT_TRUE(run("depends_on: [first], input_mappings: {a: '{{first}}', b: '{{first}}', c: '{{first}}'}", large)
                  .starts_with("workflow.template_too_large"));
}

TEST(Selection, KeepsMembersOrWhatAPathLeadsTo) {
  EXPECT_EQ(run("output_selection: [n]", {}, kUser), "{\"n\":3}");
  EXPECT_EQ(run("output_selection: user.name", {}, kUser), "Ann");
  EXPECT_EQ(run("output_selection: user", {}, kUser), "{\"name\":\"Ann\"}");
  EXPECT_EQ(run("output_selection: [m]", {}, kUser),
            "workflow.selection_missing: output_selection: the output has no 'm'; it has 'user', 'n'");
  EXPECT_EQ(run("output_selection: [m]", {}, Payload("text")),
            "workflow.selection_missing: output_selection needs an output that is JSON, and this is none");
}

TEST(Mapping, ANodeWithoutEitherIsLeftAlone) {
  const auto read = definition("depends_on: [first]");
  auto runner = std::make_unique<ShowRunner>(Payload());
  const NodeRunner* before = runner.get();
  EXPECT_EQ(with_mappings(std::move(runner), read->nodes[1]).get(), before);
}

TEST(MappingFields, AReferenceIsToADependency) {
  EXPECT_EQ(
      problems("input_mappings: {a: '{{first}}'}"),
      "3:77: node 'second': input_mappings: '{{first}}' is not among its dependencies; add it: depends_on: [first]\n");
  EXPECT_EQ(
      problems("input_mappings: {a: '{{frist.b}}'}"),
      "3:77: node 'second': input_mappings: '{{frist}}': there is no node of that name (did you mean 'first'?)\n");
  EXPECT_EQ(problems("depends_on: [first], input_mappings: {a: '{{first}} and {{none}}'}"),
            "3:112: node 'second': input_mappings: '{{none}}': there is no node of that name\n");
}

TEST(MappingFields, WhatABranchGaveIsNotInItsCondition) {
  const auto read = read_definition(R"(processors:
  - {id: pick, type: condition, expression: "true", true_path: [loud]}
  - {id: loud, type: code, language: lua, code: '1'}
  - {id: join, type: code, language: lua, code: '1', depends_on: [pick, loud], input_mappings: {
     a: '{{pick.branch_outputs}} {{pick.branch_outputs.loud}}', b: '{{loud}}'}}
)",
                                    "flow.yaml");
  ASSERT_FALSE(read);
  EXPECT_EQ(to_string(read.error().diagnostics.at(0)),
            "flow.yaml:5:34: error: node 'join': input_mappings: branch_outputs of the condition 'pick' are always "
            "empty, because its branches run after it; depend on 'loud', and write {{loud}}");
  EXPECT_EQ(read.error().diagnostics.size(), 1U);
}

TEST(MappingFields, WhatIsWrongHasItsPlace) {
  EXPECT_EQ(problems("depends_on: [first], input_mappings: {a: '{{first}} {{'}"),
            "3:108: node 'second': input_mappings: '{{' is not closed with '}}'\n");
  EXPECT_EQ(
      problems("input_mappings: {a: 'of {{frist}}'}"),
      "3:80: node 'second': input_mappings: '{{frist}}': there is no node of that name (did you mean 'first'?)\n");
  EXPECT_EQ(problems("input_mappings: {a: \"\\\"of\\\" }}\"}"),
            "3:84: node 'second': input_mappings: '}}' without '{{' before it\n");
  EXPECT_EQ(problems("input_mappings: [a]"), "3:72: node 'second': input_mappings must be a map, got a list\n");
  EXPECT_EQ(
      problems("output_selection: []"),
      "3:74: node 'second': output_selection must be a list of 1 to 1000 names, or a path such as user.names[0]\n");
  EXPECT_EQ(problems("output_selection: [a, a]"),
            "3:78: node 'second': output_selection must name each member of the output once, as a string\n");
  EXPECT_EQ(problems("output_selection: 'a['"),
            "3:74: node 'second': output_selection: a place in a list is a whole number in brackets: [0]\n");
  EXPECT_EQ(
      problems("input_mappings: {a: 1}", "type: local, processor: reverse_text"),
      "3:72: node 'second': input_mappings is for nodes that run in a sandbox; a local node works on the payload\n");
}

}  // namespace
}  // namespace caisson::workflow
