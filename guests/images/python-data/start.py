"""Run once, while the image is installed: loads numpy and pandas, puts the runner of `python/` in place, and says where what a
call needs is. The folder /caisson has the files of `python/` and of this folder, under the names that they have here.
"""

import os
import sys
import types

FOLDER = "/caisson/"


def _load(name, file, before=""):
    """Makes the module `name` from one of our files."""
    with open(FOLDER + file, encoding="utf-8") as source:
        text = before + source.read()
    module = types.ModuleType(name)
    module.__package__ = name.rpartition(".")[0]
    sys.modules[name] = module
    if module.__package__:
        setattr(sys.modules[module.__package__], name.rpartition(".")[2], module)
    # As the other image has it: no docstrings and assertions, except in what boots.
    exec(compile(text, f"<{name}>", "exec", dont_inherit=True, optimize=0 if name.startswith("_caisson") else 2), vars(module))
    return module


# --- The library. What is loaded now is all that there ever is.
import argparse, asyncio, colorsys, configparser, email.message, getopt, gettext, glob, graphlib, ipaddress, pickletools  # noqa: E401,E402,F401
import optparse, plistlib, queue, quopri, sched, shlex, shutil, sysconfig, tempfile, timeit, tokenize, tomllib  # noqa: E401,E402,F401
import _pydecimal, _pylong, _strptime, urllib.parse, xml.etree.ElementTree  # noqa: E401,E402,F401
import numpy  # noqa: E402
import pandas  # noqa: E402
import dateutil.parser, dateutil.relativedelta, dateutil.rrule, dateutil.tz  # noqa: E401,E402,F401


# Neither for a call: tests, what builds extensions, drawing.
_LEFT_OUT = ("tests", "testing", "_testing", "conftest", "f2py", "distutils", "_pyinstaller", "_matplotlib", "_configtool", "__main__")


def _load_all(package):
    """Loads every part of a package: some are only asked for by a call, when there is no folder any more."""
    import importlib
    import pkgutil
    for _, name, is_package in pkgutil.iter_modules(package.__path__, package.__name__ + "."):
        if name.rpartition(".")[2] in _LEFT_OUT:
            continue
        try:
            module = importlib.import_module(name)
        except ImportError:  # needs a package that is not there
            continue
        if is_package:
            _load_all(module)


def _load_encodings():
    import importlib
    for name in """ascii base64_codec charmap cp1250 cp1251 cp1252 cp437 hex_codec idna iso8859_1 iso8859_15 latin_1 mac_roman palmos
            punycode quopri_codec raw_unicode_escape rot_13 unicode_escape utf_16 utf_16_be utf_16_le utf_32 utf_32_be utf_32_le utf_7
            utf_8 utf_8_sig zlib_codec""".split():
        importlib.import_module(f"encodings.{name}")


_load_encodings()
_load_all(numpy)
_load_all(pandas)


# --- Time zones, from the package: a folder of files that a call does not have.
def _zones():
    import importlib.resources
    root = importlib.resources.files("tzdata")
    zones, same = {}, {}
    for key in (root / "zones").read_text(encoding="utf-8").split():
        data = root.joinpath("zoneinfo", *key.split("/")).read_bytes()
        zones[key] = same.setdefault(data, data)
    module = types.ModuleType("_caisson_zones")
    module.zones = zones
    sys.modules["_caisson_zones"] = module


_zones()

# --- The loop of asyncio, in front of the boot module, which runs one.
asyncio.events.BaseDefaultEventLoopPolicy = asyncio.events._BaseDefaultEventLoopPolicy
_loop = _load("asyncio.caisson_loop", "loop.py")
asyncio.events._event_loop_policy = _loop.DefaultEventLoopPolicy()
asyncio.SelectorEventLoop = asyncio.EventLoop = _loop.SelectorEventLoop

# --- The runner.
_door = _load("_caisson", "_caisson.py")
_load("urllib.error", "urllib_error.py")
_load("caisson", "api.py")
_load("urllib.request", "urllib_shim.py")
_load("requests", "requests_shim.py")
boot = _load("_caisson_boot", "boot.py")

boot.DEFAULT |= {"io", "numpy", "pandas"}
boot.HELPERS |= {"numpy", "pandas", "_io"}


def _lazy_import(name, globals=None, locals=None, fromlist=(), level=0):
    """`lazy import` is `import`: there is nothing to wait for, and one importer says what is allowed."""
    return globals["__builtins__"]["__import__"](name, globals, locals, fromlist, level)


boot._safe["__lazy_import__"] = _lazy_import

_plain = boot.convert


def _missing(values):
    return [None if missing else value for value, missing in zip(values, pandas.isna(values))]


def convert(value):
    """What boot.py knows, and the values of numpy and pandas: what is missing in a Series or a DataFrame is null."""
    if value is pandas.NaT or value is pandas.NA:
        return _door.Null((None,))
    if isinstance(value, numpy.ndarray):
        return value.tolist()
    if isinstance(value, numpy.generic):
        plain = value.item()
        return None if isinstance(plain, numpy.generic) else plain
    if isinstance(value, pandas.DataFrame):
        columns = {name: _missing(value[name].array) for name in value.columns} if value.columns.is_unique else None
        if columns is None:
            return None
        return [dict(zip(columns, row)) for row in zip(*columns.values())]
    if isinstance(value, (pandas.Series, pandas.Index)):
        return _missing(value.array)
    return _plain(value)


