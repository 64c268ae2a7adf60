-- A shell script between two steps in sandboxes. It runs outside of any, so the operator has to allow it:
-- `caisson run --allow native=sh`.

workflow = {
  name = "shell",
  steps = {
    prepare = { language = "python", code = [[result = {"name": "Ada", "lines": 3} ]] },
    write = {
      language = "sh",
      depends_on = { "prepare" },
      code = [[
name=$(parse_input prepare name)
for i in $(seq "$INPUT_PREPARE_LINES"); do echo "$i: hello $name" >&2; done
echo "{\"written\": $INPUT_PREPARE_LINES, \"for\": \"$name\"}"
]],
    },
    report = {
      depends_on = { "write" },
      code = [[ return inputs.write.written .. " lines for " .. inputs.write["for"] ]],
    },
  },
}
