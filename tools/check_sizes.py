#!/usr/bin/env python3
"""One file is one idea: over 600 lines is a warning, over 1,000 a failure."""

import source_tree

SUFFIXES = (".cc", ".h", ".py", ".rs", ".ts", ".tsx", ".c", ".js", ".sh")
WARN, FAIL = 600, 1000


def check(root):
    problems, warnings = [], []
    paths = source_tree.files(root, *SUFFIXES)
    for path in paths:
        lines = len((root / path).read_bytes().splitlines())
        if lines > FAIL:
            problems.append(f"{path}: {lines} lines, more than {FAIL}: which two ideas share it?")
        elif lines > WARN:
            warnings.append(f"{path}: {lines} lines, more than {WARN}: a second idea may be moving in")
    return problems, warnings, len(paths)


if __name__ == "__main__":
    found, warned, count = check(source_tree.root_argument(__doc__).root)
    for warning in warned:
        print(f"warning: {warning}")
    source_tree.finish(found, f"{count} files, {len(warned)} over {WARN} lines")
