// The guest of the suite that every SDK passes (guests/sdk/README.md): does what the first line of its input says. An input
// that does not begin with `!` comes back as it is.

import * as caisson from "./caisson.js";

const LEVELS = ["trace", "debug", "info", "warning", "error"];
let calls = 0;

function cut(text) {
  const at = text.indexOf(" ");
  return at < 0 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

function fetchAndShow(request) {
  const response = caisson.fetchUrl(request);
  return caisson.join(caisson.encode(`${response.status} ${response.header("x-answer")}\n`), response.body);
}


function suite(input) {
  ++calls;
  if (input[0] !== 0x21) return input;
  const found = input.indexOf(10);
  const end = found < 0 ? input.length : found;
  const body = input.subarray(end + 1);
  const [command, rest] = cut(caisson.decode(input.subarray(0, end)));
  const [word, tail] = cut(rest);
  switch (command) {
    case "!big":
      return new Uint8Array(Number(word)).fill(0x78);
    case "!reverse":
      return [...rest].reverse().join("");
    case "!count":
      return String(calls);
    case "!fail":
      throw new caisson.ProcessorError(Number(word), caisson.decode(body));
    case "!trap":
      return { get length() { throw new Error("thrown where nobody catches"); } };
    case "!log":
      caisson.log(LEVELS[Number(word)], tail);
      return "logged";
    case "!set":
      caisson.kvSet(rest, body);
      return "";
    case "!get":
      return caisson.kvGet(rest) ?? "nothing";
    case "!delete":
      caisson.kvDelete(rest);
      return "";
    case "!emit":
      caisson.emit(rest, body);
      return "";
    case "!fetch":
      return fetchAndShow({ url: tail, method: word, headers: { "x-suite": "yes" }, body });
    case "!secret":
      return fetchAndShow({ url: tail, headers: { authorization: { secret: word, prefix: "Bearer " } } });
    default:
      throw new caisson.ProcessorError(400, "there is no such command");
  }
}

export const processor = caisson.processor(suite);
