"""CPython's own tests, on the image of Python as it is committed: fetches CPython's source as the image's recipe does, and runs
each test module of python/suite.json in a sandbox of its own."""

import base64
import fnmatch
import json
import re
import shutil
import zlib
from pathlib import Path

import sandbox
from python import closure
from sources import Sources, digest, recipe_of

HERE = Path(__file__).resolve().parent
IMAGES = HERE.parents[1] / "guests/images"
recipe = recipe_of("python")
MOST_CRASHES = 8
IMPORTS = ["sys", "builtins", "importlib", "io", "traceback", "json", "zlib", "base64", "os", "re", "warnings", "logging", "tokenize", "errno", "stat"]


# A module of tests of which it is known what becomes of each.
PLANTED = """
import json, unittest
from test.support.import_helper import import_fresh_module

class Planted(unittest.TestCase):
    def test_passes(self):
        import subprocess
        self.assertEqual(json.loads("[1]"), [1])
    def test_a_fresh_copy(self):
        before = json.decoder
        self.assertIsNot(import_fresh_module("json.decoder"), before)
    @unittest.expectedFailure
    def test_fails_as_expected(self):
        self.fail()
    def test_fails(self):
        self.assertEqual(1, 2)
    def test_fails_in_a_part(self):
        for i in range(3):
            with self.subTest(i=i):
                self.assertNotEqual(i, 1)
    @unittest.expectedFailure
    def test_passes_against_expectation(self):
        pass
    @unittest.skip("as it says")
    def test_is_skipped(self):
        self.fail()
    def test_what_the_image_lacks_is_for_tests_alone(self):
        import subprocess, uuid
        uuid._get_command_stdout("x")

class NotSetUp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        raise OSError("no set-up")
    def test_is_not_started(self):
        pass
"""


class _Chain:
    """What a recipe wants to know to list the library of the image."""

    root = IMAGES


def source_tree(work):
    """CPython's source with the patches of the image."""
    folder, stamp = work / f"Python-{recipe.VERSION}", work / "python.complete"
    made_by = digest(IMAGES / "recipes/python_patches.py")
    if not stamp.exists() or stamp.read_text() != made_by:
        shutil.rmtree(folder, ignore_errors=True)
        Sources(work / "sources").unpack("python", work / "unpacked").rename(folder)
        recipe.patches(folder)
        stamp.write_text(made_by)
    return folder


def read(name):
    return json.loads((HERE / "python" / name).read_text(encoding="utf-8"))


class Suite:
    LANGUAGE = "python"
    OF = f"CPython {recipe.VERSION}, `Lib/test`"

    def __init__(self, work, binary):
        source = source_tree(work)
        self.binary, self.tests = binary, source / "Lib/test"
        self.library = closure.Library(source / "Lib", recipe.library(_Chain, source))
        self.wanted, self.reasons = read("suite.json"), read("reasons.json")
        self.driver = "\n".join((HERE / "python" / name).read_text(encoding="utf-8") for name in ("files.py", "driver.py"))

    @staticmethod
    def gaps():
        return ()

    def names(self):
        return [name for group in ("library", "language") for row in self.wanted[group] for name in row["tests"]]

    def prove(self):
        """That a test which fails is seen to fail, before anything is believed."""
        modules = {**self.library.closure("test.support.import_helper"), **self.library.closure("subprocess"),
                   "test.planted": {"text": PLANTED, "package": False, "image": False}}
        said = json.loads(self._send({"test": "test.planted", "modules": modules, "files": {}, "without": [], "writable": True}))
        seen = {kind: sorted(name.rpartition(".")[2] for name in said[kind]) for kind in ("failed", "skipped")}
        failed = ["test_fails", "test_fails_in_a_part", "test_passes_against_expectation", "test_what_the_image_lacks_is_for_tests_alone"]
        expected = {"failed": ["NotSetUp)", *failed], "skipped": ["test_is_not_started", "test_is_skipped"]}
        if seen != expected or said["passed"] + len(failed) != 7:
            raise SystemExit(f"the planted tests of Python became {said}")

    def run(self, name):
        """What becomes of one test module, as results.json has it."""
        crashed = {}
        while True:
            try:
                said = json.loads(self._call(name, list(crashed)))
                break
            except sandbox.Failed as failure:
                begun = [line.removeprefix("begin ") for line in failure.lines if line.startswith("begin ")]
                if not begun or len(crashed) == MOST_CRASHES:
                    raise
                crashed[begun[-1]] = {"error": str(failure), "where": []}
        for test, failure in crashed.items():
            said["tests"] += 1
            said["failed"][test] = failure
        return self._explained(name, said)

    def _call(self, name, without):
        patterns = [pattern for test, those in self.wanted["files"].items() if fnmatch.fnmatch(name, test) for pattern in those]
        files = {f"test/{path.relative_to(self.tests)}": base64.b64encode(path.read_bytes()).decode()
                 for pattern in patterns for path in sorted(self.tests.glob(pattern)) if path.is_file()}
        return self._send({"test": f"test.{name}", "modules": self.library.closure(f"test.{name}"), "files": files, "without": without,
                           "writable": not any(fnmatch.fnmatch(name, one) for one in self.wanted["about_files"])})

    def _send(self, request):
        packed = base64.b64encode(zlib.compress(json.dumps(request).encode())).decode()
        return sandbox.call(self.binary, "python", f"{self.driver}\n\nREQUEST = '{packed}'\n", IMPORTS)

    def _explained(self, name, said):
        for kind in ("not_loaded", "skipped_whole"):
            if kind in said:
                reason = self._skip(said[kind]) if kind == "skipped_whole" else self._failure(name, "", said[kind], said["where"])
                return {"tests": 0, "passed": 0, kind: reason}
        out = {"tests": said["tests"], "passed": said["passed"], "skipped": {}, "failed": {}}
        for reason in said["skipped"].values():
            reason = self._skip(reason)
            out["skipped"][reason] = out["skipped"].get(reason, 0) + 1
        for test, failure in said["failed"].items():
            reason = self._failure(name, test, failure["error"], failure["where"])
            out["failed"].setdefault(reason, []).append(test.removeprefix(f"test.{name}."))
        for part in ("skipped", "failed"):
            out[part] = {reason: value if part == "skipped" else sorted(value) for reason, value in sorted(out[part].items())}
        return out

    def _skip(self, text):
        for pattern, reason in self.reasons["skipped"]:
            found = re.search(pattern, text)
            if found:
                return found.expand(reason)
        return text

    def _failure(self, name, test, error, where):
        for rule in self.reasons["failed"]:
            if re.search(rule.get("error", ""), error) and re.search(rule.get("where", ""), "\n".join(where)) \
                    and re.search(rule.get("test", ""), f"{name} {test}"):
                return rule["reason"]
        return f"unexplained: {error} [{'; '.join(where[-2:])}]"
