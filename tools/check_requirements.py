#!/usr/bin/env python3
"""Every test that docs/reference/compatibility.md names exists, and no requirement is in two rows."""

import re

import source_tree

PAGE = "docs/reference/compatibility.md"
ROW = re.compile(r"^\| ([A-Z]-\d{3}|T-\d+) \| (works|differs|not yet) \| (.*) \|$")
NAME = re.compile(r"`([^`\n]+)`")
LIBRARIES = ("attack", "base", "cli", "document", "engine", "language", "net", "observe", "runtime", "sandbox", "workflow")
CC_TEST = re.compile(r"^\s*(?:TYPED_)?TEST(?:_F|_P)?\(\s*(\w+)\s*,\s*(\w+)\s*\)", re.MULTILINE)
PARTS = re.compile(r"(?:([a-z0-9_]+)\.)?([A-Za-z]\w*)\.([A-Za-z*]\w*\*?)")


def tests_of(root):
    """(suite, test) of every C++ test."""
    found = set()
    for path in source_tree.files(root, "_test.cc"):
        found.update(CC_TEST.findall(source_tree.text_of(root / path)))
    return found


def exists(root, name, tests):
    """Whether `name` is a test; None: it is something else."""
    if match := re.fullmatch(r"scenario\.([a-z0-9/-]+)(\*?)", name):
        folder = root / "tests" / "scenarios"
        return bool(list(folder.glob(match[1] + match[2] + ".scn")))
    if match := re.fullmatch(r"checks\.(\w+)", name):
        return (root / "tests" / "checks" / f"{match[1]}_test.py").is_file()
    if match := re.fullmatch(r"sdk\.(\w+)\.\w+", name):
        return (root / "tests" / "sdk" / f"{match[1]}_test.py").is_file()
    if match := re.fullmatch(r"SA-\d{3}", name):
        return bool(list((root / "tests" / "audit").glob(name + "_*")))
    match = PARTS.fullmatch(name)
    if not match or match[1] not in (*LIBRARIES, "e2e", "native", "soak", "simulation"):
        return None
    suite, test = match[2], match[3]
    if test == "*":
        return any(found == suite for found, _ in tests)
    return (suite, test) in tests or test.endswith("*") and any(s == suite and t.startswith(test[:-1]) for s, t in tests)


def check(root):
    problems, rows, named, tests = [], {}, 0, tests_of(root)
    last = ""
    for number, line in enumerate(source_tree.text_of(root / PAGE).splitlines(), 1):
        row = ROW.match(line)
        if not row:
            continue
        if row[1] in rows:
            problems.append(f"{PAGE}:{number}: {row[1]} is in line {rows[row[1]]} already")
        rows.setdefault(row[1], number)
        for name in NAME.findall(row[3]):
            if name.startswith("..."):  # of the suite named last
                name = last + name[3:]
            found = exists(root, name, tests)
            if found is None:
                continue
            named += 1
            last = name.rsplit(".", 1)[0] + "."
            if not found:
                problems.append(f"{PAGE}:{number}: {row[1]}: there is no test {name}")
    source_tree.finish(problems, f"{len(rows)} requirements name {named} tests")


if __name__ == "__main__":
    check(source_tree.root_argument(__doc__).root.resolve())
