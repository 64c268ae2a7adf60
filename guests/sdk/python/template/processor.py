# Text in, text out: `hello` becomes `HELLO!`. `caisson` is there without an import.


def run(inputs):
    text = caisson.payload
    if not text:
        raise ValueError("there is no text")
    print("shouting")  # a line of the node's log
    return text.upper() + "!"
