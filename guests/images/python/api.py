"""The host's functions for code in the sandbox, and what the run is about: payload, metadata, run, context."""

import json as _json
from _caisson import call as _call, print as _print

payload = metadata = run = None
context = {}


class HostError(Exception):
    """An operation that failed. `status` is denied, not_found, invalid, limit, unknown or failed."""

    def __init__(self, message, operation=None, status=None):
        super().__init__(message)
        self.operation, self.status = operation, status


class Denied(HostError, PermissionError):
    """An operation that is not granted."""

    def __str__(self):
        return str(self.args[0])


class Secret:
    """The name of a secret, to be a value of a header: the host puts the secret there, the code never sees it."""

    __slots__ = ("_head",)

    def __init__(self, head):
        self._head = head

    def __repr__(self):
        return f"<secret {self._head['secret']}>"


def _bytes(value):
    if value is None:
        return b""
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    return _json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def _operate(operation, head, body=b"", absent=False):
    number, status, said = _call(operation, _json.dumps(head, ensure_ascii=False).encode() + b"\n" + body)
    if number == 0:
        return said
    if number == 1 and absent:
        return None
    raise (Denied if number == 2 else HostError)(said, operation, status)


def _text(value, what):
    if not isinstance(value, str):
        raise TypeError(f"{what} must be a string, not {type(value).__name__}")
    return value


class _Log:
    """log("info", text), or log.info(text)."""

    _levels = {"trace": 0, "debug": 1, "info": 2, "warn": 3, "warning": 3, "error": 4}

    def __call__(self, level, *parts):
        number = level if isinstance(level, int) else self._levels.get(level)
        if number is None:
            raise ValueError(f"no such level: {level}")
        _print(number, " ".join(map(str, parts)) + "\n")

    def trace(self, *parts):
        self(0, *parts)

    def debug(self, *parts):
        self(1, *parts)

    def info(self, *parts):
        self(2, *parts)

    def warning(self, *parts):
        self(3, *parts)

    warn = warning

    def error(self, *parts):
        self(4, *parts)


class _Kv:
    """Keys and values that the nodes of a run share."""

    def get(self, key, default=None):
        value = _operate("kv.get", {"key": _text(key, "the key")}, absent=True)
        if value is None:
            return default
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value

    def set(self, key, value):
        _operate("kv.set", {"key": _text(key, "the key")}, _bytes(value))

    def delete(self, key):
        _operate("kv.delete", {"key": _text(key, "the key")}, absent=True)


class Response:
    """The answer to a request."""

    def __init__(self, url, status, headers, content):
        self.url, self.status, self.content = url, status, content
        self.headers = {}
        for name, value in headers:
            self.headers[name] = f"{self.headers[name]}, {value}" if name in self.headers else value

    @property
    def ok(self):
        return 200 <= self.status < 300

    def bytes(self):
        return self.content

    def text(self):
        return self.content.decode("utf-8", "replace")

    def json(self):
        return _json.loads(self.content)

    def __repr__(self):
        return f"<Response {self.status}>"


class _Http:
    def fetch(self, url, *, method=None, headers=None, body=None, json=None):
        head = {"url": _text(url, "the URL")}
        if method is not None:
            head["method"] = method.upper()
        named = {name: value._head if isinstance(value, Secret) else str(value) for name, value in (headers or {}).items()}
        if json is not None:
            body = _json.dumps(json)
            if not any(name.lower() == "content-type" for name in named):
                named["content-type"] = "application/json"
        if named:
            head["headers"] = named
        line, _, content = _operate("http.fetch", head, _bytes(body)).partition(b"\n")
        answer = _json.loads(line)
        return Response(url, answer["status"], answer.get("headers", ()), content)

    def get(self, url, *, headers=None):
        return self.fetch(url, method="GET", headers=headers)

    def post(self, url, body=None, *, headers=None, json=None):
        return self.fetch(url, method="POST", headers=headers, body=body, json=json)


log, kv, http = _Log(), _Kv(), _Http()


def emit(topic, data):
    _operate("emit", {"topic": _text(topic, "the topic")}, _bytes(data))


def secret(name, *, prefix=None, user=None):
    head = {"secret": _text(name, "the name")}
    if prefix is not None:
        head["prefix"] = prefix
    if user is not None:
        head["user"] = user
    return Secret(head)


def sleep(seconds):
    import time
    time.sleep(seconds)
