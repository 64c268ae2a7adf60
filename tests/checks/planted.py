"""A small tree with a planted violation, and a check that is run over it."""

import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TOOLS = REPOSITORY / "tools"

LAYERS = {
    "layers": {
        "base": {"rank": 0, "vendor": ["openssl/"]},
        "document": {"rank": 1, "vendor": ["yaml-cpp/", "wasm.h"]},
        "store": {"rank": 1, "vendor": []},
        "engine": {"rank": 3, "vendor": ["wasmtime.h"]},
    },
    "everywhere": ["fmt/"],
}


class PlantedTest(unittest.TestCase):
    """One temporary tree per test, with layers.json in it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="planted-")
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name).resolve() / "tree"
        self.root.mkdir()
        self.plant("layers.json", json.dumps(LAYERS))

    def plant(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(text, encoding="utf-8")
        return path

    def plant_compile_commands(self, *flags):
        """build/dev/compile_commands.json for every .cc file of the tree."""
        entries = [{"directory": str(self.root), "file": str(path),
                    "command": f"/usr/bin/c++ -I{self.root}/src -I{self.root}/include -std=c++20 {' '.join(flags)} "
                               f"-o {path.stem}.o -c {path}"}
                   for path in sorted((self.root / "src").rglob("*.cc"))]
        self.plant("build/dev/compile_commands.json", json.dumps(entries))

    def run_tool(self, tool, *arguments, **environment):
        """(exit status, everything it printed)"""
        done = subprocess.run([str(TOOLS / tool), *map(str, arguments)], cwd=self.root, text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={**os.environ, "XDG_CACHE_HOME": str(self.root.parent / "cache"), **environment})
        return done.returncode, done.stdout

    def assert_clean(self, tool, *arguments):
        status, output = self.run_tool(tool, "--root", self.root, *arguments)
        self.assertEqual(status, 0, output)
        return output

    def assert_found(self, tool, *expected, arguments=()):
        """The check fails, and its output holds every one of `expected`."""
        status, output = self.run_tool(tool, "--root", self.root, *arguments)
        self.assertEqual(status, 1, output)
        for text in expected:
            self.assertIn(text, output)
        return output
