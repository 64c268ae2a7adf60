"""Runs one of CPython's test modules inside of the image, and says what became of each test (../README.md).

REQUEST is put behind this text: base64 of zlib of JSON. `test`, the name of the module; `modules`, what it may load
(closure.py); `files`, path beneath PLACE to base64; `writable`, whether the tests get files in memory (files.py, which stands in
front of this); `without`, tests that are not run.
"""

import base64
import builtins
import importlib
import importlib.machinery
import io
import json
import logging
import re
import sys
import traceback
import warnings
import zlib

__builtins__ = builtins  # what is denied to code in the sandbox is not denied to the tests
LONGEST = 300
# A module of CPython's tests that is written in C: what uses it is skipped, not the whole module that imports it.
STAND_IN = """import unittest
class Absent:
    def __call__(self, *_, **__):
        raise unittest.SkipTest(f"needs {__name__}")
    __getattr__ = __call__
def __getattr__(name):
    if name.startswith("__"):
        raise AttributeError(name)
    return Absent()
"""
# What was loaded while the image was made has no compiled form any more: a test that asks for a copy of its own
# (import_fresh_module) gets one of the same source.
LOADED = frozenset(sys.modules)


class Sources:
    """Loads the tests, what they need of CPython's library beyond the image, and fresh copies of what the image has."""

    def __init__(self, modules):
        self.modules = modules

    def find_spec(self, name, path=None, target=None):
        module = self.modules.get(name)
        if module is None or module["image"] and name not in LOADED:
            return None
        spec = importlib.machinery.ModuleSpec(name, self, origin=self._file(name), is_package=module["package"])
        spec.has_location = not module["image"]
        return spec

    def _file(self, name):
        if self.modules[name]["image"]:
            return f"<{name}>"
        return PLACE + name.replace(".", "/") + ("/__init__.py" if self.modules[name]["package"] else ".py")

    def create_module(self, spec):
        return None

    def get_source(self, name):
        return self.modules[name]["text"]

    def get_code(self, name):
        # The library of the image is compiled without docstrings and assertions; the tests have theirs.
        level = 2 if self.modules[name]["image"] else 0
        return builtins.compile(self.get_source(name), self._file(name), "exec", dont_inherit=True, optimize=level)

    def exec_module(self, module):
        module.__file__ = self._file(module.__name__)
        module.__builtins__ = builtins
        builtins.exec(self.get_code(module.__name__), module.__dict__)


def guard(modules):
    """The library of the image imports only what the image has, whatever the tests have loaded."""
    real = builtins.__import__

    def __import__(name, globals=None, locals=None, fromlist=(), level=0):
        importer = modules.get(globals["__name__"]) if globals and "__name__" in globals else None
        if importer is not None and importer["image"]:
            whole = name
            if level:
                package = globals.get("__package__") or ""
                whole = ".".join([*package.split(".")[:len(package.split(".")) - level + 1], *([name] if name else [])])
            if whole in modules and not modules[whole]["image"]:
                raise ModuleNotFoundError(f"No module named {whole!r}", name=whole)
        return real(name, globals, locals, fromlist, level)
    builtins.__import__ = __import__


def short(text):
    text = " ".join(str(text).split())
    return text if len(text) <= LONGEST else text[:LONGEST] + "..."


def said(error):
    return short("".join(traceback.format_exception_only(error[0], error[1])))


def where(error):
    """The innermost places of an error, for people."""
    frames = traceback.extract_tb(error[2])[-4:]
    return [f"{frame.filename.removeprefix(PLACE)}:{frame.lineno} {frame.name}" for frame in frames]


