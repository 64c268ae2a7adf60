"""The guest of the suite that every SDK passes (guests/sdk/README.md): does what the first line of its input says. An input
that does not begin with `!` comes back as it is."""

import caisson

LEVELS = list(caisson.Level)
calls = 0


def fetch(request):
    response = caisson.fetch(request)
    return f"{response.status} {response.header('x-answer')}\n".encode() + response.body


def suite(data):
    global calls
    calls += 1
    if not data.startswith(b"!"):
        return data
    line, _, body = data.partition(b"\n")
    command, _, rest = line.decode().partition(" ")
    word, _, tail = rest.partition(" ")
    match command:
        case "!big":
            return b"x" * int(word)
        case "!reverse":
            return rest[::-1].encode()
        case "!count":
            return str(calls).encode()
        case "!fail":
            raise caisson.Error(int(word), body.decode())
        case "!trap":
            raise SystemExit(1)
        case "!log":
            caisson.log(LEVELS[int(word)], tail)
            return b"logged"
        case "!set":
            caisson.kv_set(rest, body)
        case "!get":
            value = caisson.kv_get(rest)
            return b"nothing" if value is None else value
        case "!delete":
            caisson.kv_delete(rest)
        case "!emit":
            caisson.emit(rest, body)
        case "!fetch":
            return fetch(caisson.Request(tail, word, {"x-suite": "yes"}, body))
        case "!secret":
            return fetch(caisson.Request(tail, headers={"authorization": {"secret": word, "prefix": "Bearer "}}))
        case _:
            raise caisson.Error(400, "there is no such command")
    return b""


Processor = caisson.processor(suite)
