#!/usr/bin/env python3
"""One file is one idea: over 600 lines is a warning, over 1,000 a failure. And the Rust of third_party/native stays small: it is
what the C API lacks, and nothing else (docs/adr/0002-one-native-crate.md)."""

import source_tree

SUFFIXES = (".cc", ".h", ".py", ".rs", ".ts", ".tsx", ".c", ".js", ".sh")
WARN, FAIL = 600, 1000
NATIVE, NATIVE_LINES = "third_party/native/src/", 1000  # of code: neither empty nor a comment; its tests are elsewhere


def lines_of_code(text):
    return sum(1 for line in text.splitlines() if line.strip() and not line.strip().startswith(b"//"))


def check(root):
    problems, warnings = [], []
    paths = source_tree.files(root, *SUFFIXES)
    native = 0
    for path in paths:
        text = (root / path).read_bytes()
        lines = len(text.splitlines())
        native += lines_of_code(text) if str(path).startswith(NATIVE) else 0
        if lines > FAIL:
            problems.append(f"{path}: {lines} lines, more than {FAIL}: which two ideas share it?")
        elif lines > WARN:
            warnings.append(f"{path}: {lines} lines, more than {WARN}: a second idea may be moving in")
    if native > NATIVE_LINES:
        problems.append(f"{NATIVE}: {native} lines of code, more than {NATIVE_LINES}: can C++ do some of it?")
    return problems, warnings, len(paths)


if __name__ == "__main__":
    found, warned, count = check(source_tree.root_argument(__doc__).root)
    for warning in warned:
        print(f"warning: {warning}")
    source_tree.finish(found, f"{count} files, {len(warned)} over {WARN} lines")
