// The guest of the suite that every SDK passes (guests/sdk/README.md): does what the first line of its input says. An input
// that does not begin with `!` comes back as it is.

import { Level, Request, Result, Status } from "../caisson";
import { decode, emit, encode, join, kvDelete, kvGet, kvSet, log, process } from "../caisson";
export { caisson_abi, caisson_alloc } from "../caisson";

let calls = 0;

// What is before the first blank, and behind it.
function cut(text: string): string[] {
  const at = text.indexOf(" ");
  return at < 0 ? [text, ""] : [text.substring(0, at), text.substring(at + 1)];
}

function reverse(text: string): string {
  let out = "";
  for (let at = text.length; at > 0;) {
    const low = text.charCodeAt(at - 1);
    const size = low >= 0xdc00 && low < 0xe000 ? 2 : 1; // a character beyond 16 bits has two units
    out += text.substr(at - size, size);
    at -= size;
  }
  return out;
}

function fetch(request: Request): Result {
  const response = request.send();
  if (!response.answer.ok) return response.answer.result;
  return Result.bytes(join(encode(`${response.status} ${response.header("x-answer")}\n`), response.body));
}

function suite(input: Uint8Array): Result {
  ++calls;
  if (input.length == 0 || input[0] != 0x21) return Result.bytes(input);
  const found = input.indexOf(10);
  const end = found < 0 ? input.length : found;
  const body = input.slice(end + 1);
  const line = cut(decode(input.subarray(0, end)));
  const command = line[0];
  const rest = line[1];
  const word = cut(rest)[0];
  const tail = cut(rest)[1];
  if (command == "!big") return Result.bytes(new Uint8Array(I32.parseInt(word)).fill(0x78));
  if (command == "!reverse") return Result.text(reverse(rest));
  if (command == "!count") return Result.text(calls.toString());
  if (command == "!fail") return Result.error(<u16>I32.parseInt(word), decode(body));
  if (command == "!trap") throw new Error("as it was told");
  if (command == "!log") {
    log(<Level>I32.parseInt(word), tail);
    return Result.text("logged");
  }
  if (command == "!set") return kvSet(rest, body).result;
  if (command == "!get") {
    const answer = kvGet(rest);
    return answer.status == Status.NotFound ? Result.text("nothing") : answer.result;
  }
  if (command == "!delete") return kvDelete(rest).result;
  if (command == "!emit") return emit(rest, body).result;
  if (command == "!fetch") {
    const request = new Request(word, tail).header("x-suite", "yes");
    request.body = body;
    return fetch(request);
  }
  if (command == "!secret") return fetch(new Request("GET", tail).secret("authorization", word, "Bearer "));
  return Result.error(400, "there is no such command");
}

export function caisson_process(at: usize, size: i32): u64 {
  return process(suite, at, size);
}
