#include "workflow/internal/lua_table.h"

#include "base/unicode.h"
#include "document/parse.h"
#include "document/print.h"
#include "workflow/internal/problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace caisson::workflow {

namespace {

using document::Value;

/// The program around a definition. The definition gets an environment of its own, with nothing but what computes; what
/// it leaves behind is copied with `next`, so no code of it runs meanwhile, and every word of ours was taken before it
/// ran. It can therefore change nothing but its own table.
constexpr std::string_view kProgram = R"lua(
local source, array, null = inputs.source, caisson.array, caisson.null
local find, format, match, next, type = string.find, string.format, string.match, next, type
local getmetatable, setmetatable, math_type, tostring, tonumber = getmetatable, setmetatable, math.type, tostring, tonumber
local error, load, xpcall, rawget, utf8_len, infinity = error, load, xpcall, rawget, utf8.len, math.huge

local list = {}
local environment = {null = null, print = function() end, list = function(t) return setmetatable(t, list) end}
environment._G = environment
for _, name in ipairs({"assert", "error", "getmetatable", "ipairs", "next", "pairs", "pcall", "rawequal", "rawget",
                       "rawlen", "rawset", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall",
                       "_VERSION", "math", "string", "table", "utf8"}) do
  environment[name] = _G[name]
end

local function failure(message)
  if message == "not enough memory" then error(message, 0) end
  if type(message) ~= "string" then message = "an error that is a " .. type(message) end
  local line, text = match(message, "^definition:(%d+): (.*)$")
  return {line = line and tonumber(line), message = text or message}
end

local chunk, wrong = load(source, "=definition", "t", environment)
if not chunk then return failure(wrong) end
local good, value = xpcall(chunk, function(message) return message end)
if not good then return failure(value) end
if value == nil then value = rawget(environment, "workflow") end
if type(value) ~= "table" then
  if value == nil then return {message = "it neither sets the global `workflow` nor returns a table"} end
  return {message = "the workflow must be a table, got a " .. type(value)}
end

local problems, seen = {}, 0
local function problem(path, text)
  seen = seen + 1
  if seen <= 100 then problems[seen] = {path = path, text = text} end
  return null
end
local function inside(path, key)
  if type(key) ~= "string" then return path .. "[" .. tostring(key) .. "]" end
  if not find(key, "^[%a_][%w_]*$") then return path .. "[" .. format("%q", key) .. "]" end
  return path == "" and key or path .. "." .. key
end
local function plain(value, path, key, depth)
  local kind = type(value)
  if kind == "boolean" or value == null then return value end
  if kind == "string" then return utf8_len(value) and value or problem(path, "is not UTF-8") end
  if kind == "number" then
    local finite = value == value and value ~= infinity and value ~= -infinity
    return finite and value or problem(path, "is not a finite number")
  end
  if kind == "function" and key == "run" then
    return problem(path, "is a function, as in older workflows; write the body of the function as text: " ..
                         "code = [[ ... ]], which returns its value and finds what it depends on in `inputs`")
  end
  if kind == "function" then return problem(path, "is a function; a definition holds data: write its code as text") end
  if kind ~= "table" then return problem(path, "is a " .. kind .. "; a definition holds data") end
  if depth > 60 then return problem(path, "is nested too deeply, or contains itself") end
  local places, highest, names = 0, 0, 0
  for at in next, value do
    if math_type(at) == "integer" and at > 0 then
      places = places + 1
      highest = at > highest and at or highest
    elseif type(at) == "string" then
      names = names + 1
      if not utf8_len(at) then return problem(path, "has a name that is not UTF-8") end
    else
      return problem(path, "has a " .. type(at) .. " for a name")
    end
  end
  if places > 0 and names > 0 then return problem(path, "is a list with names in it; make it one or the other") end
  if highest ~= places then return problem(path, "is a list with holes") end
  local out = {}
  if places > 0 or getmetatable(value) == list then
    for at = 1, places do out[at] = plain(rawget(value, at), inside(path, at), at, depth + 1) end
    return array(out)
  end
  for at, item in next, value do out[at] = plain(item, inside(path, at), at, depth + 1) end
  return out
end
local table = plain(value, "", nil, 1)
if seen > 0 then return {problems = array(problems)} end
return {table = table}
)lua";

