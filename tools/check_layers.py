#!/usr/bin/env python3
"""Every #include under src/ and include/ obeys layers.json.

A library includes its own headers and those of libraries of lower rank. `internal/` is closed to other libraries and
`testing/` to everything but tests. A third-party header appears only in the library that owns it, and never in a header
that others can see: not in include/, not in src/<library>/*.h; only in .cc files and in `internal/`.
"""

import json
import re
from pathlib import Path

import source_tree

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<([^>\n]+)>|"([^"\n]+)"|(\S.*))', re.MULTILINE)
BLOCK_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)

# Headers of C, POSIX and Linux. C++'s own have neither a dot nor a slash.
SYSTEM_FOLDERS = ("sys/", "linux/", "netinet/", "arpa/", "net/", "asm/")
SYSTEM_HEADERS = {
    "dirent.h", "dlfcn.h", "errno.h", "fcntl.h", "fenv.h", "float.h", "inttypes.h", "langinfo.h", "limits.h", "locale.h",
    "math.h", "netdb.h", "poll.h", "pthread.h", "pty.h", "pwd.h", "sched.h", "semaphore.h", "setjmp.h", "signal.h",
    "spawn.h", "stdalign.h", "stdarg.h", "stdatomic.h", "stdbool.h", "stddef.h", "stdint.h", "stdio.h", "stdlib.h",
    "string.h", "strings.h", "syscall.h", "syslog.h", "termios.h", "time.h", "ucontext.h", "unistd.h", "wchar.h",
}
TEST_PREFIXES = ("gtest/", "gmock/", "benchmark/")


class Rules:
    def __init__(self, description):
        self.rank = {name: row["rank"] for name, row in description["layers"].items()}
        self.owners = {}
        for name, row in description["layers"].items():
            for prefix in row["vendor"]:
                self.owners.setdefault(prefix, []).append(name)
        self.everywhere = tuple(description.get("everywhere", []))

    def owners_of(self, header):
        """The libraries that may include a third-party header; None when no library owns it."""
        for prefix, owners in self.owners.items():
            if header == prefix or (prefix.endswith("/") and header.startswith(prefix)):
                return owners
        return None


def is_system(header):
    return ("." not in header and "/" not in header) or header in SYSTEM_HEADERS or header.startswith(SYSTEM_FOLDERS)


def is_test(path):
    return path.name.endswith("_test.cc") or "testing" in path.parts


def problem_with(rules, path, angle, quoted):
    """Why `path` may not include this header, or None."""
    library = path.parts[1] if path.parts[0] == "src" else None
    if quoted is not None:
        if library is None:
            return "a public header includes only <caisson/...> and the standard library"
        return problem_with_own(rules, path, library, quoted)
    return problem_with_foreign(rules, path, library, angle)


def problem_with_own(rules, path, library, header):
    target, _, rest = header.partition("/")
    if not rest or ".." in Path(header).parts:
        return 'write it as "library/name.h"'
    if target not in rules.rank:
        return f"'{target}' is not a library of layers.json; third-party and public headers go in <>"
    if rest.startswith("testing/") and not is_test(path):
        return "only tests include testing/"
    if target == library:
        return None
    if rest.startswith("internal/"):
        return f"internal/ of '{target}' is closed to other libraries"
    own, other = rules.rank[library], rules.rank[target]
    if other > own:
        return f"'{library}' (rank {own}) must not use '{target}' (rank {other})"
    if other == own:
        return f"'{library}' and '{target}' have the same rank, {own}: no edge"
    return None


def problem_with_foreign(rules, path, library, header):
    if header.startswith("caisson/"):
        return None
    owners = rules.owners_of(header)
    if owners is None and not header.startswith(rules.everywhere):
        if is_system(header):
            return None
        if header.startswith(TEST_PREFIXES):
            return None if is_test(path) else "only tests include this"
        return "third-party header that no library of layers.json owns"
    if library is None:
        return "third-party header in a public header"
    if path.suffix == ".h" and "internal" not in path.parts:
        return "third-party header outside .cc files and internal/"
    if not header.startswith(rules.everywhere) and library not in owners:
        return f"only {', '.join(owners)} may include this"
    return None


def check(root):
    rules = Rules(json.loads((root / "layers.json").read_text(encoding="utf-8")))
    problems = []
    paths = source_tree.files(root, ".h", ".cc", under=("src", "include"))
    for path in paths:
        if path.parts[0] == "src" and (len(path.parts) < 3 or path.parts[1] not in rules.rank):
            problems.append(f"{path}: not in the folder of a library of layers.json")
            continue
        text = BLOCK_COMMENT.sub(lambda comment: re.sub(r"[^\n]", " ", comment[0]), source_tree.text_of(root / path))
        for include in INCLUDE.finditer(text):
            line = text.count("\n", 0, include.start()) + 1
            angle, quoted, other = include.groups()
            if other is not None:
                problems.append(f"{path}:{line}: #include {other}: name the header itself")
                continue
            why = problem_with(rules, path, angle, quoted)
            if why:
                problems.append(f"{path}:{line}: #include of {angle or quoted}: {why}")
    return problems, len(paths)


if __name__ == "__main__":
    found, count = check(source_tree.root_argument(__doc__).root)
    source_tree.finish(found, f"{count} files")
