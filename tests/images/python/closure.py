"""What a test module of CPython needs to be loaded: the modules that it names, and those that these name."""

import re
import tokenize
from pathlib import Path

IMPORT = re.compile(r"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+import[ \t]+(\([^)]*\)|[^#\n]*)|import[ \t]+([^#\n]+))", re.M)
QUOTED = re.compile(r"""["'](test\.[\w.]+)["']""")
# Modules that the image does not have, and the tests import beside what they are about: something that can be loaded.
ABSENT = Path(__file__).resolve().parent / "absent"
ALWAYS = ("test.support", "test.support.testcase", "test.support.import_helper", "unittest")


def text_of(path):
    """The source, or None if it is meant to be unreadable; a folder without one is an empty package."""
    if path.is_dir():
        return ""
    try:
        with tokenize.open(path) as file:
            return file.read()
    except (SyntaxError, UnicodeDecodeError):
        return None


class Library:
    """CPython's Lib folder, and which of its modules the image has (name -> (file, is it a package))."""

    def __init__(self, folder, image):
        self.folder, self.image, self.texts = folder, image, {}

    def file(self, name):
        """(path, is it a package), or None if there is no such module."""
        if name in self.image:
            return self.image[name]
        if (ABSENT / f"{name}.py").is_file():
            return ABSENT / f"{name}.py", False
        place = self.folder / name.replace(".", "/")
        if (place / "__init__.py").is_file():
            return place / "__init__.py", True
        plain = place.with_suffix(".py")
        if not plain.is_file():
            return (place, True) if name.startswith("test.") and place.is_dir() else None
        return plain, False

    def text(self, name):
        if name not in self.texts:
            self.texts[name] = text_of(self.file(name)[0])
        return self.texts[name]

    def named_by(self, name):
        """Every module that the text of a module names, in an import or, of the tests, as a text."""
        text, found = self.text(name), set()
        package = name if self.file(name)[1] else name.rpartition(".")[0]
        for whole, parts, plain in IMPORT.findall(text):
            if whole:
                dots = len(whole) - len(whole.lstrip("."))
                base = package.rsplit(".", dots - 1)[0] if dots > 1 else package
                head = f"{base}.{whole.lstrip('.')}".rstrip(".") if dots else whole
                found |= {head, *(f"{head}.{part}" for part in re.findall(r"\w+", parts))}
            else:
                found |= {part.split()[0] for part in plain.split(",") if part.split()}
        found |= set(QUOTED.findall(text)) if name.startswith("test.") else set()
        return found

    def closure(self, name):
        """name -> {"text", "package", "image"} of everything that `name` may want, and all of the image's own library."""
        wanted, seen = [name, *ALWAYS], set()
        while wanted:
            one = wanted.pop()
            while one:  # a module is inside of packages
                if one not in seen and self.file(one) and self.text(one) is not None:
                    seen.add(one)
                    if one not in self.image:
                        wanted += self.named_by(one)
                one = one.rpartition(".")[0]
        seen |= set(self.image)
        return {one: {"text": self.text(one), "package": self.file(one)[1], "image": one in self.image} for one in sorted(seen)}
