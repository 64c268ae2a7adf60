// Write a node of Caisson in AssemblyScript: this one file beside yours.
//
//   import { Result, Level, log, process } from "./caisson";
//   export { caisson_abi, caisson_alloc } from "./caisson";
//
//   function shout(input: Uint8Array): Result {
//     log(Level.Info, "shouting");
//     return Result.text(String.UTF8.decode(input.buffer) + "!");
//   }
//   export function caisson_process(at: usize, size: i32): u64 { return process(shout, at, size); }
//
//   asc index.ts -o node.wasm -O3 --runtime stub --use abort=caisson/abort
//
// It speaks the ABI `buffer`, version 1 (api/abi.md). With `--use CAISSON_COMPONENT=1` it is for a component of the world
// caisson:node instead, which component.mjs makes of it. With the runtime `stub` nothing is collected: every call has an instance
// of its own, and its memory ends with it.

/** What a processor gives: an output, or why there is none. */
export class Result {
  private constructor(
    public bytes: Uint8Array,
    /** 0: no error. By custom 400: the input makes no sense, 413: it is too large, 500: the rest. */
    public code: u16,
  ) {}
  static bytes(output: Uint8Array): Result { return new Result(output, 0); }
  static text(output: string): Result { return new Result(encode(output), 0); }
  /** The code is not 0; the message is for people. */
  static error(code: u16, message: string): Result { return new Result(encode(message), code); }
}

export function encode(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text, false, String.UTF8.ErrorMode.REPLACE));
}
export function decode(bytes: Uint8Array): string {
  return String.UTF8.decodeUnsafe(bytes.dataStart, bytes.byteLength);
}