std::string shown(std::string_view text) { return base::printable(base::shorten(text, 160)); }

/// Maps of Lua have no order; this is one. The marks are those of our own JSON, and mean nothing.
void settle(Value& value) {
  value.set_mark({});
  if (document::Map* map = value.as_map()) {
    std::ranges::sort(*map, {}, &document::Entry::name);
    for (document::Entry& entry : *map) {
      entry.name_mark = {};
      settle(entry.value);
    }
  } else if (document::List* list = value.as_list()) {
    for (Value& item : *list) {
      settle(item);
    }
  }
}

std::string_view text_of(const Value& map, std::string_view name) {
  const Value* value = map.find(name);
  const std::string* text = value == nullptr ? nullptr : value->as_string();
  return text == nullptr ? std::string_view() : std::string_view(*text);
}

Error refuse(const Value& answer, std::string_view text, std::string_view file) {
  Problems problems(file);
  if (const Value* list = answer.find("problems"); list != nullptr && list->as_list() != nullptr) {
    for (const Value& problem : *list->as_list()) {
      const std::string_view path = text_of(problem, "path");
      problems.error("workflow.lua_value",
                     fmt::format("{} {}", path.empty() ? "the workflow" : shown(path), shown(text_of(problem, "text"))),
                     {});
    }
  }
  if (!problems.has_errors()) {
    const Value* line = answer.find("line");
    const std::int64_t number = line == nullptr || line->as_integer() == nullptr ? 0 : *line->as_integer();
    const bool known = number >= 1 && number <= std::ranges::count(text, '\n') + 1;
    problems.error("workflow.lua_failed",
                   fmt::format("the definition in Lua failed: {}", shown(text_of(answer, "message"))),
                   {known ? static_cast<int>(number) : 0, 0});
  }
  return problems.to_error();
}

}  // namespace

const sandbox::Policy& lua_definition_policy() {
  static const sandbox::Policy policy{.limits = {.memory_bytes = 32ULL << 20,
                                                 .fuel = 300'000'000,
                                                 .timeout = std::chrono::seconds(1),
                                                 .output_bytes = 2ULL << 20,
                                                 .log_bytes = 0}};
  return policy;
}

Result<Value> lua_table(std::string_view text, std::string_view file, const ProgramRunner& run_program) {
  const document::ParseLimits limits;
  if (text.size() > limits.bytes) {
    return Error{Category::kResourceExhausted, "document.too_large",
                 fmt::format("the definition has {} bytes; at most {} are allowed", text.size(), limits.bytes)};
  }
  if (!run_program) {
    return Error{Category::kUnimplemented, "workflow.unimplemented",
                 "a definition in Lua is code, and there is no sandbox here to evaluate it in"};
  }
  const language::Program program{
      .language = language::Language::kLua, .code = std::string(kProgram), .name = "caisson"};
  const language::Arguments arguments{.inputs = {{"source", Payload(std::string(text))}}};
  CAISSON_TRY(sandbox::Outcome outcome, run_program(program, arguments, lua_definition_policy()));
  if (outcome.error) {
    return std::move(*outcome.error).with_context(fmt::format("the definition '{}' in Lua", shown(file)));
  }
  CAISSON_TRY(Value answer, document::parse_json(outcome.output.bytes(), file));
  if (answer.as_map() != nullptr) {
    const auto found = std::ranges::find(*answer.as_map(), "table", &document::Entry::name);
    if (found != answer.as_map()->end() && found->value.as_map() != nullptr) {
      Value out = std::move(found->value);
      settle(out);
      return out;
    }
  }
  return refuse(answer, text, file);
}

}  // namespace caisson::workflow
