// URL and URLSearchParams, after the URL standard; host names that are not ASCII are refused, since there is no IDNA here.
(function () {
  'use strict';
  const ports = { 'http:': '80', 'https:': '443', 'ws:': '80', 'wss:': '443', 'ftp:': '21', 'file:': '' };
  const isSpecial = scheme => Object.hasOwn(ports, scheme);
  const encoder = text => encodeURIComponent(text.toWellFormed()).match(/%..|[^]/g) ?? [];
  // Percent-encodes what is not ASCII, control characters, and the characters in `more`.
  function encode(text, more) {
    let out = '';
    for (const c of text) {
      const code = c.codePointAt(0);
      if (code < 0x21 && c !== ' ' || code === 0x7F || code > 0x7E) out += code < 0x80 ? '%' + code.toString(16).toUpperCase().padStart(2, '0') : encoder(c).join('');
      else if (more.includes(c)) out += '%' + code.toString(16).toUpperCase().padStart(2, '0');
      else out += c;
    }
    return out;
  }
  const FRAGMENT = ' "<>`', QUERY = ' "#<>', PATH = ' "#<>?^`{}', USER = ' "#<>?`{}/:;=@[\\]^|';
  function decodeBytes(text) {
    try {
      return decodeURIComponent(text);
    } catch {
      return text.replace(/(%[0-9a-f]{2})+/gi, run => { try { return decodeURIComponent(run); } catch { return '\uFFFD'; } });
    }
  }

  function ipv4(host) {
    const parts = host.split('.');
    if (parts.length > 1 && parts[parts.length - 1] === '') parts.pop();
    if (!/^(0x[0-9a-f]*|\d+)$/i.test(parts[parts.length - 1])) return null;
    if (parts.length > 4) return undefined;
    const numbers = [];
    for (const part of parts) {
      if (part === '') return undefined;
      const hex = /^0x/i.test(part);
      const octal = !hex && part.length > 1 && part[0] === '0';
      const digits = hex ? part.slice(2) || '0' : part;
      if (!(hex ? /^[0-9a-f]+$/i : octal ? /^[0-7]+$/ : /^\d+$/).test(digits)) return undefined;
      numbers.push(parseInt(digits, hex ? 16 : octal ? 8 : 10));
    }
    const last = numbers.pop();
    if (numbers.some(n => n > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
    const value = numbers.reduce((sum, n, i) => sum + n * 256 ** (3 - i), last);
    return [24, 16, 8, 0].map(shift => Math.floor(value / 2 ** shift) % 256).join('.');
  }
  function ipv6(text) {
    const halves = text.split('::');
    if (halves.length > 2) return undefined;
    const read = half => {
      const groups = [];
      for (const part of half === '' ? [] : half.split(':')) {
        if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(parseInt(part, 16));
        else if (/^\d+\.\d+\.\d+\.\d+$/.test(part)) {
          const bytes = part.split('.').map(Number);
          if (bytes.some(b => b > 255)) return undefined;
          groups.push(bytes[0] * 256 + bytes[1], bytes[2] * 256 + bytes[3]);
        } else return undefined;
      }
      return groups;
    };
    const before = read(halves[0]), after = halves.length > 1 ? read(halves[1]) : [];
    if (!before || !after) return undefined;
    const missing = 8 - before.length - after.length;
    if (halves.length > 1 ? missing < 1 : missing !== 0) return undefined;
    const all = [...before, ...Array(missing).fill(0), ...after];
    let best = null;
    for (let i = 0; i < 8; i++) {
      let size = 0;
      while (i + size < 8 && all[i + size] === 0) size++;
      if (size > 1 && (!best || size > best.size)) best = { at: i, size };
      i += size;
    }
    const show = groups => groups.map(n => n.toString(16)).join(':');
    return '[' + (best ? show(all.slice(0, best.at)) + '::' + show(all.slice(best.at + best.size)) : show(all)) + ']';
  }
  function parseHost(text, scheme) {
    if (text.startsWith('[')) return text.endsWith(']') ? ipv6(text.slice(1, -1)) : undefined;
    if (!isSpecial(scheme)) return /[\0\t\n\r #/<>?@[\\\]^|]/.test(text) ? undefined : encode(text, '');
    const host = decodeBytes(text).toLowerCase();
    if (host === '' || /[^\x21-\x7E]|[#/:<>?@[\\\]^|%]/.test(host)) return undefined;
    const number = ipv4(host);
    return number === null ? host : number;
  }
  function splitPath(text, special, base = []) {
    const out = [...base];
    const parts = text.split(special ? /[\\/]/ : '/');
    parts.forEach((part, i) => {
      const last = i === parts.length - 1;
      const plain = part.replace(/%2e/gi, '.');
      if (plain === '..') {
        out.pop();
        if (last) out.push('');
      } else if (plain === '.') {
        if (last) out.push('');
      } else out.push(encode(part, PATH));
    });
    return out;
  }

  function parse(input, base) {
    let rest = String(input).toWellFormed().replace(/^[\0-\x20]+|[\0-\x20]+$/g, '').replace(/[\t\n\r]/g, '');
    const url = { scheme: '', user: '', password: '', host: null, port: '', path: [], opaque: null, query: null, fragment: null };
    const hash = rest.indexOf('#');
    if (hash >= 0) {
      url.fragment = encode(rest.slice(hash + 1), FRAGMENT);
      rest = rest.slice(0, hash);
    }
    const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(rest);
    let relative = !scheme;
    if (scheme) {
      url.scheme = scheme[1].toLowerCase() + ':';
      const tail = rest.slice(scheme[0].length);
      if (base && base.scheme === url.scheme && isSpecial(url.scheme) && !/^[\\/]/.test(tail) && url.scheme !== 'file:') relative = true;
      rest = tail;
    } else if (!base) return null;
    if (relative) {
      url.scheme = base.scheme;
      if (base.opaque !== null && (rest !== '' || url.fragment === null)) return null;
    }
    const special = isSpecial(url.scheme);
    const takeQuery = () => {
      const mark = rest.indexOf('?');
      if (mark < 0) return;
      url.query = encode(rest.slice(mark + 1), special ? QUERY + "'" : QUERY);
      rest = rest.slice(0, mark);
    };
    const slashes = special ? /^[\\/]{2}/ : /^\/\//;
    if (!relative && special && url.scheme !== 'file:') rest = '//' + rest.replace(/^[\\/]*/, '');
    takeQuery();
    if (slashes.test(rest)) {
      const end = rest.slice(2).search(special ? /[\\/]/ : /\//);
      let authority = end < 0 ? rest.slice(2) : rest.slice(2, end + 2);
      rest = end < 0 ? '' : rest.slice(end + 2);
      const at = authority.lastIndexOf('@');
      if (at >= 0) {
        const [user, ...password] = authority.slice(0, at).split(':');
        url.user = encode(user, USER);
        url.password = encode(password.join(':'), USER);
        authority = authority.slice(at + 1);
        if (authority === '') return null;
      }
      const port = /:(\d*)$/.exec(authority);
      if (port && !authority.endsWith(']')) {
        authority = authority.slice(0, port.index);
        if (Number(port[1]) > 65535) return null;
        url.port = port[1] === '' ? '' : String(Number(port[1]));
        if (url.port === ports[url.scheme]) url.port = '';
      }
      if (authority === '' && (!special || url.scheme === 'file:')) url.host = '';
      else {
        url.host = parseHost(authority, url.scheme) ?? null;
        if (url.host === null) return null;
      }
      url.path = splitPath(rest.slice(1), special);
      if (!special && rest === '') url.path = [];
      return url;
    }
    if (!relative && !special && !rest.startsWith('/')) {
      url.opaque = encode(rest, '');
      return url;
    }
    if (url.scheme === 'file:' && !relative) {
      url.host = '';
    } else if (relative) {
      Object.assign(url, { user: base.user, password: base.password, host: base.host, port: base.port, opaque: base.opaque });
      if (base.opaque !== null) return Object.assign(url, { query: base.query });
      if (rest === '') {
        url.path = [...base.path];
        if (url.query === null) url.query = base.query;
        return url;
      }
      if (!/^[\\/]/.test(rest) || !special && !rest.startsWith('/')) {
        url.path = splitPath(rest, special, base.path.slice(0, -1));
        return url;
      }
    }
    url.path = splitPath(rest.slice(1), special);
    return url;
  }
  const pathOf = url => url.opaque ?? (url.path.length || isSpecial(url.scheme) ? '/' + url.path.join('/') : '');

  const formEncode = text => encoder(text).join('').replace(/[!'()~]/g, c => '%' + c.charCodeAt(0).toString(16).toUpperCase()).replace(/%20/g, '+');
  class URLSearchParams {
    #list = []; #changed = null;
    constructor(from = '', changed = null) {
      if (typeof from === 'object' && from !== null) {
        const pairs = typeof from[Symbol.iterator] === 'function' ? from : Object.entries(from);
        for (const [name, value] of pairs) this.#list.push([String(name), String(value)]);
      } else this.#read(String(from));
      this.#changed = changed;
    }
    #read(text) {
      this.#list = text.replace(/^\?/, '').split('&').filter(part => part !== '').map(part => {
        const [name, ...value] = part.replace(/\+/g, ' ').split('=');
        return [decodeBytes(name), decodeBytes(value.join('='))];
      });
    }
    #tell() { this.#changed?.(this.toString()); }
    get size() { return this.#list.length; }
    append(name, value) { this.#list.push([String(name), String(value)]); this.#tell(); }
    delete(name, value) { this.#list = this.#list.filter(([n, v]) => n !== String(name) || value !== undefined && v !== String(value)); this.#tell(); }
    get(name) { return this.#list.find(([n]) => n === String(name))?.[1] ?? null; }
    getAll(name) { return this.#list.filter(([n]) => n === String(name)).map(([, v]) => v); }
    has(name, value) { return this.#list.some(([n, v]) => n === String(name) && (value === undefined || v === String(value))); }
    set(name, value) {
      const first = this.#list.findIndex(([n]) => n === String(name));
      if (first < 0) return this.append(name, value);
      this.#list = this.#list.filter(([n], i) => n !== String(name) || i === first);
      this.#list[first][1] = String(value);
      this.#tell();
    }
    sort() { this.#list.sort(([a], [b]) => a < b ? -1 : a > b ? 1 : 0); this.#tell(); }
    forEach(callback, self) { for (const [name, value] of this.#list) callback.call(self, value, name, this); }
    *entries() { for (const [name, value] of this.#list) yield [name, value]; }
    *keys() { for (const [name] of this.#list) yield name; }
    *values() { for (const [, value] of this.#list) yield value; }
    [Symbol.iterator]() { return this.entries(); }
    toString() { return this.#list.map(([n, v]) => `${formEncode(n)}=${formEncode(v)}`).join('&'); }
    static update(params, text) { params.#read(text); }
  }

  class URL {
    #url; #params;
    constructor(input, base) {
      const from = base === undefined ? null : parse(base, null);
      this.#url = base !== undefined && from === null ? null : parse(input, from);
      if (this.#url === null) throw new TypeError(`Invalid URL: ${input}`);
      this.#params = new URLSearchParams(this.#url.query ?? '', text => { this.#url.query = text === '' ? null : text; });
    }
    static canParse(input, base) { return URL.parse(input, base) !== null; }
    static parse(input, base) { try { return new URL(input, base); } catch { return null; } }
    get href() {
      const u = this.#url;
      let text = u.scheme;
      if (u.host !== null) {
        text += '//';
        if (u.user || u.password) text += u.user + (u.password ? ':' + u.password : '') + '@';
        text += this.host;
      } else if (u.opaque === null && u.path.length > 1 && u.path[0] === '') text += '/.';
      return text + pathOf(u) + (u.query === null ? '' : '?' + u.query) + (u.fragment === null ? '' : '#' + u.fragment);
    }
    set href(value) {
      const url = parse(value, null);
      if (!url) throw new TypeError(`Invalid URL: ${value}`);
      this.#url = url;
      URLSearchParams.update(this.#params, url.query ?? '');
    }
    get origin() { return isSpecial(this.#url.scheme) && this.#url.scheme !== 'file:' ? `${this.#url.scheme}//${this.host}` : 'null'; }
    get protocol() { return this.#url.scheme; }
    set protocol(value) {
      const scheme = /^([a-z][a-z0-9+.-]*):?/i.exec(value)?.[1].toLowerCase() + ':';
      if (isSpecial(scheme) !== isSpecial(this.#url.scheme)) return;
      this.#url.scheme = scheme;
      if (this.#url.port === ports[scheme]) this.#url.port = '';
    }
    get username() { return this.#url.user; }
    set username(value) { if (this.#url.host) this.#url.user = encode(String(value), USER); }
    get password() { return this.#url.password; }
    set password(value) { if (this.#url.host) this.#url.password = encode(String(value), USER); }
    get host() { return (this.#url.host ?? '') + (this.#url.port === '' ? '' : ':' + this.#url.port); }
    set host(value) {
      const [, host, port] = /^(\[[^\]]*\]|[^:/?#]*)(?::(\d+))?/.exec(value);
      this.hostname = host;
      if (port !== undefined) this.port = port;
    }
    get hostname() { return this.#url.host ?? ''; }
    set hostname(value) {
      const host = this.#url.opaque === null ? parseHost(String(value), this.#url.scheme) : undefined;
      if (host !== undefined) this.#url.host = host;
    }
    get port() { return this.#url.port; }
    set port(value) {
      const port = String(value) === '' ? '' : /^\d+/.exec(value)?.[0];
      if (port === undefined || !this.#url.host || Number(port) > 65535) return;
      this.#url.port = port === '' || String(Number(port)) === ports[this.#url.scheme] ? '' : String(Number(port));
    }
    get pathname() { return pathOf(this.#url); }
    set pathname(value) { if (this.#url.opaque === null) this.#url.path = splitPath(String(value).replace(/^[\\/]/, ''), isSpecial(this.#url.scheme)); }
    get search() { return this.#url.query ? '?' + this.#url.query : ''; }
    set search(value) {
      const text = String(value).replace(/^\?/, '');
      this.#url.query = text === '' ? null : encode(text, isSpecial(this.#url.scheme) ? QUERY + "'" : QUERY);
      URLSearchParams.update(this.#params, this.#url.query ?? '');
    }
    get searchParams() { return this.#params; }
    get hash() { return this.#url.fragment ? '#' + this.#url.fragment : ''; }
    set hash(value) { const text = String(value).replace(/^#/, ''); this.#url.fragment = text === '' ? null : encode(text, FRAGMENT); }
    toString() { return this.href; }
    toJSON() { return this.href; }
  }
  for (const [name, value] of Object.entries({ URL, URLSearchParams })) {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  }
})();
