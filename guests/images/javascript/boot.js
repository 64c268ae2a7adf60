// The globals that the language itself does not have, and what the runner calls. `functions` has what is written in C.
(function (functions) {
  'use strict';
  let acted = false;
  const native = {
    __proto__: functions,
    log(level, text) { acted = true; functions.log(level, text); },
    call(operation, head, body) { acted = true; return functions.call(operation, head, body); },
  };
  const { stringify, parse } = JSON;
  const define = (object, members) => {
    for (const name of Object.keys(members)) {
      Object.defineProperty(object, name, { value: members[name], writable: true, configurable: true, enumerable: false });
    }
  };

  // --- console

  const isPlain = name => /^[A-Za-z_$][\w$]*$/.test(name);
  const quote = text => "'" + text.replace(/\\/g, '\\\\').replace(/'/g, "\\'").replace(/\n/g, '\\n') + "'";
  function inspect(value, depth = 0, above = []) {
    switch (typeof value) {
      case 'string': return depth ? quote(value) : value;
      case 'bigint': return `${value}n`;
      case 'symbol': return String(value);
      case 'number': return Object.is(value, -0) ? '-0' : String(value);
      case 'function': return `[${/^class\b/.test(Function.prototype.toString.call(value)) ? 'class' : 'Function'}${value.name ? ': ' + value.name : ' (anonymous)'}]`;
      case 'object': break;
      default: return String(value);
    }
    if (value === null) return 'null';
    if (above.includes(value)) return '[Circular]';
    if (value instanceof Error) {
      const stack = typeof value.stack === 'string' ? value.stack.trimEnd() : '';
      return `${value.name}: ${value.message}` + (stack && !depth ? '\n' + stack : '');
    }
    if (value instanceof Date) return isNaN(value) ? 'Invalid Date' : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (value instanceof Promise) return 'Promise {}';
    if (depth > 3) return Array.isArray(value) ? '[Array]' : '[Object]';
    const next = [...above, value];
    const show = item => inspect(item, depth + 1, next);
    const list = (open, items, close, count = items.length) => {
      if (count > items.length) items.push(`... ${count - items.length} more`);
      if (!items.length) return open + close;
      const line = `${open} ${items.join(', ')} ${close}`;
      if (line.length <= 76 && !line.includes('\n')) return line;
      const indent = '  '.repeat(depth + 1);
      return `${open}\n${indent}${items.join(',\n' + indent)}\n${'  '.repeat(depth)}${close}`;
    };
    if (Array.isArray(value)) return list('[', value.slice(0, 100).map(show), ']', value.length);
    if (ArrayBuffer.isView(value) && value.length !== undefined) {
      return `${value.constructor.name}(${value.length}) ` + list('[', Array.from(value.slice(0, 100), show), ']', value.length);
    }
    const name = value.constructor && value.constructor !== Object ? value.constructor.name + ' ' : '';
    if (value instanceof Map) return `Map(${value.size}) ` + list('{', [...value].slice(0, 100).map(([k, v]) => `${show(k)} => ${show(v)}`), '}', value.size);
    if (value instanceof Set) return `Set(${value.size}) ` + list('{', [...value].slice(0, 100).map(show), '}', value.size);
    const keys = Object.keys(value);
    return name + list('{', keys.slice(0, 100).map(key => `${isPlain(key) ? key : quote(key)}: ${show(value[key])}`), '}', keys.length);
  }
  function format(parts) {
    if (typeof parts[0] !== 'string' || !parts[0].includes('%') || parts.length < 2) return parts.map(part => inspect(part)).join(' ');
    let at = 1;
    const text = parts[0].replace(/%[sdifjoO%]/g, mark => {
      if (mark === '%%') return '%';
      if (at >= parts.length) return mark;
      const value = parts[at++];
      switch (mark) {
        case '%s': return typeof value === 'object' && value !== null ? inspect(value, 1) : String(value);
        case '%d': return typeof value === 'bigint' ? `${value}n` : String(Number(value));
        case '%i': return String(parseInt(value, 10));
        case '%f': return String(parseFloat(value));
        case '%j': return stringify(value);
        default: return inspect(value, 1);
      }
    });
    return [text, ...parts.slice(at).map(part => inspect(part))].join(' ');
  }
  let indent = '';
  const line = (level, parts) => {
    const text = format(parts);
    native.log(level, indent ? indent + text.replace(/\n/g, '\n' + indent) : text);
  };
  const counts = new Map();
  const started = new Map();
  const console = {
    log(...parts) { line(2, parts); },
    info(...parts) { line(2, parts); },
    debug(...parts) { line(1, parts); },
    warn(...parts) { line(3, parts); },
    error(...parts) { line(4, parts); },
    trace(...parts) { line(0, [format(['Trace:', ...parts]) + '\n' + (new Error().stack || '')]); },
    assert(condition, ...parts) { if (!condition) line(4, ['Assertion failed' + (parts.length ? ':' : ''), ...parts]); },
    dir(value) { line(2, [inspect(value, 1)]); },
    table(value) { line(2, [inspect(value, 1)]); },
    group(...parts) { if (parts.length) line(2, parts); indent += '  '; },
    groupEnd() { indent = indent.slice(2); },
    count(label = 'default') { counts.set(label, (counts.get(label) || 0) + 1); line(2, [`${label}: ${counts.get(label)}`]); },
    countReset(label = 'default') { counts.delete(label); },
    time(label = 'default') { started.set(label, native.monotonic()); },
    timeEnd(label = 'default') { line(2, [`${label}: ${(native.monotonic() - started.get(label)).toFixed(3)}ms`]); started.delete(label); },
  };
  console.groupCollapsed = console.group;

  // --- Timers: a queue whose time is what was slept, so that only a wait asks the host for something.

  let timers = [];
  let time = 0;
  let made = 0;
  function start(callback, delay, repeat, parts) {
    if (typeof callback !== 'function') throw new TypeError('the callback is not a function');
    delay = Math.max(repeat ? 1 : 0, Math.min(Number(delay) || 0, 2147483647));
    timers.push({ id: ++made, at: time + delay, callback, parts, repeat: repeat ? delay : -1 });
    return made;
  }
  function stop(id) { timers = timers.filter(timer => timer.id !== id); }
  function timer() {
    if (!timers.length) return false;
    let first = timers[0];
    for (const other of timers) if (other.at < first.at) first = other;
    if (first.at > time) {
      native.sleep(first.at - time);
      time = first.at;
    }
    if (first.repeat < 0) stop(first.id);
    else Object.assign(first, { at: time + first.repeat, id: first.id });
    first.callback(...first.parts);
    return true;
  }

  // --- Text

  class TextEncoder {
    get encoding() { return 'utf-8'; }
    encode(text = '') { return native.bytes(String(text)); }
    encodeInto(text, to) {
      const bytes = native.bytes(String(text));
      let size = Math.min(bytes.length, to.length);
      while (size > 0 && size < bytes.length && (bytes[size] & 0xC0) === 0x80) size--;
      to.set(bytes.subarray(0, size));
      return { read: native.utf8(bytes.subarray(0, size), false).length, written: size };
    }
  }
  const view = bytes => bytes === undefined ? new Uint8Array(0) : bytes instanceof Uint8Array ? bytes
    : bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  class TextDecoder {
    #fatal; #mark; #rest = null; #begun = false;
    constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
      if (!/^\s*(utf-?8|unicode-1-1-utf-8)\s*$/i.test(label)) throw new RangeError(`the encoding '${label}' is not supported`);
      this.#fatal = fatal;
      this.#mark = ignoreBOM;
    }
    get encoding() { return 'utf-8'; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#mark; }
    decode(input, { stream = false } = {}) {
      let bytes = view(input);
      if (this.#rest) {
        const both = new Uint8Array(this.#rest.length + bytes.length);
        both.set(this.#rest);
        both.set(bytes, this.#rest.length);
        bytes = both;
      }
      this.#rest = null;
      if (stream) {
        let back = 1;
        while (back <= 3 && back <= bytes.length && (bytes[bytes.length - back] & 0xC0) === 0x80) back++;
        const first = bytes[bytes.length - back];
        const wanted = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 1;
        if (wanted > back) {
          this.#rest = bytes.slice(bytes.length - back);
          bytes = bytes.subarray(0, bytes.length - back);
        }
      }
      let text = native.utf8(bytes, this.#fatal);
      if (text === undefined) throw new TypeError('the bytes are not UTF-8');
      if (!this.#begun && !this.#mark && text.charCodeAt(0) === 0xFEFF) text = text.slice(1);
      this.#begun = stream;
      return text;
    }
  }

  // --- Copies

  function structuredClone(value) {
    const copies = new Map();
    const refuse = what => { throw new DOMException(`${what} could not be cloned`, 'DataCloneError'); };
    const copy = from => {
      if (typeof from === 'function' || typeof from === 'symbol') refuse(String(from));
      if (typeof from !== 'object' || from === null) return from;
      if (copies.has(from)) return copies.get(from);
      const keep = to => (copies.set(from, to), to);
      if (from instanceof Date) return keep(new Date(from.getTime()));
      if (from instanceof RegExp) return keep(new RegExp(from.source, from.flags));
      if (from instanceof ArrayBuffer) return keep(from.slice(0));
      if (ArrayBuffer.isView(from)) {
        const buffer = copy(from.buffer);
        return keep(new from.constructor(buffer, from.byteOffset, from.length ?? from.byteLength));
      }
      if (from instanceof Map) {
        const to = keep(new Map());
        for (const [key, item] of from) to.set(copy(key), copy(item));
        return to;
      }
      if (from instanceof Set) {
        const to = keep(new Set());
        for (const item of from) to.add(copy(item));
        return to;
      }
      if (from instanceof Error) {
        const to = keep(new (globalThis[from.name] ?? Error)(from.message));
        define(to, { stack: from.stack });
        if ('cause' in from) define(to, { cause: copy(from.cause) });
        return to;
      }
      if (from instanceof Boolean || from instanceof Number || from instanceof String) return keep(Object(from.valueOf()));
      if (from instanceof Promise || from instanceof WeakMap || from instanceof WeakSet || from instanceof WeakRef) refuse(inspect(from));
      const to = keep(Array.isArray(from) ? new Array(from.length) : {});
      for (const key of Object.keys(from)) to[key] = copy(from[key]);
      return to;
    };
    return copy(value);
  }

  // --- The host

  class HostError extends Error {
    constructor(operation, message, status) {
      super(message);
      define(this, { operation, status });
    }
    get name() { return 'HostError'; }
  }
  class Secret {
    #head;
    constructor(head) { this.#head = head; }
    static head(secret) { return secret.#head; }
    toString() { return '[secret]'; }
    toJSON() { throw new TypeError('a secret is no value; it goes into a header'); }
  }
  const text = (value, what) => {
    if (typeof value !== 'string') throw new TypeError(`${what} must be a string`);
    return value;
  };
  const bytes = value => typeof value === 'string' || value === undefined || value === null ? value ?? undefined
    : value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? view(value) : stringify(value);
  const operate = (operation, head, body, absent) => {
    const answer = native.call(operation, stringify(head), body);
    if (!Array.isArray(answer)) return answer;
    if (answer[0] === 1 && absent) return undefined;
    throw new HostError(operation, answer[1], answer[2]);
  };

  const levels = { trace: 0, debug: 1, info: 2, warn: 3, warning: 3, error: 4 };
  const log = (level, ...parts) => {
    const number = typeof level === 'number' ? level : levels[level];
    if (number === undefined) throw new TypeError(`no such level: ${level}`);
    line(number, parts);
  };
  for (const name of Object.keys(levels)) log[name] = (...parts) => line(levels[name], parts);

  const kv = {
    get(key, otherwise = undefined) {
      const value = operate('kv.get', { key: text(key, 'the key') }, undefined, true);
      return value === undefined ? otherwise : native.utf8(value, true) ?? value;
    },
    set(key, value) { operate('kv.set', { key: text(key, 'the key') }, bytes(value)); },
    delete(key) { operate('kv.delete', { key: text(key, 'the key') }, undefined, true); },
  };

  class Headers {
    #all = new Map();
    constructor(from = {}) {
      const pairs = from instanceof Headers ? from : typeof from[Symbol.iterator] === 'function' ? from : Object.entries(from);
      for (const [name, value] of pairs) this.append(name, value);
    }
    append(name, value) {
      const key = String(name).toLowerCase();
      const before = this.#all.get(key);
      this.#all.set(key, value instanceof Secret ? value : before === undefined ? String(value) : `${before}, ${value}`);
    }
    set(name, value) { this.#all.set(String(name).toLowerCase(), value instanceof Secret ? value : String(value)); }
    get(name) { return this.#all.get(String(name).toLowerCase()) ?? null; }
    has(name) { return this.#all.has(String(name).toLowerCase()); }
    delete(name) { this.#all.delete(String(name).toLowerCase()); }
    forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
    *entries() { yield* [...this.#all].sort(([a], [b]) => a < b ? -1 : 1); }
    *keys() { for (const [name] of this) yield name; }
    *values() { for (const [, value] of this) yield value; }
    [Symbol.iterator]() { return this.entries(); }
  }
  class Response {
    #body; #used = false;
    constructor(body = null, { status = 200, statusText = '', headers = {}, url = '' } = {}) {
      this.#body = body === null ? new Uint8Array(0) : typeof body === 'string' ? native.bytes(body) : view(body);
      define(this, { status, statusText, url, headers: new Headers(headers), redirected: false, type: 'basic' });
    }
    get ok() { return this.status >= 200 && this.status < 300; }
    get bodyUsed() { return this.#used; }
    #take() {
      if (this.#used) throw new TypeError('the body was read already');
      this.#used = true;
      return this.#body;
    }
    async text() { return new TextDecoder().decode(this.#take()); }
    async json() { return parse(await this.text()); }
    async bytes() { return this.#take(); }
    async arrayBuffer() { return this.#take().slice().buffer; }
    clone() { return new Response(this.#body, this); }
  }
  // Asks the host and waits: the status, the headers as pairs, the bytes.
  function ask(url, { method, headers, body, json } = {}) {
    const all = new Headers(headers ?? {});
    const type = value => { if (!all.has('content-type')) all.set('content-type', value); };
    if (json !== undefined) {
      body = stringify(json);
      type('application/json');
    } else if (body instanceof URLSearchParams) {
      body = String(body);
      type('application/x-www-form-urlencoded;charset=UTF-8');
    }
    const head = { url: String(url) };
    if (method !== undefined) head.method = String(method).toUpperCase();
    const named = [...all].map(([name, value]) => [name, value instanceof Secret ? Secret.head(value) : value]);
    if (named.length) head.headers = Object.fromEntries(named);
    const answer = operate('http.fetch', head, bytes(body));
    const split = answer.indexOf(10);
    const { status, headers: got = [] } = parse(native.utf8(split < 0 ? answer : answer.subarray(0, split), false));
    return { status, headers: got, url: head.url, body: split < 0 ? new Uint8Array(0) : answer.slice(split + 1) };
  }
  async function fetch(resource, options = {}) {
    const url = typeof resource === 'object' && resource !== null && 'url' in resource ? resource.url : resource;
    const answer = ask(url, options);
    return new Response(answer.body, answer);
  }
  // What caisson.http gives: the same without promises, since the host answers before it returns.
  class Answer {
    #body;
    constructor({ status, headers, url, body }) {
      define(this, { status, url, ok: status >= 200 && status < 300, headers: Object.fromEntries(new Headers(headers)) });
      this.#body = body;
    }
    bytes() { return this.#body; }
    text() { return new TextDecoder().decode(this.#body); }
    json() { return parse(this.text()); }
  }
  const http = {
    fetch: (url, options) => new Answer(ask(url, options)),
    get: (url, options) => new Answer(ask(url, { ...options, method: 'GET' })),
    post: (url, body, options) => new Answer(ask(url, { ...options, body, method: 'POST' })),
  };

  const caisson = { payload: undefined, metadata: undefined, run: undefined, context: undefined };
  const fixed = {
    log, kv, http, fetch, HostError,
    emit(topic, data) { operate('emit', { topic: text(topic, 'the topic') }, bytes(data)); },
    secret(name, { prefix, user } = {}) { return new Secret({ secret: text(name, 'the name'), prefix, user }); },
    sleep(seconds) { native.sleep(Number(seconds) * 1000); },
  };
  define(caisson, fixed);

  // --- What the runner calls

  const evaluate = eval;
  const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;
  const lookup = {
    run: () => run, process: () => process, result: () => result, output: () => output,
  };
  const find = name => {
    try {
      if (Object.hasOwn(lookup, name)) return lookup[name]();
      return identifier.test(name) ? evaluate(name) : undefined;
    } catch {
      return undefined;
    }
  };
  const rejected = new Map();
  const kit = {
    caisson, inspect, timer,
    begin(request) {
      const inputs = request.inputs && typeof request.inputs === 'object' ? request.inputs : {};
      const given = { ...request };
      request.inputs = inputs;
      for (const name of ['payload', 'metadata', 'run', 'context']) caisson[name] = request[name];
      if (!request.session) caisson.context ??= inputs;
      if (!request.session || 'inputs' in given || globalThis.inputs === undefined) globalThis.inputs = inputs;
      if (!request.session || 'context' in given) globalThis.context = caisson.context;
      return request.name ?? '';
    },
    // Whether more lines could make the code whole: what the parser missed is behind all of it, or it has no end.
    endsEarly(code, message, line, column) {
      if (message === 'unexpected end of comment') return true;
      const lines = code.trimEnd().split('\n');
      if (message === 'unexpected end of string') return lines[line - 1]?.[column - 1] === '`';
      return line > lines.length || line === lines.length && column > lines[line - 1].length;
    },
    isModule: code => /^[ \t]*(import\b\s*["'{*\w]|export\b)/m.test(code),
    // {value} of what was found; a text when there is nothing; undefined when it may still come.
    finish(request, module, last, variables, drained) {
      const entry = request.entry ?? 'run';
      const isModule = variables !== null;
      const all = isModule ? { ...variables, ...module } : null;
      const of = name => isModule ? all[name] : find(name);
      const call = f => ({ value: f(request.inputs) });
      const main = of(entry);
      if (typeof main === 'function') return call(main);
      if (entry !== 'run') return `there is no function '${entry}'`;
      const ending = isModule ? all.default : last;
      if (isModule && typeof ending === 'function') return call(ending);
      const process = of('process');
      if (typeof process === 'function') {
        const given = request.payload ?? Object.values(request.inputs)[0] ?? '';
        return { value: process(typeof given === 'string' ? given : stringify(given)) };
      }
      if (ending !== null && typeof ending === 'object' && typeof ending[entry] === 'function') return { value: ending[entry](request.inputs) };
      if (!isModule && typeof ending === 'function') return call(ending);
      if (!drained) return undefined;
      for (const name of ['result', 'output']) {
        const value = of(name);
        if (value !== undefined) return { value };
      }
      // A last statement without a value is enough for code that printed something, or asked the host for something.
      if (ending !== undefined || acted) return { value: ending };
      return 'nothing to return: define run(inputs), set result, or end with an expression';
    },
    rejection(promise, reason, handled) {
      if (handled) rejected.delete(promise);
      else rejected.set(promise, reason);
    },
    // As if nothing had run yet: the last thing of the initialiser, after what warms the image.
    reset() {
      acted = false;
      timers = [];
      time = made = 0;
      for (const name of ['payload', 'metadata', 'run', 'context']) caisson[name] = undefined;
      globalThis.inputs = globalThis.context = undefined;
    },
    end() {
      for (const reason of rejected.values()) native.log(4, 'unhandled rejection: ' + inspect(reason));
      rejected.clear();
    },
  };
  // What makes code of a text is denied, by whatever name one comes to it. (0, eval) of our own is kept before.
  const deny = name => Object.defineProperty(function () {
    throw new EvalError(`Call to built-in '${name}' is not allowed`);
  }, 'name', { value: name });
  for (const kind of [function () {}, async function () {}, function* () {}, async function* () {}]) {
    const prototype = Object.getPrototypeOf(kind);
    const denied = deny(prototype.constructor.name);
    Object.defineProperty(denied, 'prototype', { value: prototype, writable: false });
    Object.defineProperty(prototype, 'constructor', { value: denied });
  }
  define(globalThis, { eval: deny('eval'), Function: Function.prototype.constructor });
  define(globalThis, {
    console, TextEncoder, TextDecoder, structuredClone, Headers, Response, fetch, caisson,
    setTimeout: (callback, delay, ...parts) => start(callback, delay, false, parts),
    setInterval: (callback, delay, ...parts) => start(callback, delay, true, parts),
    setImmediate: (callback, ...parts) => start(callback, 0, false, parts),
    clearTimeout: stop, clearInterval: stop, clearImmediate: stop,
    performance: { now: () => native.monotonic(), timeOrigin: 0 },
    crypto: {
      getRandomValues(to) {
        view(to).set(native.random(to.byteLength));
        return to;
      },
      randomUUID() {
        const b = native.random(16);
        b[6] = b[6] & 15 | 64;
        b[8] = b[8] & 63 | 128;
        const hex = Array.from(b, byte => byte.toString(16).padStart(2, '0')).join('');
        return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
      },
    },
    self: globalThis, inputs: undefined, context: undefined,
  });
  return kit;
});
