#!/usr/bin/env python3
"""Every C++ file is formatted as .clang-format says, every Rust file as rustfmt says; --fix makes it so."""

import argparse
import concurrent.futures
import os
import re
import shutil
import subprocess
from pathlib import Path

import source_tree

FORMATTER = "clang-format-19"
COMPLAINT = re.compile(r"^(.*?:\d+):\d+: error: code should be clang-formatted")
CRATE = Path("third_party/native/Cargo.toml")


def format_cpp(root, batch, fix):
    how = ["-i"] if fix else ["--dry-run", "--Werror", "--ferror-limit=1"]
    done = subprocess.run([FORMATTER, *how, *batch], cwd=root, capture_output=True, text=True, check=False)
    found = [match[1] for match in map(COMPLAINT.match, done.stderr.splitlines()) if match]
    problems = [f"{place}: not formatted; run make format" for place in found]
    if done.returncode != 0 and not problems:
        problems = done.stderr.splitlines() or [f"{FORMATTER} failed"]
    return problems


def rust_bin():
    """The folder of a toolchain that has rustfmt, or None."""
    finder = source_tree.project_root() / "tools" / "rust-bin"
    done = subprocess.run([str(finder)], capture_output=True, text=True, check=False)
    folder = Path(done.stdout.strip())
    return folder if done.returncode == 0 and (folder / "cargo-fmt").exists() else None


def format_rust(root, folder, fix):
    environment = dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}")
    command = ["cargo", "fmt", "--manifest-path", str(CRATE), *([] if fix else ["--", "--check", "-l"])]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return []
    files = done.stdout.split() or [done.stderr.strip()]
    return [f"{os.path.relpath(name, root.resolve())}: not formatted; run make format" for name in files]


def check(root, fix):
    if not shutil.which(FORMATTER):
        return [f"{FORMATTER} is not installed; run make setup"], ""
    paths = [str(path) for path in source_tree.files(root, ".cc", ".h")]
    batches = [paths[start:start + 20] for start in range(0, len(paths), 20)]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        problems = sum(pool.map(lambda batch: format_cpp(root, batch, fix), batches), [])
    rust = "no Rust"
    if (root / CRATE).exists():
        folder = rust_bin()
        rust = "Rust not checked: no rustfmt here"
        if folder:
            rust = "Rust"
            problems += format_rust(root, folder, fix)
    return problems, f"{len(paths)} C++ files, {rust}"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=source_tree.project_root())
    parser.add_argument("--fix", action="store_true", help="format the files")
    arguments = parser.parse_args()
    source_tree.finish(*check(arguments.root, arguments.fix))
