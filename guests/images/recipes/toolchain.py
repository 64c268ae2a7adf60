"""The compiler for WebAssembly and the tool that makes snapshots."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from .sources import Failure, run

# The moment at which an image is made, for whatever asks: 2025-01-01T00:00:00Z.
EPOCH = "1735689600"

FLAGS = ["-O2", "-g0", "-DNDEBUG", "-std=gnu17", "-fno-ident"]
# setjmp by the exceptions of WebAssembly, in the form that the standard has.
SETJMP = ["-mllvm", "-wasm-enable-sjlj", "-mllvm", "-wasm-use-legacy-eh=false"]


class Toolchain:
    """`wcc` with the packages it needs, unpacked beside the work. `root` is guests/images."""

    def __init__(self, root, work, sources):
        self.root, self.work, self.sources = root, work, sources
        self.tools = work / "tools"
        self.binary = None
        stamp = self.tools / "complete"
        wanted = json.dumps(sources.facts(["wasi-libc", "llvm", "compiler-rt"]))
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(self.tools, ignore_errors=True)
            for name in ("wasi-libc", "llvm", "compiler-rt"):
                run(["dpkg-deb", "-x", sources.file(name), self.tools])
            stamp.write_text(wanted)

    @property
    def wcc(self):
        return self.root / "common/wcc"

    def llvm(self, name):
        return self.tools / "usr/lib/llvm-22/bin" / f"llvm-{name}"

    def environment(self):
        changing = ("CFLAGS", "CPPFLAGS", "LDFLAGS", "CC", "CPATH", "C_INCLUDE_PATH", "LIBRARY_PATH")
        kept = {key: value for key, value in os.environ.items() if key not in changing}
        return {**kept, "CAISSON_TOOLS": str(self.tools), "SOURCE_DATE_EPOCH": EPOCH, "LC_ALL": "C", "TZ": "UTC",
                "PYTHONHASHSEED": "0"}

    def maps(self):
        """No path of this machine in what is compiled."""
        return [f"-ffile-prefix-map={self.work}=.", f"-ffile-prefix-map={self.root}=."]

    def compile(self, source, output, flags=(), cwd=None):
        run([self.wcc, *FLAGS, *self.maps(), *flags, "-c", source, "-o", output], cwd=cwd, environment=self.environment())

    def common(self, folder, flags=()):
        """The objects of common/."""
        objects = []
        for source in sorted((self.root / "common").glob("*.c")):
            objects.append(folder / f"common_{source.stem}.o")
            self.compile(source, objects[-1], [*flags, "-Wall", "-Wextra", "-Wno-int-to-pointer-cast"])
        return objects

    def link(self, objects, output, stack, flags=()):
        """A module without an entry of its own: the initialiser calls the constructors."""
        linker = ["--no-entry", "--strip-all", "--stack-first", f"-z,stack-size={stack}", "--fatal-warnings"]
        run([self.wcc, "-O2", "-nostartfiles", *(f"-Wl,{flag}" for flag in linker), *objects, *flags, "-o", output],
            environment=self.environment())

    def snapshot_tool(self):
        if self.binary is None:
            target = Path(os.environ.get("CAISSON_SNAPSHOT_TARGET") or self.work / "cargo")
            environment = {**os.environ, "CARGO_TARGET_DIR": str(target)}
            run(["cargo", "build", "--quiet", "--release", "--locked"], cwd=self.root / "snapshot", environment=environment)
            self.binary = target / "release/snapshot"
        return self.binary

    def snapshot(self, module, image):
        run([self.snapshot_tool(), "make", module, image])

    def facts(self, image):
        return json.loads(run([self.snapshot_tool(), "facts", image]))

    def ask(self, image, code, request="{}"):
        """The result of a call; what the build wants to know from the image itself."""
        result = subprocess.run([self.snapshot_tool(), "run", image, code, request], capture_output=True, text=True)
        if result.returncode != 0:
            raise Failure(f"the image does not run: {result.stderr}")
        return json.loads(result.stdout)

    def version(self):
        first = run(["clang-22", "--version"]).splitlines()[0]
        rust = run(["cargo", "--version"]).split()[1]
        return {"clang": first, "snapshot": "wasmtime-wizer 48.0.8", "cargo": rust}


def c_text(name, path, output):
    """A C header with the bytes of a file as a string constant `name`."""
    lines = []
    for line in path.read_bytes().splitlines(keepends=True):
        escaped = "".join(chr(b) if 32 <= b < 127 and b not in b'"\\?' else f"\\{b:03o}" for b in line)
        lines.append(f'"{escaped}"\n')
    output.write_text(f"static const char {name}[] =\n{''.join(lines)};\n")
