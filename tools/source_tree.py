"""What the checks share: the files of the project, and how a check reports."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

# Folders that never hold sources of ours, for trees that git does not know.
_SKIPPED = {".git", "build", "target", "node_modules", "__pycache__"}


def project_root():
    return Path(__file__).resolve().parent.parent


def root_argument(description):
    """The parsed arguments of a check that takes only --root."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=Path, default=project_root(), help="the tree to look at")
    return parser.parse_args()


def files(root, *suffixes, under=()):
    """Every file of the project below `root`, sorted, as paths relative to it: what git tracks or would track.

    `suffixes` (".cc") and `under` ("src") narrow the answer; without them it is everything.
    """
    root = Path(root)
    names = _git_files(root)
    if names is None:
        names = _walk(root)
    chosen = []
    for name in sorted(set(names)):
        if suffixes and not name.endswith(suffixes):
            continue
        if under and not any(name == folder or name.startswith(folder + "/") for folder in under):
            continue
        if (root / name).is_file() and not (root / name).is_symlink():
            chosen.append(Path(name))
    return chosen


def _git_files(root):
    if not (root / ".git").exists():
        return None
    # A checkout that belongs to somebody else (sudo, containers) is still ours to list.
    listing = subprocess.run(
        ["git", "-c", f"safe.directory={root}", "-C", str(root), "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"],
        capture_output=True, check=False)
    if listing.returncode != 0:
        return None
    return [os.fsdecode(name) for name in listing.stdout.split(b"\0") if name]


def _walk(root):
    names = []
    for folder, subfolders, entries in os.walk(root):
        subfolders[:] = [name for name in subfolders if name not in _SKIPPED]
        names += [str((Path(folder) / entry).relative_to(root)) for entry in entries]
    return names


def text_of(path):
    """The text of a file, or None when it is binary."""
    data = Path(path).read_bytes()
    if b"\0" in data:
        return None
    return data.decode("utf-8", errors="replace")


def finish(problems, summary):
    """Prints each problem, or the summary when there is none; ends the process with the matching status."""
    for problem in problems:
        print(problem)
    if problems:
        print(f"{len(problems)} problem{'s' if len(problems) > 1 else ''}")
        sys.exit(1)
    print(summary)
    sys.exit(0)
