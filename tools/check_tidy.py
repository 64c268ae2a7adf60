#!/usr/bin/env python3
"""clang-tidy over the sources of src/, with the checks of .clang-tidy. Only what changed since it was last clean is looked
at: the file, the headers it includes, its flags, the checks. Unit tests are left to the compiler and the sanitizers: their
macros cost more time here than everything else together, and find nothing."""

import argparse
import os
import re
import shutil
import sys
import time
from pathlib import Path

import compile_db
import source_tree

LINTER = "clang-tidy-22"
# Options of g++ that clang does not know, and warnings that are the compiler's business.
EXTRA = ["-Wno-unknown-warning-option", "-Wno-error"]
FINDING = re.compile(r"^(/.*?):(\d+):(\d+): (?:warning|error): (.*)$")


def lint(root, path, flags):
    """(problems, files it includes)"""
    rule = compile_db.run(["g++", *flags, "-MM", "-MT", "x", str(path)], cwd=root)
    done = compile_db.run([LINTER, "--quiet", str(path), "--", *flags, *EXTRA], cwd=root)
    problems, foreign = [], []
    for line in done.stdout.splitlines():
        found = FINDING.match(line)
        name = os.path.normpath(found[1]) if found else ""
        if name.startswith(f"{root}/"):
            problems.append(f"{os.path.relpath(name, root)}:{found[2]}: {found[4]}")
        elif found:
            foreign.append(f"{path}: {name}:{found[2]}: {found[4]}")
    problems += foreign[:1]  # a mistake inside somebody else's header is an echo of one of ours
    if done.returncode != 0 and not problems:
        problems = [f"{path}: {line}" for line in (done.stdout + done.stderr).splitlines()[-5:]]
    return problems, compile_db.included_files(root, rule.stdout)


def check(root, build, everything, wanted):
    root = root.resolve()
    database = compile_db.CompileDatabase(root, build)
    version = compile_db.run([LINTER, "--version"]).stdout
    settings = (root / ".clang-tidy").read_text(encoding="utf-8")
    memory = compile_db.PassMemory("tidy", root, [version, settings, EXTRA])
    known = {path: flags for path, flags in database.flags.items() if path.parts[0] == "src"}
    paths = [path for path in source_tree.files(root, ".cc", under=("src",))
             if path in known and not path.name.endswith("_test.cc")]
    if wanted:
        paths = [path for path in paths if str(path).startswith(tuple(wanted))]
    fresh = [path for path in paths if everything or not memory.passed(path, database.portable(known[path]))]
    # The largest first, so that the last processor is not left alone with one.
    fresh.sort(key=lambda path: -(root / path).stat().st_size)
    problems, started, shown = [], time.monotonic(), time.monotonic()
    for done, (path, (found, included)) in enumerate(
            compile_db.in_parallel(lambda one: lint(root, one, known[one]), fresh), 1):
        problems += found
        if not found:
            memory.remember(path, database.portable(known[path]), included)
        if time.monotonic() - shown > 15:
            shown = time.monotonic()
            print(f"tidy: {done} of {len(fresh)} files after {shown - started:.0f} s", file=sys.stderr, flush=True)
    # A finding in a header comes up once for every file that includes it.
    return sorted(set(problems)), f"{len(paths)} files, {len(fresh)} looked at"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=source_tree.project_root())
    parser.add_argument("--build", type=Path, help="the folder with compile_commands.json (build/dev)")
    parser.add_argument("--all", action="store_true", help="forget what was clean")
    parser.add_argument("path", nargs="*", help="only files whose path begins so")
    arguments = parser.parse_args()
    folder = arguments.build or arguments.root / "build" / "dev"
    if not shutil.which(LINTER):
        sys.exit(f"{LINTER} is not installed: run make setup")
    if not (folder / "compile_commands.json").exists():
        sys.exit(f"{folder}/compile_commands.json is missing: run tools/build --configure dev")
    source_tree.finish(*check(arguments.root, folder, arguments.all, arguments.path))
