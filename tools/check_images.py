#!/usr/bin/env python3
"""The committed language images are those of their manifests, and of the sources beside them: a source that was changed needs
`make images`. The guide says what memory each starts with. Nothing is rebuilt here; `make images-check` does."""

import hashlib
import json

import source_tree

FOLDER = "guests/images"
GUIDE = "docs/guide/code.md"


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "nothing"


def check(root):
    problems, count = [], 0
    guide = (root / GUIDE).read_text(encoding="utf-8").splitlines() if (root / GUIDE).is_file() else []
    for file in sorted((root / FOLDER).glob("*/manifest.json")):
        manifest = json.loads(file.read_text(encoding="utf-8"))
        name, packed = file.parent.name, manifest["packed"]
        if digest(file.parent / packed["file"]) != packed["sha256"]:
            problems.append(f"{FOLDER}/{name}/{packed['file']}: not the file that its manifest is of")
        baseline = f"{manifest['baseline_memory'] // 1024:,} KiB"
        if not any(line.lower().startswith(f"| {manifest['language']} |") and f"| {baseline} |" in line for line in guide):
            problems.append(f"{GUIDE}: {manifest['language']} starts with {baseline}, which it does not say")
        for source, known in manifest["sources"].items():
            count += 1
            if digest(root / FOLDER / source) != known:
                problems.append(f"{FOLDER}/{source}: changed after the image of {name} was made; run: make images")
    return problems, count


if __name__ == "__main__":
    found, checked = check(source_tree.root_argument(__doc__).root)
    source_tree.finish(found, f"{checked} sources of images")