/** Bytes of both, one after the other. */
export function join(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

// ---- The host ----

export enum Level { Trace, Debug, Info, Warning, Error }

/** A line for the log of the run. Needs no grant. */
export function log(level: Level, line: string): void {
  const bytes = encode(line);
  if (isDefined(CAISSON_COMPONENT)) {
    node_log(level, bytes.dataStart, bytes.length);
  } else {
    caisson_log(level, bytes.dataStart, bytes.length);
  }
}

/** What became of an operation. */
export enum Status {
  Ok,
  NotFound,
  /** It is not granted. */
  Denied,
  /** Its input is wrong. */
  Invalid,
  /** It does not fit into a limit. */
  Limit,
  /** There is no such operation. */
  Unknown,
  /** Something outside failed. */
  Failed,
}

export class Answer {
  constructor(
    public operation: string,
    public status: Status,
    /** The result; unless the status is Ok the reason, for people, which may be empty. */
    public bytes: Uint8Array,
  ) {}
  get ok(): bool { return this.status == Status.Ok; }
  get text(): string { return decode(this.bytes); }
  /** The bytes as the output of a processor, or an error that reads `kv.get: denied: ...`, code 500. */
  get result(): Result {
    if (this.ok) return Result.bytes(this.bytes);
    const meanings = ["", "not found", "denied", "invalid", "limit", "unknown", "failed"];
    const why = this.bytes.length > 0 ? ": " + this.text : "";
    return Result.error(500, this.operation + ": " + meanings[this.status] + why);
  }
}

/** Any operation of api/abi.md. The input is a JSON object on one line and, behind a line feed, bytes. */
export function call(operation: string, input: Uint8Array): Answer {
  const name = encode(operation);
  if (isDefined(CAISSON_COMPONENT)) {
    node_call(name.dataStart, name.length, input.dataStart, input.length, answered);
    const failed = load<u8>(answered) != 0;
    const status = failed ? <Status>(load<u8>(answered, 4) + Status.NotFound) : Status.Ok;
    const list = answered + (failed ? 8 : 4);
    return new Answer(operation, status, arrived(load<usize>(list), load<i32>(list, 4)));
  }
  const packed = caisson_call(name.dataStart, name.length, input.dataStart, input.length);
  const bytes = new Uint8Array(<i32>packed);
  if (caisson_take(bytes.dataStart, bytes.length) < 0) unreachable();
  return new Answer(operation, <Status>min<u32>(<u32>(packed >> 32), Status.Failed), bytes);
}

function callWith(operation: string, member: string, text: string, body: Uint8Array): Answer {
  return call(operation, join(encode(`{"${member}":${quoted(text)}}\n`), body));
}

/** Keys and values that the nodes of one run share. Grant: imports: [kv]. */
export function kvGet(key: string): Answer { return callWith("kv.get", "key", key, new Uint8Array(0)); }
export function kvSet(key: string, value: Uint8Array): Answer { return callWith("kv.set", "key", key, value); }
export function kvDelete(key: string): Answer { return callWith("kv.delete", "key", key, new Uint8Array(0)); }

/** Adds a record to the events of the run. Grant: imports: [emit]. */
export function emit(topic: string, record: Uint8Array): Answer { return callWith("emit", "topic", topic, record); }

/** At most 2^20 bytes. Grant: random. */
export function random(count: u32): Answer { return call("random.bytes", encode(`{"count":${count}}`)); }

/** `{"unix_ns": n, "elapsed_ns": n}`. Grant: clock. */
export function now(): Answer { return call("clock.now", new Uint8Array(0)); }

/** A request; `send` waits for the whole answer. Grants: net, secrets. */
export class Request {
  private headers: string[] = [];
  body: Uint8Array = new Uint8Array(0);
  constructor(public method: string, public url: string) {}
  /** A second header of the same name, whatever its case, is refused by the host. */
  header(name: string, value: string): Request {
    this.headers.push(quoted(name) + ":" + quoted(value));
    return this;
  }
  /** A header that the host completes with the value of a secret, behind `prefix`: `Bearer ` or nothing. */
  secret(name: string, secret: string, prefix: string): Request {
    this.headers.push(quoted(name) + `:{"secret":${quoted(secret)},"prefix":${quoted(prefix)}}`);
    return this;
  }
  send(): Response {
    const headers = this.headers.join(",");
    const head = `{"method":${quoted(this.method)},"url":${quoted(this.url)},"headers":{${headers}}}\n`;
    return new Response(call("http.fetch", join(encode(head), this.body)));
  }
}

/** The answer of a server, whatever its status is, if `answer.ok`. */
export class Response {
  status: i32 = 0;
  /** Names, in lower case, and values, one after the other. */
  headers: string[] = [];
  body: Uint8Array = new Uint8Array(0);
  constructor(public answer: Answer) {
    if (answer.ok) {
      const end = answer.bytes.indexOf(10);
      const head = decode(answer.bytes.subarray(0, end));
      this.status = I32.parseInt(head.substr('{"status":'.length, 3));
      this.headers = texts(head.substring(head.indexOf("[")));
      this.body = answer.bytes.slice(end + 1);
    }
  }
  /** The first header of that name, which is in lower case; empty if there is none. */
  header(name: string): string {
    for (let i = 0; i + 1 < this.headers.length; i += 2) {
      if (this.headers[i] == name) return this.headers[i + 1];
    }
    return "";
  }
}

// ---- As much JSON as the heads of operations need ----

function quoted(text: string): string {
  const out = new StaticArray<u16>(6 * text.length + 2); // an escape has six characters
  let size = 0;
  out[size++] = 0x22;
  for (let i = 0; i < text.length; ++i) {
    const c = <u16>text.charCodeAt(i);
    if (c < 0x20) {
      const escape = "\\u00" + (c < 0x10 ? "0" : "") + c.toString(16);
      for (let j = 0; j < escape.length; ++j) out[size++] = <u16>escape.charCodeAt(j);
      continue;
    }
    if (c == 0x22 || c == 0x5c) out[size++] = 0x5c;
    out[size++] = c;
  }
  out[size++] = 0x22;
  return String.UTF16.decodeUnsafe(changetype<usize>(out), 2 * size);
}

// All texts of a list of lists of texts, one after the other.
function texts(json: string): string[] {
  const all: string[] = [];
  for (let at = json.indexOf('"'); at >= 0; at = json.indexOf('"', at + 1)) {
    let text = "";
    let begin = ++at;
    for (; at < json.length && json.charCodeAt(at) != 0x22; ++at) {
      if (json.charCodeAt(at) != 0x5c) continue;
      text += json.substring(begin, at++);
      let c = json.charAt(at);
      const short = "bfnrt".indexOf(c);
      if (short >= 0) {
        c = "\b\f\n\r\t".charAt(short);
      } else if (c == "u") { // the host writes only control characters so
        c = String.fromCharCode(I32.parseInt(json.substr(at + 1, 4), 16));
        at += 4;
      }
      text += c;
      begin = at + 1;
    }
    all.push(text + json.substring(begin, at));
  }
  return all;
}

// ---- The ABI ----

// The world caisson:node, by the canonical ABI; node.wit has the types.
@external("caisson:node/host@1.0.0", "log") declare function node_log(level: i32, at: usize, size: i32): void;
@external("caisson:node/host@1.0.0", "call")
declare function node_call(operation: usize, operationSize: i32, input: usize, inputSize: i32, to: usize): void;

const answered = memory.data(16, 4); // result<list<u8>, failure>: a failure is a variant of which each case has a text
const processed = memory.data(16, 4); // result<list<u8>, error>

@external("caisson_v1", "log") declare function caisson_log(level: i32, at: usize, size: i32): void;
@external("caisson_v1", "call")
declare function caisson_call(operation: usize, operationSize: i32, input: usize, inputSize: i32): u64;
@external("caisson_v1", "take") declare function caisson_take(to: usize, room: i32): i32;

// What the host was given a place in.
let room = new ArrayBuffer(0);
let output = new Uint8Array(0);

export function caisson_abi(): i32 { return 1; }

/** Room for an input; in a component also for a result of the host. */
export function caisson_alloc(size: i32): usize {
  room = new ArrayBuffer(size);
  return changetype<usize>(room);
}

// What lies in the room, or in an older one, which the host may use again.
function arrived(at: usize, size: i32): Uint8Array {
  if (at == changetype<usize>(room)) return Uint8Array.wrap(room, 0, size);
  const bytes = new Uint8Array(size);
  memory.copy(bytes.dataStart, at, size);
  return bytes;
}

/** The work of `caisson_process`, which a module exports itself, since it names the processor. */
export function process(processor: (input: Uint8Array) => Result, at: usize, size: i32): u64 {
  const result = processor(arrived(at, size));
  output = result.bytes;
  if (isDefined(CAISSON_COMPONENT)) {
    store<u32>(processed, <u32>(result.code != 0));
    store<usize>(processed, output.dataStart, 4);
    store<i32>(processed, output.length, 8);
    store<u16>(processed, result.code, 12);
    return processed;
  }
  if (result.code != 0) output = encode(`{"message":${quoted(decode(result.bytes))},"code":${result.code}}`);
  return (<u64>(result.code != 0) << 63) | ((<u64>output.dataStart) << 32) | output.length;
}

/** What `throw` and a failed check do: a line in the log, and a trap. */
export function abort(message: string | null, file: string | null, line: u32, column: u32): void {
  log(Level.Error, `${message ? message : "abort"} (${file ? file : ""}:${line}:${column})`);
  unreachable();
}
