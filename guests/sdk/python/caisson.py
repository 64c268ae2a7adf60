"""Write a component for Caisson in Python: this one file, and componentize-py.

    import caisson

    def shout(data: bytes) -> bytes:
        caisson.log(caisson.Level.INFO, "shouting")
        return data.upper() + b"!"

    Processor = caisson.processor(shout)

It is of the world caisson:node (api/wit/caisson-node). Most Python needs none of this: a code node runs it as it is.
"""

import json
from dataclasses import dataclass, field

from componentize_py_types import Err
from wit_world.exports.processor import Error as _Error
from wit_world.imports import host as _host
from wit_world.imports.host import Level

__all__ = ["Error", "Failure", "Level", "Request", "Response", "call", "clock", "emit", "fetch", "kv_delete", "kv_get",
           "kv_set", "log", "processor", "random"]


class Error(Exception):
    """Why an input was not processed. Any other exception of a processor has the code 500."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


class Failure(Exception):
    """An operation of the host that gave nothing. Its text reads `kv.get: denied: ...`.

    `kind` is `not found`, `denied`, `invalid`, `limit`, or `unknown`, which is also what failed outside.
    """

    def __init__(self, operation, kind, reason):
        super().__init__(f"{operation}: {kind}: {reason}" if reason else f"{operation}: {kind}")
        self.kind = kind
        self.reason = reason


_KINDS = {
    _host.Failure_NotFound: "not found",
    _host.Failure_Denied: "denied",
    _host.Failure_Invalid: "invalid",
    _host.Failure_Limit: "limit",
    _host.Failure_Unknown: "unknown",
}


def processor(function):
    """The class that an application exports as `Processor`: `function` takes bytes and gives bytes, or raises."""

    class Processor:
        def process(self, input):
            try:
                return bytes(function(input))
            except Error as error:
                raise Err(_Error(str(error), error.code)) from None
            except Exception as error:
                raise Err(_Error(str(error) or type(error).__name__, 500)) from None

    return Processor


def log(level, line):
    """A line for the log of the run. Needs no grant."""
    _host.log(level, line)


def call(operation, head=None, body=b""):
    """Any operation of api/abi.md, with a head that becomes JSON. Raises Failure."""
    data = json.dumps(head or {}).encode() + b"\n" + body
    try:
        return _host.call(operation, data)
    except Err as error:
        raise Failure(operation, _KINDS[type(error.value)], error.value.value) from None


def kv_get(key):
    """The value of a key that the nodes of one run share; None if there is none. Grant: imports: [kv]."""
    try:
        return call("kv.get", {"key": key})
    except Failure as failure:
        if failure.kind == "not found":
            return None
        raise


def kv_set(key, value):
    call("kv.set", {"key": key}, value)


def kv_delete(key):
    """Whether there was one."""
    try:
        call("kv.delete", {"key": key})
    except Failure as failure:
        if failure.kind == "not found":
            return False
        raise
    return True


def emit(topic, record):
    """Adds a record to the events of the run. Grant: imports: [emit]."""
    call("emit", {"topic": topic}, record)


def random(count):
    """At most 2^20 bytes. Grant: random."""
    return call("random.bytes", {"count": count})


def clock():
    """`{"unix_ns": n, "elapsed_ns": n}`. Grant: clock."""
    return json.loads(call("clock.now"))


@dataclass
class Request:
    """A header is a text, or `{"secret": NAME, "prefix": "Bearer "}`, which the host completes."""

    url: str
    method: str = "GET"
    headers: dict = field(default_factory=dict)
    body: bytes = b""


@dataclass
class Response:
    status: int
    headers: list  # of [name, value], names in lower case, each as often as it was there
    body: bytes

    def header(self, name):
        """The first header of that name; None if there is none."""
        return next((value for key, value in self.headers if key == name.lower()), None)


def fetch(request):
    """Asks for a URL and waits for the whole answer, whatever its status. Grants: net, secrets."""
    answer = call("http.fetch", {"url": request.url, "method": request.method, "headers": request.headers}, request.body)
    head, _, body = answer.partition(b"\n")
    head = json.loads(head)
    return Response(head["status"], head["headers"], body)
