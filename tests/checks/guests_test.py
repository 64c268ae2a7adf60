#!/usr/bin/env python3
"""tools/guests notices what it is there to notice. Works on copies of guests/ and examples/; needs no network once the
text assembler is built. A case whose compiler is missing is skipped by name."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUESTS = ROOT / "tools/guests"
SUFFIXES = {  # module: the source that holds the suffix
    "appender_c": "guests/samples/appender_c/appender.c",
    "appender_wat": "guests/samples/appender_wat/appender.wat",
    "wasm_appender": "guests/samples/wasm_appender/src/lib.rs",
}


class GuestsTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        for part in ("api", "guests", "examples"):
            shutil.copytree(ROOT / part, self.root / part, ignore=shutil.ignore_patterns("target"))

    def guests(self, *arguments, path=None):
        environment = {**os.environ, **({"PATH": path} if path is not None else {})}
        return subprocess.run([sys.executable, GUESTS, *arguments, "--root", self.root], capture_output=True, text=True,
                              env=environment, check=False)

    def change(self, path, old, new):
        text = (self.root / path).read_text()
        self.assertIn(old, text)
        (self.root / path).write_text(text.replace(old, new))

    def compared(self, name):
        """Skips the test if this machine cannot rebuild the module."""
        result = self.guests("check", "--strict", name)
        if "not compared" in result.stdout:
            self.skipTest(result.stdout.strip())
        self.assertEqual(result.returncode, 0, result.stderr)

    def test_passes_twice_and_leaves_everything_as_it_was(self):
        before = {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()}
        for _ in range(2):
            result = self.guests("check")
            self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(before, {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()})

    def test_a_changed_suffix_is_another_module(self):
        for name, source in SUFFIXES.items():
            with self.subTest(name):
                self.compared(name)
                self.change(source, '"-wasm"', '"-wasn"')
                result = self.guests("check", name)
                self.assertEqual(result.returncode, 1)
                self.assertIn(f"{name}: {source} changed after the module was built", result.stderr)
                self.assertIn(f"{name}: the rebuilt module differs", result.stderr)

    def test_build_replaces_the_module_its_copies_and_the_manifest(self):
        self.compared("appender_c")
        self.change(SUFFIXES["appender_c"], '"-wasm"', '"-elsewhere"')
        self.assertEqual(self.guests("build", "appender_c").returncode, 0)
        module = (self.root / "guests/samples/built/appender_c.wasm").read_bytes()
        self.assertIn(b"-elsewhere\0", module)
        self.assertEqual(module, (self.root / "examples/wasm_components/appender_c.wasm").read_bytes())
        self.assertEqual(self.guests("check", "appender_c").returncode, 0)

    def test_without_a_compiler_the_digests_still_speak(self):
        nothing = str(self.root / "empty")
        result = self.guests("check", path=nothing)
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("not compared (missing: clang-22 and wasm-ld-22)", result.stdout)
        self.assertEqual(self.guests("check", "--strict", path=nothing).returncode, 1)
        self.change(SUFFIXES["appender_c"], '"-wasm"', '"-wasn"')
        result = self.guests("check", path=nothing)
        self.assertEqual(result.returncode, 1)
        self.assertIn("changed after the module was built", result.stderr)

    def test_another_version_of_a_compiler_is_no_difference(self):
        self.compared("appender_c")
        path = self.root / "guests/samples/built/manifest.json"
        manifest = json.loads(path.read_text())
        module = self.root / "guests/samples/built/appender_c.wasm"
        copy = self.root / "examples/wasm_components/appender_c.wasm"
        module.write_bytes(module.read_bytes() + b"\0\2\1x")  # a custom section that this compiler does not write
        shutil.copyfile(module, copy)
        manifest["appender_c"]["sha256"] = hashlib.sha256(module.read_bytes()).hexdigest()
        path.write_text(json.dumps(manifest))
        self.assertEqual(self.guests("check", "appender_c").returncode, 1)
        manifest["appender_c"]["tool"] = "clang 1.0"
        path.write_text(json.dumps(manifest))
        result = self.guests("check", "appender_c")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertIn("not compared (made by clang 1.0", result.stdout)

    def test_a_changed_module_copy_or_stranger_is_found(self):
        nothing = str(self.root / "empty")
        (self.root / "examples/wasm_components/hello.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.assertIn("hello.wasm is not a copy of the module", self.guests("check", path=nothing).stderr)
        (self.root / "guests/samples/built/wat/scalar.wasm").write_bytes(b"\0asm\1\0\0\0")
        self.assertIn("scalar.wasm is not the file that was built", self.guests("check", path=nothing).stderr)
        (self.root / "guests/samples/built/left_over.wasm").write_bytes(b"\0asm\1\0\0\0")
        result = self.guests("check", path=nothing)
        self.assertIn("built/left_over.wasm: no recipe builds it", result.stderr)
        self.assertEqual(result.returncode, 1)

    def test_a_name_that_does_not_exist(self):
        result = self.guests("check", "no_such_module")
        self.assertEqual(result.returncode, 2)
        self.assertIn("no module is called 'no_such_module'", result.stderr)

    def test_a_source_that_does_not_compile(self):
        self.compared("appender_c")
        self.change(SUFFIXES["appender_c"], '"-wasm"', "-wasm")
        result = self.guests("check", "appender_c")
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("appender.c", result.stderr)


if __name__ == "__main__":
    unittest.main()
