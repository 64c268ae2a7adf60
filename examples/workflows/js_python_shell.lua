-- JavaScript, then Python, then a shell script: `caisson run --allow native=sh`.

workflow = {
  name = "js_python_shell",
  steps = {
    numbers = { language = "js", code = [[ Array.from({length: 5}, (_, i) => i * i) ]] },
    statistics = {
      language = "python",
      depends_on = { "numbers" },
      imports = { "statistics" },
      code = [[
import statistics
result = {"mean": statistics.mean(inputs["numbers"]), "median": statistics.median(inputs["numbers"])}
]],
    },
    report = {
      language = "shell",
      depends_on = { "statistics" },
      code = [[ echo "{\"report\": \"mean $INPUT_STATISTICS_MEAN, median $INPUT_STATISTICS_MEDIAN\"}" ]],
    },
  },
}
