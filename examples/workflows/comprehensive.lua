-- Much of what a definition can say: two languages, a module, a condition, a step that is tried again, one that may fail,
-- and a report over all of it.

workflow = {
  name = "comprehensive",
  steps = {
    orders = {
      language = "python",
      code = [[result = [{"id": 1, "total": 120}, {"id": 2, "total": 80}, {"id": 3, "total": 300}] ]],
    },
    large = {
      language = "js",
      depends_on = { "orders" },
      retry = { attempts = 3, delay = "10ms" },
      code = [[ inputs.orders.filter((order) => order.total > 100) ]],
    },
    discount = {
      depends_on = { "large" },
      when = "large",
      code = [[
local out = {}
for i, order in ipairs(inputs.large) do out[i] = {id = order.id, total = order.total * 0.9} end
return out
]],
    },
    optional = {
      language = "wasm",
      depends_on = { "orders" },
      module = "../wasm_components/always_fails.wasm",
      continue_on_error = true,
    },
    report = {
      language = "python",
      depends_on = { "orders", "discount", "optional" },
      code = [==[
lines = [f"{len(inputs['orders'])} orders, {len(inputs['discount'])} with a discount"]
lines += [f"{order['id']}: {order['total']:.2f}" for order in inputs["discount"]]
lines += ["the optional step failed, which does not matter" if "error" in inputs["optional"] else ""]
result = "\n".join(lines)
]==],
    },
  },
}