# --- The clock: a refusal is an error for whoever asks for now, also where C asks for it and does not listen.
def _ask_for_now():
    import datetime
    import gc
    import time

    def today(cls):
        """Current date or datetime: the same as cls.fromtimestamp(time.time())."""
        return cls.fromtimestamp(time.time())

    methods, = gc.get_referents(datetime.date.__dict__)
    methods["today"] = classmethod(today)

    def asking(name, without):
        real = getattr(time, name)

        def call(*arguments):
            if len(arguments) <= without or arguments[without] is None:
                time.time()
            return real(*arguments)
        call.__name__ = call.__qualname__ = name
        setattr(time, name, call)

    for name in ("localtime", "gmtime", "ctime", "asctime"):
        asking(name, 0)
    asking("strftime", 1)


# --- numpy's own random numbers: seeded by the host when somebody asks for one, as those of `random` are.
def _lazy_numpy_random():
    module, state = numpy.random, numpy.random.mtrand._rand
    names = [name for name in module.__all__ if getattr(getattr(module, name), "__self__", None) is state] + ["seed"]
    real = {name: getattr(module, name) for name in names}
    places = (vars(module), vars(module.mtrand))
    seeded = False

    def lazy(name):
        def call(*arguments, **named):
            nonlocal seeded
            if not seeded:
                if name not in ("seed", "set_state") or not (arguments or named):
                    state.seed(int.from_bytes(os.urandom(4), "little"))
                seeded = True
                for place in places:
                    place.update(real)
            return real[name](*arguments, **named)
        call.__name__ = call.__qualname__ = name
        return call

    for name in names:
        stand_in = lazy(name)
        for place in places:
            place[name] = stand_in


# --- What the host calls: code and request in, the answer out.
NO_MEMORY = b'{"ok":false,"error":{"kind":"memory","type":"MemoryError","message":"not enough memory"}}'
_answer = None


def serve(code, request):
    """Bytes, which live until the next call. With `!` in front the request itself was wrong."""
    global _answer
    try:
        result = boot.serve(code, request)
        if isinstance(result, str):
            _answer = b"!" + _door.encode({"message": result}, convert).encode()
        elif result[0]:
            try:
                _answer = b'{"ok":true,"value":' + _door.encode(result[1], convert).encode() + b"}"
            except MemoryError:
                raise
            except BaseException as error:
                _answer = b'{"ok":false,"error":' + _door.encode(boot.not_json(error), convert).encode() + b"}"
        else:
            _answer = b'{"ok":false,"error":' + _door.encode(result[1], convert).encode() + b"}"
        _door.flush()
    except MemoryError:
        _answer = NO_MEMORY
    return _answer


def _ready():
    """The last thing: what every call uses has been used once, and there is no folder to load from."""
    example = b"""import numpy as np, pandas as pd, io
def run(inputs):
    a = np.arange(6.0).reshape(2, 3)
    frame = pd.DataFrame({"k": ["a", "b", "a"], "v": [1, 2, 3], "t": pd.to_datetime(["2025-01-01"] * 3)})
    text = frame.to_csv(index=False)
    frame = pd.read_csv(io.StringIO(text))
    frame.to_json(orient="records"), frame.describe(), str(frame), frame.merge(frame, on="k"), frame.pivot_table(index="k", values="v")
    pd.DataFrame({"v": [1.0, 2.0]}, index=pd.date_range("2025-01-01", periods=2)).resample("D").sum()
    np.linalg.inv(np.eye(2)), np.fft.fft(a), np.random.default_rng(1).normal(size=3)
    return [frame.groupby("k").v.sum(), a, a.sum(), frame]
"""
    request = b'{"imports":["numpy","pandas","io"]}'
    serve(example, request)  # loads what is loaded when it is first used
    boot.ready()
    for _ in range(12):
        said = serve(example, request)
    if not said.startswith(b'{"ok":true'):
        raise RuntimeError(said.decode())
    boot.main.__dict__.clear()
    boot.linecache.clearcache()
    _lazy_numpy_random()
    _ask_for_now()
    for name in _ABSENT:
        sys.modules.pop(name, None)
    sys.meta_path[:] = [_Nothing]


class _Nothing:
    """Finds no module: what is loaded is all that there is, of the interpreter's own modules too."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        return None


# What is loaded on the way and does nothing here.
_ABSENT = """_host _socket _sqlite3 bz2 _bz2 ctypes lzma _lzma multiprocessing select selectors socket sqlite3 ssl subprocess
_caisson_start""".split()


def says():
    """For the host: where the function that it calls is, and what can be imported."""
    import json
    said = {"serve": id(serve), "no_memory": id(NO_MEMORY) + bytes.__basicsize__ - 1, "no_memory_bytes": len(NO_MEMORY),
            "version": f"{sys.version.split()[0]}, numpy {numpy.__version__}, pandas {pandas.__version__}",
            "modules": _door.modules(), "default_imports": sorted(boot.DEFAULT | {"caisson"})}
    return json.dumps(said).encode() + b"\n"


def done():
    """Nothing that is there now is looked at by the collector again."""
    import gc
    gc.collect()
    gc.freeze()


boot.answer = serve  # the host has its place: it must stay
_ready()
