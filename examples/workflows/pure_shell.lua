-- Nothing but shell scripts: `caisson run --allow native=sh`.

workflow = {
  name = "pure_shell",
  steps = {
    count = { language = "sh", code = [[ echo '{"words": 3}' ]] },
    double = {
      language = "sh",
      depends_on = { "count" },
      code = [[ echo "{\"words\": $((INPUT_COUNT_WORDS * 2))}" ]],
    },
  },
}
