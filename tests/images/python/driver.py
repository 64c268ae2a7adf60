"""Runs one of CPython's test modules inside of the image, and says what became of each test (../README.md).

REQUEST is put behind this text: base64 of zlib of JSON. `test`, the name of the module; `modules`, what it may load (closure.py); `files`, path
beneath PLACE to base64, a read-only folder; `without`, tests that are not run; `progress`, whether each is named before.
"""

import base64
import builtins
import importlib
import importlib.machinery
import io
import json
import os
import sys
import traceback
import warnings
import zlib

__builtins__ = builtins  # what is denied to code in the sandbox is not denied to the tests
PLACE = "/suite/"
LONGEST = 300
# What was loaded while the image was made has no compiled form any more: a test that asks for a copy of its own
# (import_fresh_module) gets one of the same source.
LOADED = frozenset(sys.modules)
FOREIGN = ("<string>", "<doctest", "<stdin>", "<frozen importlib", "<importlib")


class Sources:
    """Loads the tests, what they need of CPython's library beyond the image, and fresh copies of what the image has."""

    def __init__(self, modules):
        self.modules = modules

    def find_spec(self, name, path=None, target=None):
        module = self.modules.get(name)
        if module is None or (name not in LOADED if module["image"] else self._asked_by_image()):
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=self._file(name), is_package=module["package"])

    @staticmethod
    def _asked_by_image():
        """Whether the image's own library imports something: it has to do with what the image has."""
        frame = sys._getframe(2)
        while frame is not None and frame.f_code.co_filename.startswith(FOREIGN[-2:]):
            frame = frame.f_back
        return frame is not None and frame.f_code.co_filename.startswith("<") and not frame.f_code.co_filename.startswith(FOREIGN)

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


class Folder:
    """The read-only files of the tests, for those that ask by `open`, `os.listdir` and `os.stat`."""

    def __init__(self, files, modules):
        self.files = {PLACE + path: base64.b64decode(text) for path, text in files.items()}
        for name, module in modules.items():
            if name.startswith("test."):
                self.files[PLACE + name.replace(".", "/") + ("/__init__.py" if module["package"] else ".py")] = module["text"].encode()
        sys.executable = PLACE + "python"
        self.files[sys.executable] = b""
        self.open, self.listdir, self.stat = builtins.open, os.listdir, os.stat

    def put_in_place(self):
        builtins.open = io.open = self.open_file
        os.listdir, os.stat = self.list_folder, self.state_of

    @staticmethod
    def path_of(path):
        if not isinstance(path, (str, os.PathLike)):
            return None
        path = os.path.normpath(os.fspath(path))
        return path if isinstance(path, str) and path.startswith(PLACE) else None

    def open_file(self, file, mode="r", buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None):
        path = self.path_of(file)
        if path not in self.files or opener is not None:
            return self.open(file, mode, buffering, encoding, errors, newline, closefd, opener)
        if set(mode) - set("rbt"):
            raise PermissionError(30, "Read-only file system", path)
        content = io.BytesIO(self.files[path])
        content.name = path
        return content if "b" in mode else io.TextIOWrapper(content, encoding or "utf-8", errors, newline)

    def list_folder(self, path="."):
        place = self.path_of(path)
        if place is None:
            return self.listdir(path)
        inside = {name[len(place) + 1:].partition("/")[0] for name in self.files if name.startswith(place + "/")}
        return sorted(inside) if inside else self.listdir(path)

    def state_of(self, path, **named):
        place = self.path_of(path)
        if place in self.files:
            return os.stat_result((0o100444, 0, 0, 1, 0, 0, len(self.files[place]), 0, 0, 0))
        if place is not None and any(name.startswith(place + "/") for name in self.files):
            return os.stat_result((0o040555, 0, 0, 1, 0, 0, 0, 0, 0, 0))
        return self.stat(path, **named)


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


def play(request, progress):
    unittest = importlib.import_module("unittest")
    support = importlib.import_module("test.support")
    support.use_resources = ()  # as `python -m test` does
    support.verbose = 0
    # Most tests of asyncio want no socket, and CPython skips all of them where there are none.
    support.has_socket_support = request["test"].startswith("test.test_asyncio.")
    try:
        module = importlib.import_module(request["test"])
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
    sys.meta_path.insert(0, Sources(request["modules"]))
    Folder(request["files"], request["modules"]).put_in_place()
    progress = request["progress"]

    def begin(name):
        if progress:
            caisson.log.error(f"begin {name}")  # noqa: F821
    out = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = io.StringIO()
    try:
        return play(request, begin)
    finally:
        sys.stdout, sys.stderr = out
