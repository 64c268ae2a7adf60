#!/usr/bin/env python3
"""The keys of `caisson repl`: Ctrl-C ends the statement and not the session, Tab completes, arrows bring lines back."""

import argparse
import os
import tempfile
from pathlib import Path

from typist import Typist

ENDLESS = {"python": "while True: pass\n", "javascript": "while (true) {}\n", "lua": "while true do end\n"}
ASSIGN = {"python": "number_of_apples = 41", "javascript": "var number_of_apples = 41", "lua": "number_of_apples = 41"}
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
        typist.type(CTRL_R + "apples + 1\n")
        typist.wait_for("42")
        typist.wait_for(PROMPT)

        typist.type(CTRL_D)
        exit_code, _ = typist.end()
        expect(exit_code == 0, f"{language}: the exit code is {exit_code}")
    finally:
        typist.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", type=Path, required=True, help="the program caisson")
    caisson = str(parser.parse_args().binary)
    with tempfile.TemporaryDirectory() as home:
        environment = {"HOME": home, "TERM": "xterm", "LANG": "C.UTF-8", "PATH": os.environ["PATH"]}
        environment |= {name: value for name, value in os.environ.items() if name.endswith("SAN_OPTIONS")}
        for language in ENDLESS:
            converse(caisson, language, environment)
    print("1 passed, 0 failed")


if __name__ == "__main__":
    main()
