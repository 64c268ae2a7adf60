"""The parts of test262 that are about the language and its built-ins, on the image of JavaScript as it is committed: fetched as a
part of SpiderMonkey's source, and each test runs in a sandbox of its own (a `map` node, docs/guide/control.md)."""

import json
import re
import tarfile
from pathlib import Path

import sandbox
from sources import Sources

HERE = Path(__file__).resolve().parent
INSIDE = "/js/src/tests/test262/"
MOST_ITEMS, MOST_BYTES = 4000, 8 << 20
SKIP_FILES = ("shell.js", "browser.js")
ALWAYS = ("assert.js", "sta.js")
HOSTS = ("doneprintHandle.js", "test262-host.js", "timer.js")  # what the driver does instead


# Tests of which it is known what becomes of them: source, front matter, what the value is (a part of it).
PLANTED = [
    ("assert.sameValue(1 + 1, 2);", "", None),
    ("assert.sameValue(1 + 1, 3);", "", "Test262Error"),
    ("throw new RangeError('x');", "negative:\n  phase: runtime\n  type: RangeError\n", None),
    ("throw new TypeError('x');", "negative:\n  phase: runtime\n  type: RangeError\n", "expected RangeError"),
    ("1;", "negative:\n  phase: runtime\n  type: RangeError\n", "expected RangeError"),
    ("$DONOTEVALUATE(); let x; let x;", "negative:\n  phase: parse\n  type: SyntaxError\n", None),
    ("$DONOTEVALUATE();", "negative:\n  phase: parse\n  type: SyntaxError\n", "SyntaxError"),
    ("Promise.resolve().then(() => $DONE());", "flags: [async]\n", None),
    ("Promise.resolve().then(() => $DONE(new Error('late')));", "flags: [async]\n", "late"),
    ("Promise.resolve();", "flags: [async]\n", "code.exception"),
    ("let all = []; for (;;) all.push(new Uint8Array(1 << 24).fill(1));", "", "memory"),
    ("verifyProperty({a: 1}, 'a', {value: 2});", "includes: [propertyHelper.js]\n", "Test262Error"),
]


def unpack(work):
    """The folder test262 of SpiderMonkey's source."""
    folder, stamp = work / "test262", work / "test262.complete"
    if not stamp.exists():
        with tarfile.open(Sources(work / "sources").file("spidermonkey")) as archive:
            for member in archive:
                at = member.name.find(INSIDE)
                if at >= 0 and member.isfile():
                    member.name = member.name[at + len(INSIDE):]
                    archive.extract(member, folder, filter="data")
        stamp.write_text("")
    return folder


def helpers(root):
    """The files of test262's folder `harness`, by name: SpiderMonkey has them in its own `shell.js`, one behind the other."""
    found = {}
    for file in root.rglob("shell.js"):
        parts = re.split(r"^// file: (\S+)\n", file.read_text(encoding="utf-8"), flags=re.M)
        found |= dict(zip(parts[1::2], parts[2::2]))
    # What eval declares by const is seen by nobody else.
    return {name: re.sub(r"^(?:const|let)\b", "var", text, flags=re.M) for name, text in found.items()}


def listed(text, name):
    """A list in the front matter of a test: `features: [a, b]`, or one value below the other."""
    found = re.search(rf"^{name}:[ \t]*\[([^\]]*)\]", text, re.M)
    if found:
        return [part.strip() for part in found[1].split(",") if part.strip()]
    found = re.search(rf"^{name}:[ \t]*\n((?:[ \t]+- .*\n)+)", text, re.M)
    return [line.strip()[2:] for line in found[1].splitlines()] if found else []


class Test:
    """A file of test262."""

    def __init__(self, path, source):
        self.path, self.source = path, source
        front = re.search(r"/\*---(.*?)---\*/", self.source, re.S)
        front = front[1].replace("\r\n", "\n").replace("\r", "\n") if front else ""
        first = self.source.partition("\n")[0]
        # What SpiderMonkey's own runner reads: `// |reftest| module async error:SyntaxError -- ...`.
        self.marks = first.partition("|reftest|")[2].partition("--")[0] if "|reftest|" in first else ""
        self.flags, self.features = listed(front, "flags"), listed(front, "features")
        self.includes = [name for name in listed(front, "includes") if name not in HOSTS]
        negative = re.search(r"^negative:\s*\n((?:[ \t]+.*\n)+)", front, re.M)
        self.error = re.search(r"type:\s*(\w+)", negative[1])[1] if negative else None
        self.early = bool(negative and re.search(r"phase:\s*(parse|early)", negative[1]))


