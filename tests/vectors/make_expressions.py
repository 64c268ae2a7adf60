#!/usr/bin/env python3
"""Writes expressions.json: random expressions, and what Python says they are.

    tests/vectors/make_expressions.py [COUNT]

A row is [text, {"value": V}] or [text, "error"]. Left out is what differs on purpose (docs/reference/expressions.md): a bool
used as a number, whole numbers beyond 64 bits, text or lists that are multiplied or added to, formats (`%` on text).
"""

import ast
import json
import math
import random
import sys
from pathlib import Path

NAMES = {
    "zero": 0, "one": 1, "seven": 7, "minus": -3, "half": 0.5, "whole": 4.0, "small": -2.5,
    "big": 9007199254740993, "empty": "", "word": "caisson", "accent": "été", "yes": True, "no": False,
    "nothing": None, "none": [], "some": [1, "a", None], "blank": {},
    "check": {"score": 0.75}, "deep": {"inner": {"count": 3}},
}


class Map(dict):
    """A map whose members have names, as in an expression."""

    __slots__ = ()

    def __getattr__(self, name):
        return self[name]


def with_members(value):
    return Map({k: with_members(v) for k, v in value.items()}) if isinstance(value, dict) else value


SCOPE = {"__builtins__": {}, **{name: with_members(value) for name, value in NAMES.items()}}


class Writer:
    """Writes expressions of a kind; now and then one that mixes kinds."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    def number(self, depth):
        pick = self.random.random
        if depth <= 0 or pick() < 0.2:
            return self.random.choice(["0", "1", "2", "7", "10", "0.5", "2.0", "1e3", "1e-3", "zero", "one", "seven",
                                       "minus", "half", "whole", "small", "big", "check.score", "deep.inner.count"])
        if pick() < 0.15:
            return f"-{self.operand(self.number, depth)}"
        if pick() < 0.15:
            return f"{self.operand(self.number, depth)} {self.random.choice(['and', 'or'])} {self.operand(self.number, depth)}"
        symbols = self.random.choice([["+", "-"], ["*", "/", "%"], ["+", "-", "*", "/", "%"]])
        return self.chain(self.number, symbols, depth)

    def text(self, depth):
        if depth <= 0 or self.random.random() < 0.5:
            return self.random.choice(["''", "'a'", '"b"', r"'it\'s'", r'"\n\t\x41\u00e9"', "word", "empty", "accent", "'10'"])
        if self.random.random() < 0.5:
            return self.chain(self.text, ["+"], depth)
        return self.chain(self.text, ["and", "or"], depth)

    def truth(self, depth):
        pick = self.random.random()
        if depth <= 0 or pick < 0.1:
            return self.random.choice(["True", "False", "yes", "no"])
        if pick < 0.25:
            return f"not {self.operand(self.anything, depth)}"
        if pick < 0.4:
            return self.chain(self.truth, ["and", "or"], depth)
        if pick < 0.6:
            kind = self.random.choice([self.number, self.text])
            return self.chain(kind, ["<", "<=", ">", ">=", "==", "!="], depth)
        if pick < 0.95:
            left = self.random.choice([self.number, self.text, self.thing])
            right = self.random.choice([self.number, self.text, self.thing])
            return f"{self.operand(left, depth)} {self.random.choice(['==', '!='])} {self.operand(right, depth)}"
        return f"{self.operand(self.number, depth)} < {self.operand(self.text, depth)}"

    def thing(self, _depth):
        return self.random.choice(["None", "nothing", "none", "some", "blank", "check", "deep.inner"])

    def anything(self, depth):
        kinds = [self.number, self.text, self.truth, self.thing]
        if depth > 0 and self.random.random() < 0.3:
            words = ["and", "or"]
            return f"{self.operand(self.anything, depth)} {self.random.choice(words)} {self.operand(self.anything, depth)}"
        return self.random.choice(kinds)(depth)

    def operand(self, kind, depth):
        text = kind(depth - 1)
        return f"({text})" if " " in text or text.startswith("-") else text

    def chain(self, kind, symbols, depth):
        text = self.operand(kind, depth)
        for _ in range(self.random.randint(1, 3)):
            text += f" {self.random.choice(symbols)} {self.operand(kind, depth)}"
        return text


def within_64_bits(text):
    """Whether every number on the way is one that we have, and every quotient is rounded once."""
    for node in ast.walk(ast.parse(text, mode="eval")):
        if not isinstance(node, ast.expr):
            continue
        try:
            value = eval(ast.unparse(node), SCOPE)  # noqa: S307: texts of our own
        except (TypeError, ZeroDivisionError, NameError):
            continue
        except OverflowError:
            return False
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            return False
        if isinstance(value, float) and not math.isfinite(value):
            return False
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
            for side in (node.left, node.right):
                try:
                    if abs(eval(ast.unparse(side), SCOPE)) > 2**53:  # noqa: S307
                        return False
                except (TypeError, ZeroDivisionError):
                    pass
    return True


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    writer, rows, seen = Writer(1), [], set()
    while len(rows) < count:
        text = writer.random.choice([writer.anything, writer.truth, writer.number])(writer.random.randint(1, 4))
        if text in seen or len(text) > 160 or not within_64_bits(text):
            continue
        seen.add(text)
        try:
            rows.append([text, {"value": eval(text, SCOPE)}])  # noqa: S307
        except (TypeError, ZeroDivisionError):
            rows.append([text, "error"])
    lines = ",\n".join("    " + json.dumps(row, ensure_ascii=False) for row in rows)
    names = json.dumps(NAMES, ensure_ascii=False)
    Path(__file__).with_name("expressions.json").write_text(f'{{\n  "names": {names},\n  "rows": [\n{lines}\n  ]\n}}\n',
                                                            encoding="utf-8")


if __name__ == "__main__":
    main()
