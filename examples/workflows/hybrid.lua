-- Python and Lua in one workflow: Python makes and checks the data, Lua reports.

workflow = {
  name = "hybrid",
  steps = {
    generate = {
      language = "python",
      code = [[
result = [{"name": name, "score": 10 * (i + 1)} for i, name in enumerate(["ada", "ben", "eve"])]
]],
    },
    average = {
      language = "python",
      depends_on = { "generate" },
      code = [[
people = inputs["generate"]
result = sum(p["score"] for p in people) / len(people)
]],
    },
    report = {
      depends_on = { "generate", "average" },
      code = [[ return #inputs.generate .. " people, " .. string.format("%.1f", inputs.average) .. " on average" ]],
    },
  },
}
