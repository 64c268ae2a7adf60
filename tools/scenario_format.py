"""The text of a scenario: tests/scenarios/README.md describes it. This reads it, and writes new expectations into it."""

import dataclasses
import re


class FormatError(Exception):
    """A line that is not part of the format."""


@dataclasses.dataclass
class Stream:
    """What is expected on standard output or standard error: lines, a digest, or anything."""
    lines: list = dataclasses.field(default_factory=list)  # "..." stands for any number of lines
    digest: str = None  # "N lines, sha256 HEX"
    anything: bool = False


@dataclasses.dataclass
class Command:
    line: int  # of the `$`
    text: str
    stdin: str = None
    terminal: tuple = None  # columns, rows
    within: float = None
    stdout: Stream = dataclasses.field(default_factory=Stream)
    stderr: Stream = dataclasses.field(default_factory=Stream)
    exit_code: int = 0
    first: int = 0  # the expectations are lines[first:last] of the file
    last: int = 0


@dataclasses.dataclass
class Step:
    """Something that is prepared: kind is a directive's name, arguments its words, body its `+` lines."""
    kind: str
    arguments: list
    line: int
    body: list = dataclasses.field(default_factory=list)

    def text(self):
        return "".join(row + "\n" for row in self.body)


ARGUMENTS = {  # directive -> its form; the last argument takes the rest of the line
    "file": r"(\S+)", "bytes": r"(\S+) +([0-9a-fA-F ]+)", "sparse": r"(\S+) +(\d+)", "directory": r"(\S+)",
    "link": r"(\S+)", "mask": r"([A-Z_]+) +(.+)", "set": r"(\w+)=(.*)", "unset": r"(\w+)",
    "stdin": r"", "terminal": r"(?:(\d+)x(\d+))?", "within": r"(\d+(?:\.\d+)?)",
}
HAS_BODY = ("file", "stdin")
FOR_NEXT_COMMAND = ("stdin", "terminal", "within")


def parse(text):
    """The steps and commands of a scenario, in order."""
    items, pending = [], {}
    lines = text.split("\n")
    for index, line in enumerate(lines):
        number = index + 1
        mark, rest = line[:1], line[2:] if line[1:2] == " " else line[1:]
        if not line.strip() or mark == "#":
            continue
        if mark == "$":
            items.append(Command(number, rest, first=number, last=number, **pending))
            pending = {}
        elif mark == "+":
            body_of(items, pending, number).append(rest)
        elif mark in "|!=" or line.startswith(("stdout is ", "stderr is ")):
            if not items or not isinstance(items[-1], Command) or pending:
                raise FormatError(f"line {number}: an expectation without a command before it")
            expect(items[-1], mark, rest, line, number)
            items[-1].last = number
        else:
            step = directive(line, number)
            if step.kind in FOR_NEXT_COMMAND:
                remember(pending, step)
            items.append(step)
    if pending:
        raise FormatError("the file ends with settings for a command that does not come")
    for item in items:
        if isinstance(item, Command) and isinstance(item.stdin, Step):
            item.stdin = item.stdin.text()
    return [item for item in items if isinstance(item, Command) or item.kind not in FOR_NEXT_COMMAND]


def directive(line, number):
    kind, _, rest = line.partition(" ")
    if kind not in ARGUMENTS:
        raise FormatError(f"line {number}: '{kind}' is no directive; they are {', '.join(ARGUMENTS)}")
    match = re.fullmatch(ARGUMENTS[kind], rest.strip())
    if not match:
        raise FormatError(f"line {number}: '{line}' is not how {kind} is written")
    return Step(kind, list(match.groups()), number)


def remember(pending, step):
    if step.kind == "stdin":
        pending["stdin"] = step
    elif step.kind == "within":
        pending["within"] = float(step.arguments[0])
    else:
        columns, rows = step.arguments
        pending["terminal"] = (int(columns or 80), int(rows or 24))


def body_of(items, pending, number):
    step = items[-1] if items else None
    if not isinstance(step, Step) or step.kind not in HAS_BODY:
        raise FormatError(f"line {number}: a + line belongs to {' or '.join(HAS_BODY)}")
    return step.body


def expect(command, mark, rest, line, number):
    if mark == "|":
        command.stdout.lines.append(rest)
    elif mark == "!":
        command.stderr.lines.append(rest)
    elif mark == "=":
        if not re.fullmatch(r"\d+", rest):
            raise FormatError(f"line {number}: '{line}' is not an exit code")
        command.exit_code = int(rest)
    else:
        stream = command.stdout if line.startswith("stdout") else command.stderr
        form = line[len("stdout is "):]
        if form == "anything":
            stream.anything = True
        elif re.fullmatch(r"\d+ lines, sha256 [0-9a-f]{64}", form):
            stream.digest = form
        else:
            raise FormatError(f"line {number}: '{form}' is neither 'anything' nor 'N lines, sha256 HEX'")


def render(name, mark, stream):
    """The expectation lines for a stream."""
    if stream.anything:
        return [f"{name} is anything"]
    if stream.digest:
        return [f"{name} is {stream.digest}"]
    return [f"{mark} {line}" if line else mark for line in stream.lines]


def with_expectations(text, replacements):
    """`text` with the expectations of some commands replaced; `replacements` holds (command, stdout, stderr, exit code)."""
    lines = text.split("\n")
    for command, stdout, stderr, exit_code in sorted(replacements, key=lambda entry: -entry[0].line):
        lines[command.first:command.last] = [
            *render("stdout", "|", stdout), *render("stderr", "!", stderr), *([f"= {exit_code}"] if exit_code else [])]
    return "\n".join(lines)
