#!/usr/bin/env python3
"""The keys of `caisson repl`: Ctrl-C ends the statement and not the session, Tab completes, arrows bring lines back, those of earlier runs
too."""

import argparse
import os
import subprocess
import tempfile
from pathlib import Path

from typist import Typist

ENDLESS = {"python": "while True: pass\n", "javascript": "while (true) {}\n", "lua": "while true do end\n"}
# What Tab makes of the beginning, and what the whole line says then.
ATTRIBUTES = {"python": [("word.zf", "ill", "(3)", "00a")],
              "javascript": [("Math.fl", "oor", "(7.5)", "7"), ("number_of_apples.toF", "ixed", "(1)", "41.0")],
              "lua": [("math.fl", "oor", "(7.5)", "7"), ("word:up", "per", "()", "WORD"), ("box.con", "tent", "", "5")]}
ASSIGN = {"python": "number_of_apples = 41; word = 'a'", "javascript": "var number_of_apples = 41", "lua": "number_of_apples = 41 word = 'word' box = setmetatable({}, {__index = {content = 5}})"}
CTRL_C, CTRL_D, TAB, UP, CTRL_R = "\x03", "\x04", "\t", "\x1b[A", "\x12"
PROMPT = ">>> "


def expect(condition, what):
    if not condition:
        raise SystemExit(f"FAILED: {what}")


def converse(caisson, language, environment):
    typist = Typist([caisson, "repl", "--lang", language, "--timeout", "100s"], environment)
    try:
        typist.wait_for(PROMPT)
        typist.type(ASSIGN[language] + "\n")
        typist.wait_for(PROMPT)

        typist.type("number_of" + TAB)  # one name begins like that
        typist.wait_for("number_of_apples")
        typist.type(" + 1\n")
        typist.wait_for("42")
        typist.wait_for(PROMPT)

        for begin, more, rest, value in ATTRIBUTES[language]:
            typist.type(begin + TAB)
            typist.wait_for(begin + more)
            typist.type(rest + "\n")
            typist.wait_for(value)
            typist.wait_for(PROMPT)
        typist.type(":lim" + TAB)
        typist.wait_for(":limits")
        typist.type("\n")
        typist.wait_for("http_requests")
        typist.wait_for(PROMPT)

        typist.type("a line that is given up" + CTRL_C)
        typist.wait_for(PROMPT)

        typist.type(ENDLESS[language])
        typist.wait_for("the call was cancelled", typing=CTRL_C)
        typist.wait_for(PROMPT, typing="\n")  # a terminal forgets what it has not shown yet when Ctrl-C is typed
        typist.type("number_of_apples + 2\n")  # the session is what it was
        typist.wait_for("43")
        typist.wait_for(PROMPT)

        typist.type(UP + "\n")
        typist.wait_for("43")
        typist.wait_for(PROMPT)
        typist.type(CTRL_R + "of_apples + 1\n")
        typist.wait_for("42")
        typist.wait_for(PROMPT)

        typist.type(CTRL_D)
        exit_code, _ = typist.end()
        expect(exit_code == 0, f"{language}: the exit code is {exit_code}")
    finally:
        typist.kill()


def start(caisson, environment, *options):
    typist = Typist([caisson, "repl", "--lang", "lua", *options], environment)
    typist.wait_for(PROMPT)
    return typist


def quit_of(typist):
    typist.type(CTRL_D)
    exit_code, shown = typist.end()
    expect(exit_code == 0, f"the exit code is {exit_code}: {shown}")
    return shown


def remember(caisson, environment, home):
    """What is typed is there in the next run, for its owner alone; not with --no-history, and not from a script."""
    kept = home / "state" / "caisson" / "lua_history"
    environment = environment | {"XDG_STATE_HOME": str(home / "state")}
    typist = start(caisson, environment)
    typist.type("function sum(a,\n")
    typist.wait_for("... ")
    typist.type("b) return 'Süd ' .. a + b end\n")
    typist.wait_for(PROMPT)
    typist.type("sum(40, 2)\n")
    typist.wait_for("Süd 42")
    typist.wait_for(PROMPT)
    quit_of(typist)
    expect(kept.stat().st_mode & 0o777 == 0o600, f"the mode of the history is {kept.stat().st_mode:o}")
    expect(kept.parent.stat().st_mode & 0o777 == 0o700, f"the mode of its folder is {kept.parent.stat().st_mode:o}")

    typist = start(caisson, environment)
    typist.type(UP * 3 + "\n")  # lines, as they were typed
    typist.wait_for("... ")
    typist.type(UP * 3 + "\n")
    typist.wait_for(PROMPT)
    typist.type(UP * 3 + "\n")
    typist.wait_for("Süd 42")
    typist.wait_for(PROMPT)
    quit_of(typist)

    before = kept.read_bytes()
    typist = start(caisson, environment, "--no-history")
    typist.type(UP + "\n1 + 1\n")
    typist.wait_for("2")
    typist.wait_for(PROMPT)
    quit_of(typist)
    subprocess.run([caisson, "repl", "--lang", "lua"], input=b"2 + 2\n", env=environment, check=True, capture_output=True)
    expect(kept.read_bytes() == before, "a run without a history has changed it")

    kept.write_text("_HiStOrY_V2_\n" + "".join(f"x={number}\n" for number in range(3000)))
    typist = start(caisson, environment)
    typist.type(UP + "\n")
    typist.wait_for("x=2999")
    typist.wait_for(PROMPT)
    quit_of(typist)
    expect(len(kept.read_text().splitlines()) <= 1002, "an old history stays as long as it was")

    for broken in (lambda: kept.write_text("what is this\n"), lambda: (kept.unlink(), os.mkfifo(kept)),
                   lambda: (kept.unlink(), kept.mkdir())):
        broken()
        typist = Typist([caisson, "repl", "--lang", "lua"], environment)
        typist.wait_for("warning: what is typed is not kept")
        typist.wait_for(PROMPT)
        typist.type("6 * 7\n")
        typist.wait_for("42")
        typist.wait_for(PROMPT)
        expect("warning" not in quit_of(typist), "a broken history is told of again")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, required=True, help="the program caisson")
    caisson = str(parser.parse_args().binary)
    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "TERM": "xterm", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
        environment |= {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        for language in ENDLESS:
            converse(caisson, language, environment)
        remember(caisson, environment, Path(home))
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
