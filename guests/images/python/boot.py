"""Run once, while the image is made: loads the library, puts the host's functions in place, and leaves what a call needs."""

import sys
import builtins
import _caisson

# --- The library. What is listed is loaded in the image, and costs a call nothing.
PRELOAD = """json math re datetime random collections collections.abc itertools functools operator hashlib base64 time uuid string
urllib.parse statistics decimal fractions copy typing dataclasses enum textwrap heapq bisect csv io calendar html difflib
struct cmath numbers contextlib abc types unicodedata pprint array zlib binascii warnings traceback linecache keyword reprlib
weakref logging asyncio _strptime zoneinfo hmac secrets inspect ast encodings.idna encodings.utf_16 encodings.cp1252""".split()


class _Absent(type(sys)):
    """Stands for a module that the image does not have while asyncio is loaded, which names things of it."""

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return 0


_ABSENT = ("socket", "subprocess", "selectors")
sys.modules.update({name: _Absent(name) for name in _ABSENT})
for _name in PRELOAD:
    __import__(_name)
for _name in _ABSENT:
    del sys.modules[_name]

import asyncio
import datetime
import inspect
import io
import json
import linecache
import logging
import random
import re
import time
import types
import zoneinfo
import zoneinfo._common

from _ast import Expr as _Expr, Expression as _Expression
from os import urandom as _urandom
from _caisson import print as send, scan


