#!/usr/bin/env python3
"""Every relative link in a Markdown file leads to a file that exists and, with #part, to a heading of it."""

import re
import unicodedata
from urllib.parse import unquote

import source_tree

FENCE = re.compile(r"^(```|~~~).*?^\1[ \t]*$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*[ \t]*$", re.MULTILINE)
ANCHOR = re.compile(r"<a\s+(?:id|name)=\"([^\"]+)\"")


def blanked(pattern, text):
    """`text` with every match replaced by spaces, so that line numbers stay."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def slug(heading):
    """The anchor GitHub gives a heading."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "").lower()
    kept = [c for c in plain if c in " -_" or unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "Mn"]
    return "".join(kept).replace(" ", "-")


def anchors_of(text):
    seen, anchors = {}, set(ANCHOR.findall(text))
    for heading in HEADING.findall(blanked(FENCE, text)):
        base = slug(heading)
        count = seen.get(base, 0)
        seen[base] = count + 1
        anchors.add(base if count == 0 else f"{base}-{count}")
    return anchors


def check(root):
    problems, links = [], 0
    for path in source_tree.files(root, ".md"):
        text = source_tree.text_of(root / path)
        prose = blanked(CODE, blanked(FENCE, text))
        for match in sorted([*LINK.finditer(prose), *REFERENCE.finditer(prose)], key=lambda found: found.start()):
            target = match[1]
            if re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:|//", target):
                continue  # somewhere else on the web
            links += 1
            line = prose.count("\n", 0, match.start()) + 1
            name, _, part = unquote(target).partition("#")
            to = (root / path).parent / name if name else root / path
            if name.startswith("/"):
                problems.append(f"{path}:{line}: {target}: links are relative to the file")
            elif not to.exists():
                problems.append(f"{path}:{line}: {target}: no such file")
            elif part and to.suffix == ".md" and part not in anchors_of(source_tree.text_of(to)):
                problems.append(f"{path}:{line}: {target}: no heading '{part}' there")
    return problems, links


if __name__ == "__main__":
    found, count = check(source_tree.root_argument(__doc__).root)
    source_tree.finish(found, f"{count} links")
