-- A step that is a module in Rust, between two in Lua.

workflow = {
  name = "wasm",
  steps = {
    prepare = { code = [[ return string.lower(caisson.payload) ]] },
    transform = { language = "wasm", module = "../wasm_components/wasm_appender.wasm", depends_on = { "prepare" } },
    report = { depends_on = { "transform" }, code = [[ return "from the module: " .. inputs.transform ]] },
  },
}
