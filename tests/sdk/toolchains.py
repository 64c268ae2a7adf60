"""Which compilers this machine has, and a folder to work in."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SKIPPED = 77  # what ctest shows as skipped
CLANGS = ["clang-22", "clang-21", "clang-20", "clang-19", "clang-18", "clang-17", "clang-16", "clang"]
NO_NETWORK = re.compile(r"ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ENETUNREACH|ECONNRESET")


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def find_rust():
    """Puts a Rust with the targets of WebAssembly in front."""
    found = subprocess.run([ROOT / "tools/rust-bin"], capture_output=True, text=True, check=False)
    if found.returncode == 0:
        os.environ["PATH"] = found.stdout.strip() + os.pathsep + os.environ["PATH"]
    if not shutil.which("cargo"):
        skip("there is no cargo")
    for target in ("wasm32-unknown-unknown", "wasm32-wasip1", "wasm32-wasip2"):
        done = subprocess.run(["rustc", "--print", "target-libdir", "--target", target], capture_output=True, text=True,
                              check=False)
        if done.returncode != 0 or not Path(done.stdout.strip()).is_dir():
            skip(f"rustc has no library for {target}")


def find_go():
    done = subprocess.run(["go", "version"], capture_output=True, text=True, check=False) if shutil.which("go") else None
    version = re.search(r"go1\.(\d+)", done.stdout) if done else None
    if version is None or int(version[1]) < 24:
        skip("there is no go 1.24 or newer")


def find_clang():
    clang = next((name for name in CLANGS if shutil.which(name)), None)
    if clang is None:
        skip("there is no clang")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "a.c"
        source.write_text("int a(void) { return 1; }\n")
        command = [clang, "--target=wasm32", "-nostdlib", "-Wl,--no-entry", str(source), "-o", f"{folder}/a.wasm"]
        if subprocess.run(command, capture_output=True, check=False).returncode != 0:
            skip(f"{clang} does not link WebAssembly")


def find_npm():
    if not shutil.which("npm") or not shutil.which("node"):
        skip("there is no npm")


FINDERS = {"rust": find_rust, "go": find_go, "c": find_clang, "cpp": find_clang, "assemblyscript": find_npm}


class Place:
    """A folder, and commands in it with the environment that somebody has at work. Caches of their own stay as they are."""

    def __init__(self, binary, folder):
        self.folder = Path(folder)
        self.environment = {**os.environ, "PATH": f"{Path(binary).parent}{os.pathsep}{os.environ['PATH']}"}
        for name in ("CARGO_TARGET_DIR", "RUSTFLAGS", "CARGO_BUILD_TARGET", "GOFLAGS", "MAKEFLAGS", "CFLAGS"):
            self.environment.pop(name, None)

    def shell(self, command, where=".", code=0):
        """What a command line printed, both streams; its exit code has to be `code`."""
        done = subprocess.run(["/bin/sh", "-c", command], cwd=self.folder / where, env=self.environment, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        print(f"$ {command}\n{done.stdout}", end="")
        if done.returncode != 0 and NO_NETWORK.search(done.stdout):
            skip("the registry of npm cannot be reached")
        if done.returncode != code:
            sys.exit(f"FAILED: exit code {done.returncode} instead of {code}: {command}")
        return done.stdout


def expect(found, wanted):
    if wanted not in found:
        sys.exit(f"FAILED: {wanted!r} is not in {found!r}")
