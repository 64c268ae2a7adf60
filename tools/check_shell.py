#!/usr/bin/env python3
"""Every shell script of the project parses, and shellcheck finds nothing in it where shellcheck is installed."""

import re
import shutil
import subprocess

import source_tree

# SC2100 takes names such as clang++-22 for sums.
OPTIONS = ["--severity=warning", "--format=gcc", "--exclude=SC2100"]
SHEBANG = re.compile(rb"#! ?(?:/usr/bin/env |/usr/bin/|/bin/)(?:ba)?sh\b")


def is_script(path):
    with open(path, "rb") as file:
        return SHEBANG.match(file.read(64)) is not None


def output_of(command, root):
    """What a command said when it failed; empty when it succeeded."""
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, errors="replace", check=False)
    return (done.stdout + done.stderr).splitlines() if done.returncode != 0 else []


def check(root):
    scripts = [str(path) for path in source_tree.files(root) if is_script(root / path)]
    problems = []
    for script in scripts:
        problems += output_of(["bash", "-n", script], root)
    linter = shutil.which("shellcheck")
    if linter and scripts and not problems:
        problems += output_of([linter, *OPTIONS, *scripts], root)
    return problems, f"{len(scripts)} scripts, {'shellcheck' if linter else 'bash -n'}"


if __name__ == "__main__":
    source_tree.finish(*check(source_tree.root_argument(__doc__).root))