# --- Output: lines for the log.
class Lines(io.TextIOBase):
    """What sys.stdout and sys.stderr are."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, level):
        self._level = level

    def write(self, text):
        send(self._level, text)
        return len(text)

    def writable(self):
        return True

    def flush(self):
        pass


class Records(logging.Handler):
    """Sends records of `logging` with their levels."""

    def emit(self, record):
        level = record.levelno
        number = 4 if level >= 40 else 3 if level >= 30 else 2 if level >= 20 else 1 if level >= 10 else 0
        send(number, self.format(record) + "\n")

    def handleError(self, record):
        send(3, f"logging: {sys.exception()!r}\n")


class _Clock(types.ModuleType):
    """`time` for logging: a record is made without a clock, too."""

    def __getattr__(self, name):
        return getattr(time, name)

    @staticmethod
    def time_ns():
        try:
            return time.time_ns()
        except OSError:
            return 0


def _output():
    sys.stdout = sys.__stdout__ = Lines(2)
    sys.stderr = sys.__stderr__ = Lines(4)
    sys.stdin = sys.__stdin__ = io.StringIO()
    logging.time = _Clock("time")
    logging._startTime = 0
    logging.root.addHandler(Records())
    logging.root.setLevel(logging.DEBUG)
    logging.getLogger("asyncio").setLevel(logging.WARNING)
    logging.raiseExceptions = True


# --- Random numbers: seeded by the host when somebody asks for one.
def _lazy_random():
    names = [name for name in random.__all__ if name.islower() and hasattr(random._inst, name) and name not in ("seed", "setstate")]
    instance = random._inst
    real = {name: getattr(instance, name) for name in (*names, "seed", "setstate")}

    def ready():
        vars(random).update(real)

    def lazy(name):
        method = real[name]

        def call(*arguments, **named):
            if random.seed is not real["seed"]:
                instance.seed(_urandom(32))
                ready()
            return method(*arguments, **named)
        call.__name__ = call.__qualname__ = name
        return call

    def explicit(name):
        method = real[name]

        def call(*arguments, **named):
            if not arguments and not named:
                arguments = (_urandom(32),)
            method(*arguments, **named)
            ready()
        call.__name__ = call.__qualname__ = name
        return call

    for name in names:
        setattr(random, name, lazy(name))
    random.seed, random.setstate = explicit("seed"), explicit("setstate")


# --- Time zones: from a module that is loaded when the first is asked for.
def _zone(key):
    from _caisson_zones import zones
    if key not in zones:
        raise zoneinfo.ZoneInfoNotFoundError(f"No time zone found with key {key}")
    return io.BytesIO(zones[key])


def _zones():
    from _caisson_zones import zones
    return set(zones)


zoneinfo._common.load_tzdata = _zone
zoneinfo.available_timezones = zoneinfo._tzpath.available_timezones = _zones


# --- What code may not do.
DEFAULT = frozenset("""json math datetime re urllib.parse base64 hashlib uuid random string time collections itertools functools
operator""".split())
DENIED = frozenset("open file execfile reload __import__ eval exec compile input breakpoint".split())
_real_import = builtins.__import__


# --- The end of a process: there is none to end, and nobody else to tell.
def _ends():
    """Puts SystemExit, which the result names, for what would stop the image where it stands."""
    import os
    import posix
    import signal
    import _signal

    def _exit(status):
        raise SystemExit(status)

    def abort():
        raise SystemExit("abort() was called")

    def raise_signal(number):
        if signal.getsignal(number) == signal.SIG_DFL:
            raise SystemExit(f"signal {int(number)} was raised")
        real(number)

    real = _signal.raise_signal
    for module, function in ((os, _exit), (os, abort), (signal, raise_signal), (_signal, raise_signal)):
        setattr(module, function.__name__, function)
    posix._exit, posix.abort = _exit, abort


class Refused(ImportError):
    """An import that is not allowed."""


class Denied(PermissionError):
    """A built-in that is denied."""


def _deny(name):
    def call(*_, **__):
        raise Denied(f"Call to built-in '{name}' is not allowed")
    call.__name__ = call.__qualname__ = name
    return call


_safe = {name: value for name, value in vars(builtins).items() if name not in DENIED}
_safe.update({name: _deny(name) for name in DENIED if hasattr(builtins, name)})
for _name in ("exit", "quit", "help", "copyright", "credits", "license"):
    _safe.pop(_name, None)


def _is_allowed(allowed, name, names):
    """A module may be imported when it is listed or inside of one that is; `from a import b` also when a.b is listed."""
    if name in allowed or name == "caisson":
        return True
    head = name
    while "." in head:
        head = head.rpartition(".")[0]
        if head in allowed:
            return True
    return bool(names) and all(f"{name}.{part}" in allowed for part in names)


# What the interpreter itself imports when code uses a built-in or a module that it may: strptime, huge integers, generics.
# It asks the importer of the code that runs, with a list where a statement has a tuple.
HELPERS = frozenset("""_datetime _pydecimal _pylong _strptime copyreg functools numbers re struct time typing unicodedata
warnings""".split())


def _importer(allowed):
    def __import__(name, globals=None, locals=None, fromlist=(), level=0):
        inner = type(fromlist) is list and name in HELPERS
        if level or not inner and not _is_allowed(allowed, name, fromlist):
            raise Refused(f"Import '{name}' is not allowed in sandbox", name=name)
        return _real_import(name, globals, locals, fromlist, 0)
    return __import__


# --- Values and errors.
def convert(value):
    """What JSON does not know: a text for dates, None for what is not JSON."""
    if isinstance(value, datetime.datetime):
        text = value.isoformat(timespec="milliseconds" if value.microsecond and value.microsecond % 1000 == 0 else "auto")
        return text[:-6] + "Z" if text.endswith("+00:00") else text
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return None


def not_json(what):
    return {"kind": "value", "type": "ValueError", "message": str(what)}


class _Source:
    """The lines of the code, for those who ask."""

    def __init__(self):
        self.name, self.text = "code", ""

    def line(self, number):
        lines = self.text.splitlines()
        return lines[number - 1] if 0 < number <= len(lines) else ""


source = _Source()


def _remember():
    """Lets linecache, and so `traceback`, know the lines of the code."""
    lines = source.text.splitlines(keepends=True)
    linecache.cache[source.name] = (len(source.text), None, lines, source.name)


def _frames(error):
    frames, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if code.co_filename == source.name:
            frames.append((trace.tb_lineno, code.co_qualname))
        trace = trace.tb_next
    return frames


def _show(frames):
    out = ["Traceback (most recent call last):"]
    for index, (line, name) in enumerate(frames):
        if len(frames) > 20 and index == 10:
            out.append(f"  ... {len(frames) - 20} more")
        if len(frames) > 20 and 10 <= index < len(frames) - 10:
            continue
        out.append(f'  File "{source.name}", line {line}, in {name}')
        text = source.line(line).strip()
        if text:
            out.append("    " + text[:200])
    return "\n".join(out)


def explain(error, kind="exception"):
    """What the result says of an exception."""
    said = {"kind": kind, "type": type(error).__name__, "message": ""}
    try:
        said["message"] = _clean(str(error))
    except Exception:
        said["message"] = "the error has no text"
    if isinstance(error, MemoryError):
        said["kind"], said["message"] = "memory", said["message"] or "not enough memory"
    elif isinstance(error, RecursionError):
        said["kind"] = "recursion"
    elif isinstance(error, (Refused, Denied)):
        said["kind"] = "import"
        said["type"] = "ImportError" if isinstance(error, Refused) else "PermissionError"
    elif isinstance(error, SystemExit):
        said["kind"] = "exit"
    if isinstance(error, SyntaxError) and error.filename in (source.name, None):
        said["message"] = error.msg or said["message"]
        if error.lineno:
            said["line"] = error.lineno
        if error.offset:
            said["column"] = error.offset
    frames = _frames(error)
    if frames:
        said["line"] = frames[-1][0]
        said["traceback"] = _show(frames) + f"\n{said['type']}: {said['message']}\n"
        for note in getattr(error, "__notes__", ()):
            said["traceback"] += _clean(str(note)) + "\n"
        cause = error.__cause__
        if cause is not None:
            said["traceback"] = f"{type(cause).__name__}: {_clean(str(cause))}\n\nThe above exception was the direct cause of the following exception:\n\n" + said["traceback"]
    return said


def _clean(text):
    return text.encode("utf-8", "replace").decode("utf-8")


def _check(code, allowed):
    """The problems that can be seen without running the code; None if there is none."""
    found = scan(code, DENIED)
    if not found:
        return None
    own = {name for kind, name, _, _ in found if kind == "store"}
    problems = []
    for kind, name, names, line in found:
        if kind == "import" and not _is_allowed(allowed, name, names):
            problems.append(("ImportError", f"Import '{name}' is not allowed in sandbox", line))
        elif kind == "load" and name not in own:
            problems.append(("PermissionError", f"Call to built-in '{name}' is not allowed", line))
    if not problems:
        return None
    problems.sort(key=lambda problem: problem[2])
    first = problems[0]
    return {"kind": "import", "type": first[0], "message": first[1], "line": first[2],
            "problems": [{"message": message, "line": line} for _, message, line in problems]}


# --- A call.
# How a last statement begins that is no expression. Anything else is looked at closely.
_statement = re.compile(r"(?:def|class|async|if|elif|else|for|while|with|try|except|finally)\b|@|[A-Za-z_]\w*\s*=[^=;]*$")


def _last_expression(text, name):
    """The code without its last expression, and that expression; None if it ends with something else."""
    at = len(text)
    while at >= 0:
        end, at = at, text.rfind("\n", 0, at)
        first = text[at + 1:at + 2]
        if at + 1 < end and first not in " \t\r#\f)]}":
            break
        if at < 0:
            break
    if _statement.match(text[at + 1:end].rstrip()):
        return None
    tree = compile(text, name, "exec", 0x400, dont_inherit=True)
    if not tree.body or not isinstance(tree.body[-1], _Expr):
        return None
    last = tree.body.pop()
    value = _Expression(last.value)
    return compile(tree, name, "exec", dont_inherit=True), compile(value, name, "eval", dont_inherit=True)


def _text_of(request, inputs):
    value = request.get("payload")
    if value is None:
        value = next(iter(inputs.values()), "")
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _arguments(function, inputs):
    code = getattr(function, "__code__", None)
    if code is None:
        return (inputs,)
    takes = code.co_argcount or code.co_flags & 4
    return (inputs,) if takes else ()


def _settle(value):
    if type(value) is types.CoroutineType or inspect.isawaitable(value):
        async def wait():
            return await value
        return asyncio.run(value if inspect.iscoroutine(value) else wait())
    return value


def _ends_early(text, name):
    """Whether more lines could make the code whole."""
    try:
        compile(text + "\n", name, "exec", 0x4200, dont_inherit=True)  # incomplete input is an error of its own, no implied dedent
    except SyntaxError as error:
        return type(error) is not SyntaxError and type(error).__name__ == "_IncompleteInputError"
    return False


def _evaluate(request, text, allowed):
    name = source.name
    try:
        code = compile(text, name, "exec", dont_inherit=True)
    except SyntaxError as error:
        if request.get("session") and _ends_early(text, name):
            return False, explain(error, "incomplete")
        raise
    problem = _check(code, allowed)
    if problem is not None:
        return False, problem
    if request.get("check"):
        return True, None
    inputs = request.get("inputs")
    if not isinstance(inputs, dict):
        inputs = {}
    allowed_builtins = _safe.copy()
    allowed_builtins["__import__"] = _importer(allowed)
    for member in ("payload", "metadata", "run", "context"):
        setattr(api, member, request.get(member))
    if api.context is None:
        api.context = inputs
    scope = {"__builtins__": allowed_builtins, "__name__": "__main__", "inputs": inputs, "context": api.context, "caisson": api}
    session = request.get("session")
    if not session:
        main.__dict__.clear()
    elif "__builtins__" in main.__dict__:
        scope = {name: value for name, value in scope.items() if name == "__builtins__" or name in request}
    main.__dict__.update(scope)
    scope = main.__dict__
    last = _last_expression(text, name)
    value = None
    if last is None:
        _exec(code, scope)
    else:
        _exec(last[0], scope)
        value = _settle(_eval(last[1], scope))
    if session:
        return True, value
    entry = request.get("entry") or "run"
    function = scope.get(entry)
    if callable(function):
        return True, _settle(function(*_arguments(function, inputs)))
    if entry != "run":
        return False, {"kind": "entry", "type": "EntryError", "message": f"there is no function '{entry}'"}
    function = scope.get("process")
    if callable(function):
        return True, _settle(function(_text_of(request, inputs)))
    for variable in ("result", "output"):
        if variable in scope:
            return True, scope[variable]
    if last is not None:
        return True, value
    return False, {"kind": "entry", "type": "EntryError",
                   "message": "nothing to return: define run(inputs), set result, or end with an expression"}


_exec, _eval, _loads = exec, eval, json.loads


def serve(code, request):
    """(True, value), (False, error), or a text: what is wrong with the request."""
    try:
        request = _loads(request) if request else {}
    except (ValueError, RecursionError) as error:
        return f"the request is no JSON: {error}"
    if not isinstance(request, dict):
        return "the request is no object"
    try:
        source.name = request.get("name") or "code"
        names = request.get("imports")
        allowed = DEFAULT if names is None else frozenset(names)
        try:
            source.text = text = code.decode()
        except UnicodeDecodeError as error:
            return False, {"kind": "syntax", "type": "SyntaxError", "message": f"the code is not UTF-8: {error}"}
        if "traceback" in allowed or "linecache" in allowed or "inspect" in allowed:
            _remember()
        return _evaluate(request, text, allowed)
    except SyntaxError as error:
        return False, explain(error, "exception" if _frames(error) else "syntax")
    except ValueError as error:
        # A zero byte in the source.
        return False, explain(error, "exception" if _frames(error) else "syntax")
    except BaseException as error:
        return False, explain(error)


main = sys.modules["__main__"]
import caisson as api  # noqa: E402


def ready():
    """The last thing: warms what every call uses, so that its caches and specialised code are in the image."""
    import gc
    _output()
    example = b"""import json, math, re, datetime, collections
class A:
    def f(self): return [x * 2 for x in range(3)]
def run(inputs):
    try:
        1 / 0
    except ZeroDivisionError:
        pass
    d = {k: v for k, v in inputs.items()}
    return {'a': inputs['x'] * 2, 's': math.sqrt(2), 'd': str(datetime.date(2020, 1, 1)), 'm': re.findall('a+', 'caab'),
            'f': A().f(), 't': f"{d!r}"}
"""
    for _ in range(16):
        serve(example, b'{"inputs": {"x": 1}, "run": {"attempt": 1}}')
        serve(b"x = 1\nx + 1", b"{}")
        serve(b"import os", b"{}")
        serve(b"1 / 0", b"{}")
        serve(b"async def run(inputs): return 1", b"{}")
    main.__dict__.clear()
    linecache.clearcache()
    re_module = sys.modules["re"]
    re_module.purge()
    _lazy_random()
    _ends()
    sys.path[:] = []
    sys.path_hooks[:] = []
    sys.path_importer_cache.clear()
    gc.set_threshold(10000, 20, 50)
