#!/usr/bin/env python3
"""Every header of src/ and include/ compiles alone and twice in a row, with its library's flags."""

import argparse
import sys
import tempfile
from pathlib import Path

import compile_db
import source_tree

COMPILER = "g++"


def spelled(header):
    """How sources include it: <caisson/error.h> or "base/digest.h"."""
    if header.parts[0] == "include":
        return f"<{Path(*header.parts[1:])}>"
    return f'"{Path(*header.parts[1:])}"'


def compile_alone(root, header, flags):
    """(problems, files it includes)"""
    line = f"#include {spelled(header)}\n"
    with tempfile.NamedTemporaryFile(suffix=".d") as rule:
        done = compile_db.run([COMPILER, *flags, "-fsyntax-only", "-MD", "-MF", rule.name, "-MT", "x", "-x", "c++", "-"],
                              input=line + line, cwd=root)
        if done.returncode == 0:
            return [], compile_db.included_files(root, Path(rule.name).read_text(encoding="utf-8"))
    first = [said for said in done.stderr.splitlines() if "error:" in said][:1] or done.stderr.splitlines()[-1:]
    return [f"{header}: does not compile alone: {said}" for said in first], []


def check(root, build):
    root = root.resolve()
    database = compile_db.CompileDatabase(root, build)
    version = compile_db.run([COMPILER, "-dumpfullversion"]).stdout.strip()
    memory = compile_db.PassMemory("headers", root, version)
    headers = source_tree.files(root, ".h", under=("src", "include"))
    flags = {header: database.flags_for_header(header) for header in headers}
    fresh = [header for header in headers if not memory.passed(header, database.portable(flags[header]))]
    problems = []
    for header, (found, included) in compile_db.in_parallel(lambda one: compile_alone(root, one, flags[one]), fresh):
        problems += found
        if not found:
            memory.remember(header, database.portable(flags[header]), included)
    return problems, f"{len(headers)} headers, {len(fresh)} compiled"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=source_tree.project_root())
    parser.add_argument("--build", type=Path, help="the folder with compile_commands.json (build/dev)")
    arguments = parser.parse_args()
    folder = arguments.build or arguments.root / "build" / "dev"
    if not (folder / "compile_commands.json").exists():
        sys.exit(f"{folder}/compile_commands.json is missing: run tools/build --configure dev")
    source_tree.finish(*check(arguments.root, folder))
