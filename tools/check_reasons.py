#!/usr/bin/env python3
"""docs/reference/errors.md and the sources name the same error reasons, and the same exit codes and HTTP statuses.

A reason is a literal "prefix.name" in src/ (not in tests) whose prefix is a library or is documented, or that follows a
Category. Events are named the same way; docs/reference/events.md may document them.
"""

import json
import re

import source_tree

DOCUMENTS = ("docs/reference/errors.md", "docs/reference/events.md")
NAME = r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*"
LITERAL = re.compile(rf'"({NAME})"')
AFTER_CATEGORY = re.compile(rf'Category::k\w+,\s*"({NAME})"')
CATEGORY_ROW = re.compile(r'CategoryRow\{Category::k\w+,\s*"(\w+)",\s*(\d+),\s*(\d+)\}')
LINE_COMMENT = re.compile(r"//.*")
# Endings of file names, so that "workflow.yaml" is not taken for a reason.
FILE_ENDINGS = {"cc", "dot", "h", "json", "key", "lua", "md", "py", "sock", "toml", "tmp", "wasm", "wat", "yaml", "yml"}


def reasons_in_sources(root, prefixes):
    """reason -> the first place that names it"""
    places = {}
    for path in source_tree.files(root, ".cc", ".h", under=("src",)):
        if path.name.endswith("_test.cc") or "testing" in path.parts:
            continue
        text = LINE_COMMENT.sub("", source_tree.text_of(root / path))
        sure = {match.start(1) for match in AFTER_CATEGORY.finditer(text)}
        for match in LITERAL.finditer(text):
            prefix, _, name = match[1].partition(".")
            if match.start(1) in sure or (prefix in prefixes and name not in FILE_ENDINGS):
                places.setdefault(match[1], f"{path}:{text.count(chr(10), 0, match.start()) + 1}")
    return places


def table_rows(text):
    """The cells of every row of every table, without backticks."""
    for line in text.splitlines():
        if line.startswith("|"):
            yield [cell.strip().strip("`") for cell in line.strip().strip("|").split("|")]


def category_problems(root, text):
    source = root / "src" / "base" / "error.cc"
    if not source.exists():
        return
    rows = {cells[0]: cells[1:] for cells in table_rows(text)}
    for name, exit_code, status in CATEGORY_ROW.findall(source_tree.text_of(source)):
        cells = rows.get(name)
        if cells is None:
            yield f"{DOCUMENTS[0]}: category {name} has no row"
        elif exit_code not in cells or status not in cells:
            yield f"{DOCUMENTS[0]}: category {name} is exit code {exit_code}, HTTP status {status} in the sources"


def check(root):
    texts = {name: source_tree.text_of(root / name) for name in DOCUMENTS if (root / name).exists()}
    if DOCUMENTS[0] not in texts:
        return [f"{DOCUMENTS[0]}: missing"], ""
    documented = {name for text in texts.values() for name in re.findall(rf"`({NAME})`", text)}
    claimed = {cells[0]: document for document, text in texts.items() for cells in table_rows(text)
               if re.fullmatch(NAME, cells[0])}
    prefixes = set(json.loads((root / "layers.json").read_text(encoding="utf-8"))["layers"])
    prefixes |= {reason.partition(".")[0] for reason in claimed}
    used = reasons_in_sources(root, prefixes)
    problems = [f"{place}: reason {reason} is not in {DOCUMENTS[0]}" for reason, place in sorted(used.items())
                if reason not in documented]
    problems += [f"{document}: {reason} is nowhere in the sources" for reason, document in sorted(claimed.items())
                 if reason not in used]
    problems += category_problems(root, texts[DOCUMENTS[0]])
    return problems, f"{len(used)} reasons"


if __name__ == "__main__":
    source_tree.finish(*check(source_tree.root_argument(__doc__).root))
