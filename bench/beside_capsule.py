#!/usr/bin/env python3
"""What a trivial piece of code costs in Capsule and in Caisson, as an agent's program would call them: the first call of a
process, and the median of later ones, in milliseconds.

Capsule is called through the tools of its package (`pip install smolagents_capsule`, whose `capsule` has to be in the PATH). Caisson is called as a process each
time (`caisson exec`), which is what a program without the library does; calls through the library are in bench_languages.

  python3 bench/beside_capsule.py [CAISSON] [CALLS]
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def timed(call):
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def measure(name, call, calls):
    first = timed(call)
    later = statistics.median(timed(call) for _ in range(calls))
    print(f"{name:34} {first:10.1f} {later:10.1f}")


def main():
    caisson = Path(sys.argv[1] if len(sys.argv) > 1 else "build/release/bin/caisson").resolve()
    calls = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    os.chdir(tempfile.mkdtemp(prefix="caisson-bench-"))  # Capsule leaves 100 MB in the folder it is called in
    print(f"{'':34} {'first':>10} {'later':>10}   (ms a call; median of {calls})")
    try:
        from smolagents_capsule import CapsuleJSTool, CapsulePythonTool
    except ImportError:
        print("Capsule is not installed here: pip install smolagents_capsule")
    else:
        for name, tool, code in (("Capsule, Python", CapsulePythonTool(), "41 + 1"), ("Capsule, JavaScript", CapsuleJSTool(), "41 + 1")):
            measure(name, lambda tool=tool, code=code: tool.forward(code), calls)
    for name, language, code in (("caisson exec, Python", "python", "41 + 1"), ("caisson exec, JavaScript", "javascript", "41 + 1"),
                                 ("caisson exec, Lua", "lua", "return 41 + 1")):
        command = [caisson, "exec", "--lang", language, "-c", code]
        measure(name, lambda command=command: subprocess.run(command, check=True, capture_output=True), calls)


if __name__ == "__main__":
    main()
