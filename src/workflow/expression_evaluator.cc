#include "workflow/expression_evaluator.h"

#include "base/unicode.h"
#include "language/program.h"
#include "sandbox/limit_table.h"
#include "sandbox/policy_print.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

namespace caisson::workflow {

namespace {

/// What Python means by the trees of Expression. Answers `t` or `f`, whether it holds, and the value's JSON when that
/// is wanted; or `e` and what is wrong. A bool is no number here, unlike in Python.
constexpr std::string_view kEvaluator = R"lua(
local json = require("json")
local null, is_array = json.null, getmetatable(json.array({}))
local math_type, min_integer = math.type, math.mininteger

local Fault = {}
local function fail(...) error(setmetatable({text = table.concat({...})}, Fault), 0) end

local function kind(v)
  if v == null then return "null" end
  local t = type(v)
  if t == "table" then return getmetatable(v) == is_array and "a list" or "a map" end
  return "a " .. t
end

local function truth(v)
  if v == null or v == false or v == 0 or v == "" then return false end
  return type(v) ~= "table" or next(v) ~= nil
end

local function equal(a, b)
  if type(a) ~= "table" or type(b) ~= "table" then return a == b end
  if getmetatable(a) ~= getmetatable(b) then return false end
  for k, v in next, a do
    local other = b[k]
    if other == nil or not equal(v, other) then return false end
  end
  for k in next, b do
    if a[k] == nil then return false end
  end
  return true
end

local function ordered(a, b, operator)
  local t = type(a)
  if t ~= type(b) or (t ~= "number" and t ~= "string") then
    fail("'", operator, "' cannot compare ", kind(a), " with ", kind(b))
  end
end

local compare = {
  ["=="] = equal,
  ["!="] = function(a, b) return not equal(a, b) end,
  ["<"] = function(a, b) ordered(a, b, "<") return a < b end,
  ["<="] = function(a, b) ordered(a, b, "<=") return a <= b end,
  [">"] = function(a, b) ordered(a, b, ">") return a > b end,
  [">="] = function(a, b) ordered(a, b, ">=") return a >= b end,
}

local function numbers(a, b, operator)
  if type(a) ~= "number" or type(b) ~= "number" then
    fail("'", operator, "' does not go with ", kind(a), " and ", kind(b))
  end
  return math_type(a) == "integer" and math_type(b) == "integer"
end
local function beyond(operator) fail("'", operator, "' gives a whole number beyond 64 bits") end

local arithmetic = {
  ["+"] = function(a, b)
    if type(a) == "string" and type(b) == "string" then return a .. b end
    local r = numbers(a, b, "+") and a + b
    if not r then return a + b end
    if (a ~ r) & (b ~ r) < 0 then beyond("+") end
    return r
  end,
  ["-"] = function(a, b)
    local r = numbers(a, b, "-") and a - b
    if not r then return a - b end
    if (a ~ b) & (a ~ r) < 0 then beyond("-") end
    return r
  end,
  ["*"] = function(a, b)
    local r = numbers(a, b, "*") and a * b
    if not r then return a * b end
    if a ~= 0 and (r // a ~= b or (a == -1 and b == min_integer)) then beyond("*") end
    return r
  end,
  ["/"] = function(a, b)
    numbers(a, b, "/")
    if b == 0 then fail("division by zero") end
    return a / b
  end,
  ["%"] = function(a, b)
    local whole = numbers(a, b, "%")
    if b == 0 then fail("division by zero") end
    local r = a % b
    if r == 0 and not whole then return b < 0 and -0.0 or 0.0 end
    return r
  end,
}

local function listed(names)
  local all = {}
  for name in next, names do
    if type(name) == "string" then all[#all + 1] = name end
  end
  table.sort(all)
  local rest = #all - 10
  if rest > 0 then all = table.move(all, 1, 10, 1, {}) end
  for i, name in ipairs(all) do all[i] = #name > 64 and "..." or name end
  return #all == 0 and "nothing" or table.concat(all, ", ") .. (rest > 0 and " ..." or "")
end

local evaluate

local function fold(tree, operators)
  local value = evaluate(tree[2])
  for i = 3, #tree, 2 do value = operators[tree[i]](value, evaluate(tree[i + 1])) end
  return value
end

local forms = {
  constant = function(tree) return tree[2] end,
  name = function(tree)
    local path = tree[2]
    local value = inputs.names[path]
    if value == nil then fail("unknown name '", path, "'; there are ", listed(inputs.names)) end
    for i = 3, #tree do
      if kind(value) ~= "a map" then fail("'", path, "' is ", kind(value), " and has no '", tree[i], "'") end
      local member = value[tree[i]]
      if member == nil then fail("'", path, "' has no '", tree[i], "'; it has ", listed(value)) end
      path, value = path .. "." .. tree[i], member
    end
    return value
  end,
  ["and"] = function(tree)
    local value
    for i = 2, #tree do
      value = evaluate(tree[i])
      if not truth(value) then break end
    end
    return value
  end,
  ["or"] = function(tree)
    local value
    for i = 2, #tree do
      value = evaluate(tree[i])
      if truth(value) then break end
    end
    return value
  end,
  ["not"] = function(tree) return not truth(evaluate(tree[2])) end,
  ["-"] = function(tree)
    local value = evaluate(tree[2])
    if type(value) ~= "number" then fail("'-' does not go with ", kind(value)) end
    if value == min_integer and math_type(value) == "integer" then beyond("-") end
    return -value
  end,
  compare = function(tree)
    local left = evaluate(tree[2])
    for i = 3, #tree, 2 do
      local right = evaluate(tree[i + 1])
      if not compare[tree[i]](left, right) then return false end
      left = right
    end
    return true
  end,
  sum = function(tree) return fold(tree, arithmetic) end,
  product = function(tree) return fold(tree, arithmetic) end,
}

evaluate = function(tree) return forms[tree[1]](tree) end

function run(inputs)
  local good, value = pcall(evaluate, inputs.tree)
  if not good then
    if getmetatable(value) == Fault then return "e" .. value.text end
    error(value, 0)
  end
  local answer = truth(value) and "t" or "f"
  if not inputs.value then return answer end
  if value ~= value or value == math.huge or value == -math.huge then return "e" .. "the value is no number of JSON" end
  return answer .. json.encode(value)
end
)lua";

class SandboxedEvaluator final : public ExpressionEvaluator {
 public:
  SandboxedEvaluator(sandbox::Guest guest, const sandbox::Policy& policy, const sandbox::Executor& executor)
      : guest_(std::move(guest)), policy_(policy), digest_(sandbox::digest_of(policy)), executor_(executor) {}

  Evaluation evaluate(const Expression& expression, std::span<const ExpressionInput> inputs, ExpressionUse use,
                      const std::stop_token& stop, const sandbox::CallContext& context) const override {
    sandbox::CallContext call = context;
    call.policy = &digest_;
    sandbox::Outcome outcome =
        executor_.call(guest_, Payload(request(expression, inputs, use), Payload::kJson), policy_, stop, call);
    Evaluation out{.error = std::move(outcome.error), .usage = std::move(outcome.usage)};
    const std::string_view answer = outcome.output.bytes();
    if (!out.error) {
      read(answer, out);
    }
    if (out.error) {
      out.error = std::move(*out.error)
                      .with_context(fmt::format("expression {}", base::quote(base::shorten(expression.text(), 100))));
    }
    return out;
  }

 private:
  /// Only the names that the expression uses are sent.
  static std::string request(const Expression& expression, std::span<const ExpressionInput> inputs, ExpressionUse use) {
    std::string names = "{";
    for (const ExpressionInput& input : inputs) {
      if (expression.uses(input.name)) {
        names += fmt::format("{}\"{}\":{}", names.size() > 1 ? "," : "", input.name, input.json);
      }
    }
    const language::Arguments arguments{
        .inputs = {{"tree", Payload(expression.tree(), Payload::kJson)},
                   {"names", Payload(names + "}", Payload::kJson)},
                   {"value", Payload(use == ExpressionUse::kValue ? "true" : "false", Payload::kJson)}}};
    return request_for(expression_program(), arguments);
  }

  /// The program is ours, but what it is given may be anybody's: an answer of another form is a fault, not an answer.
  static void read(std::string_view answer, Evaluation& out) {
    if (answer.starts_with('t') || answer.starts_with('f')) {
      out.truth = answer.front() == 't';
      out.json = answer.substr(1);
    } else if (answer.starts_with('e')) {
      out.error = Error{Category::kGuestFault, "workflow.expression_failed",
                        base::printable(base::shorten(answer.substr(1), 1000))};
    } else {
      out.error = Error{Category::kInternal, "workflow.expression_failed", "the evaluator gave no answer"};
    }
  }

  sandbox::Guest guest_;
  sandbox::Policy policy_;
  base::Digest digest_;
  const sandbox::Executor& executor_;
};

}  // namespace

const language::Program& expression_program() {
  static const language::Program program{
      .language = language::Language::kLua, .code = std::string(kEvaluator), .name = "expression"};
  return program;
}

const sandbox::PolicyRequest& expression_defaults() {
  static const sandbox::PolicyRequest defaults = [] {
    sandbox::PolicyRequest out;
    const auto set = [&](std::string_view key, sandbox::Amount amount) {
      out.set(*sandbox::find_limit(key), amount, {});
    };
    const auto seconds = [](int count) {
      return static_cast<std::uint64_t>(std::chrono::nanoseconds(std::chrono::seconds(count)).count());
    };
    set("memory", 8ULL << 20);
    set("cpu", seconds(1));
    set("timeout", seconds(5));
    set("fuel", std::nullopt);
    return out;
  }();
  return defaults;
}

std::unique_ptr<ExpressionEvaluator> make_expression_evaluator(sandbox::Guest guest, const sandbox::Policy& policy,
                                                               const sandbox::Executor& executor) {
  return std::make_unique<SandboxedEvaluator>(std::move(guest), policy, executor);
}

}  // namespace caisson::workflow
