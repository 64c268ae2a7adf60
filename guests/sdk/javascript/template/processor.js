// Text in, text out: `hello` becomes `HELLO!`. `caisson` is there without an import.

function run(inputs) {
  const text = caisson.payload;
  if (!text) throw new Error("there is no text");
  console.log("shouting"); // a line of the node's log
  return text.toUpperCase() + "!";
}
