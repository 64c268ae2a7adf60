-- Four steps that can run at the same time between one before and one after them. `caisson run --max-concurrency 4` or
-- `CAISSON_MAX_CONCURRENCY=4` lets them; where nothing is said steps run one after the other.

local steps = { load = { code = [[ return {5, 3, 8, 1} ]] }, collect = { depends_on = {} } }
for _, name in ipairs { "sum", "largest", "smallest", "sorted" } do
  table.insert(steps.collect.depends_on, name)
end

steps.sum = { depends_on = { "load" }, code = [[ local s = 0; for _, n in ipairs(inputs.load) do s = s + n end; return s ]] }
steps.largest = { language = "python", depends_on = { "load" }, code = "result = max(inputs['load'])" }
steps.smallest = { language = "js", depends_on = { "load" }, code = "Math.min(...inputs.load)" }
steps.sorted = { language = "python", depends_on = { "load" }, code = "result = sorted(inputs['load'])" }
steps.collect.code = [[
return {sum = inputs.sum, largest = inputs.largest, smallest = inputs.smallest, sorted = inputs.sorted}
]]

workflow = { name = "parallel_demo", steps = steps }