class Suite:
    LANGUAGE = "javascript"
    OF = "test262 as SpiderMonkey 128.14 has it (commit 79e9b39f3a57 of 2024-04-14)"

    def __init__(self, work, binary):
        self.binary, self.root = binary, unpack(work)
        self.helpers = helpers(self.root)
        self.wanted = json.loads((HERE / "javascript/suite.json").read_text(encoding="utf-8"))
        self.reasons = json.loads((HERE / "javascript/reasons.json").read_text(encoding="utf-8"))
        self.driver = (HERE / "javascript/driver.js").read_text(encoding="utf-8")

    @staticmethod
    def gaps():
        return ()

    def names(self):
        return [name for group in self.wanted["headings"] for row in self.wanted[group] for name in row["tests"]]

    def prove(self):
        """That a test which fails is seen to fail, before anything is believed."""
        said = self._call([Test(Path("planted"), f"/*---\n{front}---*/\n{source}") for source, front, _ in PLANTED])
        for (source, _, expected), value in zip(PLANTED, said, strict=True):
            if (value is None) != (expected is None) or expected is not None and expected not in value:
                raise SystemExit(f"the planted test {source!r} became {value!r}")

    def run(self, name):
        """What becomes of the tests of a folder, as results.json has it."""
        out = {"tests": 0, "passed": 0, "skipped": {}, "failed": {}}
        ready = []
        for path in sorted((self.root / name).rglob("*.js")):
            if path.name in SKIP_FILES or path.name.endswith("_FIXTURE.js"):
                continue
            out["tests"] += 1
            test = Test(path, path.read_bytes().decode("utf-8", "surrogatepass"))
            reason = self._skip(test)
            if reason is None:
                ready.append(test)
            else:
                out["skipped"][reason] = out["skipped"].get(reason, 0) + 1
        for batch in batches(ready):
            for test, said in zip(batch, self._call(batch)):
                if said is None:
                    out["passed"] += 1
                else:
                    out["failed"].setdefault(self._failure(name, test, said), []).append(str(test.path.relative_to(self.root / name))[:-3])
        out["skipped"], out["failed"] = dict(sorted(out["skipped"].items())), dict(sorted(out["failed"].items()))
        return out

    def _call(self, batch):
        items = [{"source": test.source, "preludes": [*ALWAYS, *test.includes], "error": test.error, "early": test.early,
                  "async": "async" in test.flags} for test in batch]
        preludes = {name: self.helpers[name] for item in items for name in item["preludes"]}
        driver = f"const PRELUDES = {json.dumps(preludes)};\n{self.driver}"
        values = sandbox.run_map(self.binary, "javascript", "driver.js", driver, items)
        return [value if not isinstance(value, dict) else value["error"]["reason"] + ": " + value["error"]["message"] for value in values]

    def _skip(self, test):
        for feature in test.features:
            if feature in self.reasons["features"]:
                return self.reasons["features"][feature]
        for pattern, reason in self.reasons["skipped"]:
            if re.search(pattern, f"{test.path.relative_to(self.root)} {test.marks} {' '.join(test.flags)}"):
                return reason
        return None

    def _failure(self, name, test, said):
        for rule in self.reasons["failed"]:
            if re.search(rule.get("error", ""), said) and (not rule.get("features") or set(rule["features"]) & set(test.features)) \
                    and re.search(rule.get("test", ""), str(test.path.relative_to(self.root))):
                return rule["reason"]
        return f"unexplained: {said[:200]}"


def batches(tests):
    batch, size = [], 0
    for test in tests:
        length = 2 * len(test.source) + 300
        if batch and (len(batch) == MOST_ITEMS or size + length > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(test)
        size += length
    if batch:
        yield batch
