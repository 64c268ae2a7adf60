"""What `python/module.c` and `python/encode.c` are to the other image: the host's functions, a look at compiled code, and JSON.

The one way out of this module is `_host.call`, whose other end is in `src/language/internal/data_module.cc`: a letter, a number,
bytes. `L`: the number is a level, the bytes a line for the log. `C`: the number is the length of an operation's name, which
stands before its input; the answer is a status in four bytes and what the host says.
"""

import base64 as _base64
import math as _math
import sys
from json.encoder import encode_basestring as _quote
from types import CodeType as _Code

from _host import call as _door
from opcode import opmap as _opcodes

_LONGEST_LINE = 64 * 1024
_DEEPEST = 2000
_lines = [""] * 5


# --- Output: lines for the log.
def _send(level, line):
    data = line.encode("utf-8", "replace")
    head = b"L%c" % level
    while len(data) > _LONGEST_LINE:
        piece = _LONGEST_LINE
        while piece > _LONGEST_LINE - 4 and data[piece] & 0xC0 == 0x80:
            piece -= 1
        _door(head + data[:piece])
        data = data[piece:]
    _door(head + data)


def print(level, text):
    """Text for the log, by lines."""
    if not isinstance(text, str) or not isinstance(level, int):
        raise TypeError("a level and a string")
    level = min(max(level, 0), 4)
    *whole, rest = (_lines[level] + text).split("\n")
    for line in whole:
        _send(level, line)
    if len(rest) > _LONGEST_LINE:
        _send(level, rest)
        rest = ""
    _lines[level] = rest


def flush():
    """Sends what is left of a line."""
    for level, line in enumerate(_lines):
        if line:
            _lines[level] = ""
            _send(level, line)


# --- Operations of the host.
_STATUS = ("ok", "not_found", "denied", "invalid", "limit", "unknown", "failed")
_WORDS = ("", "there is no such thing", "it is not granted", "the request is not valid", "a limit is reached",
          "the host has no such operation", "it failed")


def call(operation, data):
    """(status, its name, bytes), with a status other than 0 a text instead of bytes."""
    if not isinstance(operation, str) or not isinstance(data, bytes):
        raise TypeError("an operation and bytes")
    name = operation.encode()
    if len(name) > 255:
        raise ValueError("the name of an operation is too long")
    answer = _door(b"C%c" % len(name) + name + data)
    status, said = int.from_bytes(answer[:4], "little"), answer[4:]
    if status >= len(_STATUS):
        status = len(_STATUS) - 1
    if status == 0:
        return 0, "ok", said
    return status, _STATUS[status], f"{operation}: {said.decode('utf-8', 'replace') or _WORDS[status]}"


# --- A look at compiled code.
_IMPORT, _EXTENDED, _CONSTANT = _opcodes["IMPORT_NAME"], _opcodes["EXTENDED_ARG"], _opcodes["LOAD_CONST"]
_STORES = {_opcodes["STORE_NAME"], _opcodes["STORE_GLOBAL"]}
# How far the number of the name is shifted.
_LOADS = {_opcodes["LOAD_NAME"]: 0, _opcodes["LOAD_GLOBAL"]: 1, _opcodes["LOAD_FROM_DICT_OR_GLOBALS"]: 0}
_interesting = {_IMPORT, *_STORES, *_LOADS}


def _line(code, at):
    found = None
    for begin, end, line in code.co_lines():
        if begin <= at < end:
            found = line
    return found or code.co_firstlineno


def _look(code, denied, found):
    names = code.co_names
    if not denied.isdisjoint(names) or _IMPORT in code.co_code[::2]:
        data, more, origin = code.co_code, 0, None
        for at in range(0, len(data), 2):
            op, argument = data[at], more << 8 | data[at + 1]
            more = argument if op == _EXTENDED else 0
            if op == _IMPORT:
                found.append(("import", names[argument >> 2], origin, _line(code, at)))
            elif op in _STORES:
                if names[argument] in denied:
                    found.append(("store", names[argument], None, _line(code, at)))
            elif op in _LOADS:
                name = names[argument >> _LOADS[op]]
                if name in denied:
                    found.append(("load", name, None, _line(code, at)))
            if op != _EXTENDED:
                origin = code.co_consts[argument] if op == _CONSTANT else None
    for constant in code.co_consts:
        if type(constant) is _Code:
            _look(constant, denied, found)


