"""How the project's files are compiled (compile_commands.json), and a memory of which of them passed a check.

The memory lies in the user's cache folder, so that a second checkout with the same content has nothing to do. An entry says:
this file, compiled this way, passed while the files it includes had these digests. System headers and the native library
are not looked at: their versions are in the flags or do not change under a check.
"""

import concurrent.futures
import hashlib
import json
import os
import shlex
import subprocess
import time
from pathlib import Path

KEPT_DAYS = 60
KEPT_ENTRIES = 4  # per file: a few branches


class CompileDatabase:
    """The compile commands of the preset in `folder`, without their outputs."""

    def __init__(self, root, folder):
        self.root = Path(root).resolve()
        self.flags = {}  # path relative to the root -> the arguments between the compiler and the file
        for entry in json.loads((Path(folder) / "compile_commands.json").read_text(encoding="utf-8")):
            path = (Path(entry["directory"]) / entry["file"]).resolve()
            if path.is_relative_to(self.root):
                arguments = entry.get("arguments") or shlex.split(entry["command"])
                self.flags[path.relative_to(self.root)] = without_output(arguments)

    def flags_for_header(self, header):
        """The arguments of a source that sees what `header` may see: one of its library, or any."""
        same = [path for path in self.flags if path.parts[:2] == header.parts[:2] and path.parts[0] == "src"]
        wants_test = "testing" in header.parts
        same = [path for path in same if path.name.endswith("_test.cc") == wants_test] or same
        chosen = min(same or self.flags, default=None)
        return self.flags[chosen] if chosen else []

    def portable(self, flags):
        """The arguments with this checkout's own path taken out."""
        return [flag.replace(str(self.root), ".") for flag in flags]


def without_output(arguments):
    kept, skip = [], False
    for argument in arguments[1:]:
        if skip:
            skip = False
        elif argument in ("-o", "-MF", "-MT", "-MQ"):
            skip = True
        elif argument not in ("-c", "-MD", "-MMD") and not argument.endswith((".cc", ".c", ".cpp")):
            kept.append(argument)
    return kept


def included_files(root, rule):
    """The files inside `root` that a dependency rule of the compiler (-M) names."""
    names = shlex.split(rule.replace("\\\n", " ").partition(":")[2])
    paths = {Path(os.path.normpath(root / name)) for name in names}
    return sorted(str(path.relative_to(root)) for path in paths
                  if path.is_relative_to(root) and path.relative_to(root).parts[0] != "build" and path.is_file())


class PassMemory:
    """Which files passed the check `name`, under settings described by `salt`."""

    def __init__(self, name, root, salt):
        cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        self.folder = Path(cache) / "caisson" / "checks" / name
        self.folder.mkdir(parents=True, exist_ok=True)
        self.root = root
        self.salt = salt
        self.digests = {}
        self._drop_old()

    def passed(self, path, flags):
        """True when this file passed before with the same flags and everything it includes is as it was then."""
        slot = self._slot(path, flags)
        for entry in self._entries(slot):
            if all(self._digest(name) == digest for name, digest in entry.items()):
                os.utime(slot)
                return True
        return False

    def remember(self, path, flags, included):
        slot = self._slot(path, flags)
        entry = {name: self._digest(name) for name in included}
        entries = [entry, *(old for old in self._entries(slot) if old != entry)][:KEPT_ENTRIES]
        unfinished = slot.with_suffix(f".{os.getpid()}")
        unfinished.write_text(json.dumps(entries), encoding="utf-8")
        unfinished.replace(slot)

    def _slot(self, path, flags):
        key = json.dumps([self.salt, str(path), flags])
        return self.folder / (hashlib.sha256(key.encode()).hexdigest()[:32] + ".json")

    def _entries(self, slot):
        try:
            return json.loads(slot.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return []

    def _digest(self, name):
        if name not in self.digests:
            try:
                self.digests[name] = hashlib.sha256((self.root / name).read_bytes()).hexdigest()
            except OSError:
                self.digests[name] = None
        return self.digests[name]

    def _drop_old(self):
        oldest = time.time() - KEPT_DAYS * 86400
        for entry in self.folder.iterdir():
            if entry.stat().st_mtime < oldest:
                entry.unlink(missing_ok=True)


def in_parallel(function, items):
    """function(item) for every item, on all processors; yields (item, result) in order."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        yield from zip(items, pool.map(function, items))


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, errors="replace", check=False, **options)
