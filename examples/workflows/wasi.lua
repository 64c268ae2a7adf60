-- Data from Python, a program with WASI in a sandbox, and two steps that check and report what it did. The grant is all that
-- the program may touch: standard streams, and a clock that stands still.

workflow = {
  name = "wasi",
  steps = {
    prepare_data = {
      language = "python",
      code = [[
print("✅ Python: Data prepared for WASI processing")
result = {"items": [1, 2, 3], "source": "python"}
]],
    },
    process_with_wasi = {
      language = "wasm",
      module = "../wasm_components/wasi_hello.wasm",
      depends_on = { "prepare_data" },
      grants = { preset = "wasi", clock = "virtual" },
    },
    verify_results = {
      depends_on = { "process_with_wasi" },
      code = [[
local greeted = inputs.process_with_wasi:find("Hello from WASI!", 1, true) ~= nil
print(inputs.process_with_wasi:match("[^\n]+"))
print("📊 WASI Execution Results:")
print("  Status: " .. (greeted and "success" or "error"))
return {greeted = greeted}
]],
    },
    generate_summary = {
      depends_on = { "verify_results", "prepare_data" },
      code = [[
print("🎯 WASI Workflow Summary:")
print(inputs.verify_results.greeted and "  ✓ WASI-enabled WASM execution successful" or "  ✗ it said nothing")
return {status = "success", items = #inputs.prepare_data.items}
]],
    },
  },
}
