-- Evaluates one line of manual.txt in the image (../README.md). inputs.item: `code`, `expected`. The value is null, or what came
-- out instead.
local function show(value)
  if math.type(value) == "float" then return ("%.17g float"):format(value) end
  if type(value) == "string" then return ("%q"):format(value) end
  if type(value) ~= "table" then return tostring(value) end
  local parts = {}
  for key, member in pairs(value) do parts[#parts + 1] = "[" .. show(key) .. "] = " .. show(member) end
  table.sort(parts)
  return "{" .. table.concat(parts, ", ") .. "}"
end

local function evaluate(text)
  local chunk, problem = load("return " .. text, "=test")
  if not chunk then chunk, problem = load(text, "=test") end
  if not chunk then return "does not parse: " .. problem end
  local results = table.pack(pcall(chunk))
  if not results[1] then return "error: " .. tostring(results[2]) end
  local shown = {}
  for i = 2, results.n do shown[#shown + 1] = show(results[i]) end
  return table.concat(shown, ", ")
end

function run(inputs)
  local got, expected = evaluate(inputs.item.code), inputs.item.expected
  local part = expected:match("^error: (.*)")
  if part then
    if got:sub(1, 7) == "error: " and got:find(part, 1, true) then return nil end
    return got
  end
  if got == evaluate(expected) then return nil end
  return got
end