def outcome_class(unittest, progress):
    class Outcome(unittest.TestResult):
        """What became of each test; a part that fails makes the whole fail."""

        def __init__(self):
            super().__init__()
            self.passed, self.skips, self.parts, self.failed = set(), {}, {}, {}

        def startTest(self, test):
            super().startTest(test)
            progress(test.id())

        def addSuccess(self, test):
            self.passed.add(test.id())

        def addExpectedFailure(self, test, error):
            self.passed.add(test.id())

        def addUnexpectedSuccess(self, test):
            self.failed.setdefault(test.id(), {"error": "it passes, and CPython expects that it fails", "where": []})

        def addSkip(self, test, reason):
            whole = getattr(test, "test_case", None)
            if whole is None:
                self.skips[test.id()] = short(reason)
            else:
                self.parts.setdefault(whole.id(), short(reason))

        def addError(self, test, error):
            self.failed.setdefault(test.id(), {"error": said(error), "where": where(error)})

        addFailure = addError

        def addSubTest(self, test, part, error):
            if error is not None:
                self.addError(test, error)
    return Outcome


def every_test(suite):
    for test in suite:
        if hasattr(test, "__iter__"):
            yield from every_test(test)
        else:
            yield test.id()


def reason_of_holder(name, outcome):
    """Why a test was never started: what `setUpClass (module.Class)` or `setUpModule (module)` said."""
    for holders in (outcome.skips, outcome.failed):
        for holder, reason in holders.items():
            if "(" in holder and name.startswith(holder.partition("(")[2].rstrip(")") + "."):
                return reason if isinstance(reason, str) else f"its set-up fails: {reason['error']}"
    return "it was not started"


def report(suite, outcome):
    names = list(dict.fromkeys(every_test(suite)))
    skipped = {}
    for name in names:
        if name not in outcome.failed and name not in outcome.passed:
            skipped[name] = outcome.skips.get(name) or reason_of_holder(name, outcome)
    passed = sum(name in outcome.passed and name not in outcome.failed for name in names)
    # What is no test by name: the set-up of a class.
    return {"tests": len(names), "passed": passed, "skipped": skipped, "failed": outcome.failed, "skipped_parts": outcome.parts}


def without(suite, unittest, names):
    """The suite less the tests that are named."""
    kept = type(suite)()
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            kept.addTest(without(test, unittest, names))
        elif test.id() not in names:
            kept.addTest(test)
    return kept


def load(unittest, name, sources):
    while True:
        try:
            return importlib.import_module(name)
        except (unittest.SkipTest, ModuleNotFoundError) as reason:
            absent = re.search(r"\b_test\w+", str(reason))
            if absent is None or absent[0] in sources.modules:
                raise
            sources.modules[absent[0]] = {"text": STAND_IN, "package": False, "image": False}


def play(request, sources, progress):
    unittest = importlib.import_module("unittest")
    support = importlib.import_module("test.support")
    support.use_resources = ()  # as `python -m test` does
    support.verbose = 0
    # Most tests of asyncio want no socket, and CPython skips all of them where there are none.
    support.has_socket_support = request["test"].startswith(("test.test_asyncio.", "test.test_asyncgen", "test.test_contextlib_async"))
    try:
        module = load(unittest, request["test"], sources)
        suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    except unittest.SkipTest as reason:
        return {"skipped_whole": short(reason)}
    except Exception as error:
        facts = (type(error), error, error.__traceback__)
        return {"not_loaded": said(facts), "where": where(facts)}
    suite = without(suite, unittest, frozenset(request["without"]))
    outcome = outcome_class(unittest, progress)()
    unittest.suite.TestSuite._cleanup = False  # the names are asked for afterwards
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        suite.run(outcome)
    return report(suite, outcome)


def run(inputs):
    request = json.loads(zlib.decompress(base64.b64decode(REQUEST)))  # noqa: F821
    sources = Sources(request["modules"])
    sys.meta_path.insert(0, sources)
    guard(request["modules"])
    Folder(request["files"], request["modules"]).put_in_place(request["writable"])
    importlib.import_module("tempfile").tempdir = "/tmp"

    def begin(name):
        caisson.log.error(f"begin {name}")  # noqa: F821; the last one is known when the sandbox ends
    logging.root.handlers.clear()  # the image's own, which sends records to the host
    logging._handlerList.clear()
    logging.root.setLevel(logging.WARNING)
    out = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = io.StringIO()
    try:
        return play(request, sources, begin)
    finally:
        sys.stdout, sys.stderr = out
