-- One text through a step in each language of the sandboxes, and a module in Rust.

workflow = {
  name = "multi_language",
  steps = {
    lua = { code = [[ return string.upper(caisson.payload) ]] },
    python = { language = "python", depends_on = { "lua" }, code = [[result = inputs["lua"][::-1] ]] },
    javascript = { language = "js", depends_on = { "python" }, code = [[ "[" + inputs.python + "]" ]] },
    rust = { language = "wasm", depends_on = { "javascript" }, module = "../wasm_components/wasm_appender.wasm" },
  },
}
