#!/usr/bin/env python3
"""The pages of the languages (docs/reference/python.md ...) say what tests/images/LANGUAGE/results.json says, and that is of the
image which is committed. Nothing is run here; `make images-suites` does.

  tools/check_suites.py          whether the pages are those of the results
  tools/check_suites.py --write  writes the generated part of the pages
"""

import argparse
import json
import sys
from pathlib import Path

import source_tree

sys.dont_write_bytecode = True
sys.path.insert(0, str(source_tree.project_root() / "tests/images"))

import page  # noqa: E402

FOLDER = "tests/images"
AGAIN = "run: make images-suites"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


def wanted_part(root, language):
    folder = root / FOLDER / language
    suite, reasons = read(folder / "suite.json"), read(folder / "reasons.json")
    groups = [(heading, suite[name]) for name, heading in suite["headings"].items()]
    return page.generated(read(folder / "results.json"), groups, reasons["kinds"],
                          {rule["reason"]: rule["kind"] for rule in reasons["failed"]})


def write(root, language):
    path = root / f"docs/reference/{language}.md"
    head = path.read_text(encoding="utf-8").partition(page.BEGIN)[0]
    path.write_text(head + wanted_part(root, language), encoding="utf-8")


def check(root):
    problems, count = [], 0
    for file in sorted((root / FOLDER).glob("*/results.json")):
        language = file.parent.name
        count += 1
        text = (root / f"docs/reference/{language}.md").read_text(encoding="utf-8")
        if page.BEGIN + text.partition(page.BEGIN)[2] != wanted_part(root, language):
            problems.append(f"docs/reference/{language}.md: not what {FOLDER}/{language}/results.json says; run: tools/check_suites.py --write")
        image = read(root / f"guests/images/{language}/manifest.json")["image"]["sha256"]
        if read(file)["image"] != image:
            problems.append(f"{FOLDER}/{language}/results.json: of another image than the one that is committed; {AGAIN}")
    return problems, count


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=source_tree.project_root(), help="the tree to look at")
    parser.add_argument("--write", action="store_true", help="write the pages")
    arguments = parser.parse_args()
    if arguments.write:
        for file in sorted((arguments.root / FOLDER).glob("*/results.json")):
            write(arguments.root, file.parent.name)
    problems, count = check(arguments.root)
    source_tree.finish(problems, f"{count} pages of languages are those of their results")


if __name__ == "__main__":
    main()
