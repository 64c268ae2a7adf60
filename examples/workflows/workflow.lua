-- Three steps in Lua: the first makes data, the second works on it, the third reports.

workflow = {
  name = "workflow",
  steps = {
    prepare = { code = [[ return {numbers = {1, 2, 3, 4, 5}} ]] },
    process = {
      depends_on = { "prepare" },
      code = [[
local sum = 0
for _, n in ipairs(inputs.prepare.numbers) do sum = sum + n end
return {sum = sum, count = #inputs.prepare.numbers}
]],
    },
    report = {
      depends_on = { "process" },
      code = [[ return "the sum of " .. inputs.process.count .. " numbers is " .. inputs.process.sum ]],
    },
  },
}
