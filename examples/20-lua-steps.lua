-- Steps in Lua: a definition that is a program, which computes its own table. It is evaluated in a sandbox that is granted
-- nothing, and only the table comes out. Steps run one after the other, in the order of their dependencies.
-- `hello world` becomes `3 numbers, their sum is 12`.

local numbers = {}
for i = 1, 3 do
  numbers[i] = tostring(i * 2)
end

workflow = {
  name = "lua-steps",
  steps = {
    prepare = {
      language = "python",
      code = "result = [" .. table.concat(numbers, ", ") .. "]",
    },
    add = {
      language = "js",
      depends_on = "prepare",
      code = [[
inputs.prepare.reduce((sum, n) => sum + n, 0)
]],
    },
    report = { -- language is Lua unless it says otherwise
      depends_on = { "prepare", "add" },
      code = [[
return #inputs.prepare .. " numbers, their sum is " .. inputs.add
]],
    },
  },
}
