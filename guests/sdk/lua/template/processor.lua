-- Text in, text out: `hello` becomes `HELLO!`. `caisson` is there without an import.

function run(inputs)
  local text = caisson.payload
  if text == "" then error("there is no text") end
  print("shouting") -- a line of the node's log
  return text:upper() .. "!"
end
