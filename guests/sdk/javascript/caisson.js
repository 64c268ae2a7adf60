// Write a component for Caisson in JavaScript: this one file, and componentize-js.
//
//   import * as caisson from "./caisson.js";
//
//   export const processor = caisson.processor((input) => {
//     caisson.log("info", "shouting");
//     return new TextDecoder().decode(input).toUpperCase() + "!";
//   });
//
// It is of the world caisson:node (api/wit/caisson-node). Most JavaScript needs none of this: a code node runs it as it is.

import * as host from "caisson:node/host@1.0.0";

/** Why an input was not processed. Any other exception of a processor has the code 500. */
export class ProcessorError extends Error {
  constructor(code, message) {
    super(message);
    this.code = code;
  }
}

/**
 * An operation of the host that gave nothing. Its message reads `kv.get: denied: ...`; `kind` is `not found`, `denied`,
 * `invalid`, `limit`, or `unknown`, which is also what failed outside.
 */
export class Failure extends Error {
  constructor(operation, kind, reason) {
    super(reason ? `${operation}: ${kind}: ${reason}` : `${operation}: ${kind}`);
    this.kind = kind;
    this.reason = reason;
  }
}

export const encode = (text) => new TextEncoder().encode(text);
export const decode = (bytes) => new TextDecoder().decode(bytes);

/** What a module exports as `processor`: the function takes a Uint8Array and gives one, or a text, or throws. */
export function processor(work) {
  return {
    process(input) {
      let output;
      try {
        output = work(input);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        throw { message, code: error instanceof ProcessorError ? error.code : 500 };
      }
      return typeof output === "string" ? encode(output) : output;
    },
  };
}

/** A line for the log of the run: trace, debug, info, warning, error. Needs no grant. */
export function log(level, line) {
  host.log(level, line);
}

export function join(first, second) {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}

/** Any operation of api/abi.md, with a head that becomes JSON. Throws a Failure. */
export function call(operation, head = {}, body = new Uint8Array()) {
  try {
    return host.call(operation, join(encode(JSON.stringify(head) + "\n"), body));
  } catch (error) {
    const failure = error.payload ?? error; // a variant: {tag, val}
    if (failure.tag === undefined) throw error;
    throw new Failure(operation, failure.tag.replace("-", " "), failure.val);
  }
}

function found(work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof Failure && error.kind === "not found") return null;
    throw error;
  }
}

/** Keys and values that the nodes of one run share; null: there is no such key. Grant: imports: [kv]. */
export const kvGet = (key) => found(() => call("kv.get", { key }));
export const kvSet = (key, value) => void call("kv.set", { key }, value);
/** Whether there was one. */
export const kvDelete = (key) => found(() => call("kv.delete", { key })) !== null;

/** Adds a record to the events of the run. Grant: imports: [emit]. */
export const emit = (topic, record) => void call("emit", { topic }, record);

/** At most 2^20 bytes. Grant: random. */
export const random = (count) => call("random.bytes", { count });

/**
 * Asks for a URL and waits for the whole answer, whatever its status. A header is a text, or
 * `{secret: NAME, prefix: "Bearer "}`, which the host completes. Grants: net, secrets.
 */
export function fetchUrl({ url, method = "GET", headers = {}, body = new Uint8Array() }) {
  const answer = call("http.fetch", { url, method, headers }, body);
  const end = answer.indexOf(10);
  const head = JSON.parse(decode(answer.subarray(0, end)));
  return {
    status: head.status,
    headers: head.headers, // [name, value], names in lower case, each as often as it was there
    body: answer.subarray(end + 1),
    header: (name) => head.headers.find(([key]) => key === name.toLowerCase())?.[1],
  };
}
