"""The parts of test262 that are about the language and its built-ins, on the image of JavaScript as it is committed: fetched as a
part of SpiderMonkey's source. Each test is the code of a node, and so a script of its own in a sandbox of its own."""

import json
import re
import tarfile
from pathlib import Path

import sandbox
from sources import Sources

HERE = Path(__file__).resolve().parent
INSIDE = "/js/src/tests/test262/"
MOST_NODES = 2000
SKIP_FILES = ("shell.js", "browser.js")
DENIED = "`eval` and `Function` are denied to code"
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
    ("Promise.resolve();", "flags: [async]\n", "code."),
    ("eval('1');", "", DENIED),
    ("'use strict'; undeclared = 1;", "flags: [onlyStrict]\n", "ReferenceError"),
    ("undeclared = 1;", "", None),
    ("let a = 1; function f() { return a; } f();", "", None),
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


STRICT = re.compile(r"(?:\s|//[^\n]*\n|/\*.*?\*/)*['\"]use strict['\"]", re.S)


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
        self.host = (HERE / "javascript/host.js").read_text(encoding="utf-8")

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
        for batch in (ready[at:at + MOST_NODES] for at in range(0, len(ready), MOST_NODES)):
            for test, said in zip(batch, self._call(batch)):
                if said is None:
                    out["passed"] += 1
                elif said == DENIED:
                    out["skipped"][DENIED] = out["skipped"].get(DENIED, 0) + 1
                else:
                    out["failed"].setdefault(self._failure(name, test, said), []).append(str(test.path.relative_to(self.root / name))[:-3])
        out["skipped"] = dict(sorted(out["skipped"].items()))
        out["failed"] = {reason: sorted(tests) for reason, tests in sorted(out["failed"].items())}
        return out

    def _call(self, batch):
        """For each test None, or what went wrong; DENIED for those that use what code may not."""
        answers = sandbox.run_nodes(self.binary, "javascript", [self._script(test) for test in batch])
        return [self._verdict(test, answer) for test, answer in zip(batch, answers, strict=True)]

    def _script(self, test):
        if "raw" in test.flags:
            return test.source
        strict = "'use strict';\n" if "onlyStrict" in test.flags or STRICT.match(test.source) else ""
        helpers = "\n".join(self.helpers[name] for name in (*ALWAYS, *test.includes))
        helpers += "\nTest262Error.prototype.name = 'Test262Error';"  # so that the error says what it is
        end = "$ENDED" if "async" in test.flags else "null"
        return f"{strict}{self.host}\n{helpers}\n{test.source}\n" + (f";{end};\n" if test.error is None else "")

    @staticmethod
    def _verdict(test, answer):
        reason, text = answer
        if reason == "code.import_denied":
            return DENIED
        if test.error is None:
            # A variable `result` or a function `run` of the test is what the image gives back; only $ENDED is of interest.
            passed = reason in (None, "code.bad_value") if "async" not in test.flags else reason is None and text == "null"
            return None if passed else f"{reason or 'value'}: {text}"
        seen = "SyntaxError" if reason == "code.syntax" else re.match(r"\w*", text)[0] if reason == "code.exception" else None
        if seen != test.error or test.early and reason != "code.syntax":
            return f"expected {test.error}, got {reason}: {text}"
        return None

    def _skip(self, test):
        for feature in test.features:
            if feature in self.reasons["features"]:
                return self.reasons["features"][feature]
        for pattern, reason in self.reasons["skipped"]:
            if re.search(pattern, f"{test.path.relative_to(self.root)} {test.marks} {' '.join(test.flags)} {'evalScript' if '.evalScript' in test.source else ''}"):
                return reason
        return None

    def _failure(self, name, test, said):
        for rule in self.reasons["failed"]:
            if re.search(rule.get("error", ""), said) and (not rule.get("features") or set(rule["features"]) & set(test.features)) \
                    and re.search(rule.get("test", ""), str(test.path.relative_to(self.root))):
                return rule["reason"]
        return f"unexplained: {said[:200]}"
