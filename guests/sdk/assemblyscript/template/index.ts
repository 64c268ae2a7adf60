// Bytes in, bytes out: `hello` becomes `HELLO!`. What the host has for a processor is in caisson.ts.

import { Level, Result, decode, log, process } from "./caisson";
export { caisson_abi, caisson_alloc } from "./caisson";

function shout(input: Uint8Array): Result {
  if (input.length == 0) return Result.error(400, "there is no text");
  log(Level.Info, "shouting");
  return Result.text(decode(input).toUpperCase() + "!");
}

export function caisson_process(at: usize, size: i32): u64 {
  return process(shout, at, size);
}