def scan(code, denied):
    """What the code imports, and which of the denied names it reads or writes: [(kind, name, from, line)]."""
    if type(code) is not _Code or not isinstance(denied, (set, frozenset)):
        raise TypeError("code and a set")
    found = []
    _look(code, denied, found)
    return found


def modules():
    """What can be imported: what is loaded, since there are no files to load more from."""
    return sorted(sys.modules)


# --- JSON.
class NotJson(Exception):
    """A value that has no JSON; the message begins with where it is."""


def _key_text(key):
    return key if len(key) <= 60 else key[:60]


def _refuse(levels, what):
    path = "$"
    for level in levels:
        if len(path) > 300:
            break
        path += f".{_key_text(level[3])}" if level[2] else f"[{level[3]}]"
    raise NotJson(f"{path}: {what}")


def _text(value, levels, what="a string with a lone surrogate"):
    text = _quote(value)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError:
            _refuse(levels, what)
    return text


def _bytes_text(value):
    return f'{{"base64":"{_base64.b64encode(value).decode()}","media_type":"application/octet-stream"}}'


def encode(value, convert):
    """The JSON of a value as guests/images/README.md has it; what `convert` makes of a value of another type, None for
    nothing."""
    out, levels, open_ids = [], [], set()
    add = out.append
    while True:
        kind = type(value)
        if kind is str:
            add(_text(value, levels))
        elif value is None:
            add("null")
        elif value is True:
            add("true")
        elif value is False:
            add("false")
        elif kind is int or isinstance(value, int):
            if not -(1 << 63) <= value < 1 << 64:
                _refuse(levels, "an integer of more than 64 bits")
            add(int.__repr__(value))
        elif kind is float or isinstance(value, float):
            if not _math.isfinite(value):
                _refuse(levels, "NaN is not JSON" if value != value else f"{'-' if value < 0 else ''}Infinity is not JSON")
            add(float.__repr__(value))
        elif isinstance(value, str):
            add(_text(str.__str__(value), levels))
        elif isinstance(value, (dict, list, tuple)):
            mapping = isinstance(value, dict)
            if id(value) in open_ids:
                _refuse(levels, f"a {'dictionary' if mapping else 'list'} that contains itself")
            if len(levels) >= _DEEPEST:
                _refuse((), "nested too deeply")
            open_ids.add(id(value))
            # The container, what is left of it, is it a mapping, and where in it the writer is.
            levels.append([value, iter(dict.items(value) if mapping else value), mapping, -1])
            add("{" if mapping else "[")
        elif isinstance(value, (bytes, bytearray, memoryview)):
            add(_bytes_text(value))
        else:
            other = convert(value)
            if other is None:
                _refuse(levels, f"a value of type {kind.__name__} is not JSON")
            value = other[0] if type(other) is Null else other
            continue
        while levels:
            level = levels[-1]
            if level[2]:
                item = next(level[1], None)
                if item is not None:
                    key, value = item
                    if not isinstance(key, str):
                        _refuse(levels[:-1], f"a key of type {type(key).__name__} that is not a string")
                    add("," if level[3] != -1 else "")
                    level[3] = key
                    add(_text(key, levels[:-1], "a key with a lone surrogate"))
                    add(":")
                    break
            else:
                value = next(level[1], _end)
                if value is not _end:
                    level[3] += 1
                    add("," if level[3] else "")
                    break
            add("}" if level[2] else "]")
            open_ids.discard(id(level[0]))
            levels.pop()
        else:
            return "".join(out)


class Null(tuple):
    """What `convert` gives for a value that is null: None means that there is none."""


_end = object()
