#!/usr/bin/env python3
"""Words that must not be in the tree: paths of somebody's machine, and engine calls that would give a guest more than its
policy says or run native code that nobody authenticated (docs/security.md)."""

import fnmatch
import re

import source_tree

# name, pattern, where it is forbidden (suffixes; none = every text file), the files that may (patterns of names), why.
RULES = (
    ("machine path", re.compile(r"(?<![\w.}])/(?:root|work)/"), (), (),
     "a path of one machine: use one relative to the project, or a variable"),
    # A unit test may make up somebody's home.
    ("machine path", re.compile(r"(?<![\w.}])/(?:home)/"), (), ("*_test.cc",),
     "a path of one machine: use one relative to the project, or a variable"),
    ("inherited authority",
     re.compile(r"\w*(?:inherit_(?:env|argv|stdin|stdout|stderr|network)|add_wasi_http|cache_config_load"
                r"|define_unknown_imports_as_default_values)\w*"),
     # Two files read the names as words of other systems' policies, which ask and get what is allowed.
     (".cc", ".h", ".c", ".rs"), ("src/sandbox/policy_form_wasi.cc", "src/sandbox/policy_forms_test.cc"),
     "gives a guest what no grant names, or reads files nobody named"),
    ("native code from outside",
     re.compile(r"\b(?:wasmtime_(?:module|component)|cn_component)_deserialize\w*"
                r"|\b(?:Module|Component)::deserialize\w*"),
     (".cc", ".h", ".c", ".rs"),
     ("src/engine/engine.cc", "third_party/native/src/component.rs", "third_party/native/tests/component.rs",
      "third_party/native/include/caisson_native.h"),
     "makes native code out of bytes: one place does, for the authenticated cache"),
)
LINE_COMMENT = re.compile(r"//.*")


def problems_in(path, text):
    code = path.suffix in (".cc", ".h", ".c", ".rs")
    for number, line in enumerate(text.splitlines(), 1):
        for name, forbidden, suffixes, allowed, why in RULES:
            if suffixes and path.suffix not in suffixes:
                continue
            if any(fnmatch.fnmatch(str(path), pattern) for pattern in allowed):
                continue
            # A comment may speak of what the code must not do.
            found = forbidden.search(LINE_COMMENT.sub("", line) if code and suffixes else line)
            if found:
                yield f"{path}:{number}: {name} '{found[0]}': {why}"


def check(root):
    problems = []
    paths = source_tree.files(root)
    for path in paths:
        text = source_tree.text_of(root / path)
        if text is not None:
            problems += problems_in(path, text)
    return problems, len(paths)


if __name__ == "__main__":
    found, count = check(source_tree.root_argument(__doc__).root)
    source_tree.finish(found, f"{count} files, {len(RULES)} rules")
