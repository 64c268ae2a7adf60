#!/usr/bin/env python3
"""`caisson build`: one source file becomes a module that runs; what goes wrong is said, and names are only names."""

import argparse
import json
import tempfile
from pathlib import Path

from toolchains import FINDERS, ROOT, Place, expect

SDK = ROOT / "guests/sdk"
SOURCES = {
    "assemblyscript": ("ts", SDK / "assemblyscript/template/index.ts"),
    "c": ("c", SDK / "c/template/processor.c"),
    "cpp": ("cpp", SDK / "c/template/processor.c"),
    "go": ("go", SDK / "go/template/main.go"),
    "rust": ("rs", SDK / "rust/template/lib.rs"),
}
PROGRAMS = {
    "c": '#include <stdio.h>\n\nint main(void) { puts("hello from main"); }\n',
    "go": 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("hello from main") }\n',
    "rust": 'fn main() { println!("hello from main"); }\n',
}
WRONG = {"assemblyscript": "export function f(): i32 { return no_such_thing; }\n", "c": "int f(void) { return no_such_thing; }\n",
         "cpp": "int f() { return no_such_thing; }\n", "go": "package main\n\nfunc main() { no_such_thing() }\n",
         "rust": "pub fn f() { no_such_thing() }\n"}
COMPONENTS = ("c", "cpp", "rust")
ALL = "{preset: wasi, clock: true, random: true}"


def workflow(place, module, grants=ALL):
    text = f"strategy: work_queue\nprocessors:\n  - id: one\n    type: wasm\n    module: {json.dumps(module)}\n    grants: {grants}\n"
    (place.folder / "flow.yaml").write_text(text)


def runs(place, module, output, grants=ALL):
    workflow(place, module, grants)
    expect(place.shell('caisson run --quiet flow.yaml "hello"'), output)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="the program caisson")
    parser.add_argument("language")
    arguments = parser.parse_args()
    language = arguments.language
    FINDERS[language]()
    ending, source = SOURCES[language]
    with tempfile.TemporaryDirectory() as folder:
        place = Place(arguments.binary, folder)
        if language == "assemblyscript":
            place.shell("npm install --no-audit --no-fund assemblyscript@0.28.20")
        (place.folder / f"shout.{ending}").write_text(source.read_text())
        place.shell(f"caisson build shout.{ending}")
        runs(place, "shout.wasm", "HELLO!")

        told = json.loads(place.shell(f"caisson build --json -o other.wasm shout.{ending}"))
        expect(told["abi"], "buffer")
        expect(told["module"], "other.wasm")
        if not told["runnable"] or told["bytes"] != (place.folder / "other.wasm").stat().st_size:
            raise SystemExit(f"FAILED: {told}")

        # A build that fails says why, with the name of the source, and leaves the module that was there.
        before = (place.folder / "shout.wasm").read_bytes()
        (place.folder / f"shout.{ending}").write_text(WRONG[language])
        said = place.shell(f"caisson build shout.{ending}", code=2)
        expect(said, "no_such_thing")
        expect(said, f"shout.{ending}")
        if (place.folder / "shout.wasm").read_bytes() != before:
            raise SystemExit("FAILED: a build that failed has changed the module")

        # A name is never a command, an option or a pattern.
        for name in ("-o x", "a;touch pwned", "$(touch pwned)", "@file", "ü b'c\"d"):
            path = place.folder / f"{name}.{ending}"
            path.write_text(source.read_text())
            quoted = "'" + path.name.replace("'", "'\\''") + "'"
            place.shell(f"caisson build -o named.wasm -- {quoted}")
            runs(place, "named.wasm", "HELLO!")
            (place.folder / "named.wasm").unlink()
        if (place.folder / "pwned").exists():
            raise SystemExit("FAILED: a name was taken for a command")

        if language == "rust":  # the code can read variables while it is compiled, and gets none that may be a secret
            (place.folder / "asks.rs").write_text('const KEY: &str = env!("A_SECRET_KEY");\n' + source.read_text())
            expect(place.shell("A_SECRET_KEY=s3cret caisson build asks.rs", code=2), "A_SECRET_KEY")

        if language in COMPONENTS:
            (place.folder / f"shout.{ending}").write_text(source.read_text())
            place.shell(f"caisson build --as component -o component.wasm shout.{ending}")
            expect(place.shell("caisson inspect component.wasm"), "abi      caisson:node")
            runs(place, "component.wasm", "HELLO!", "{preset: wasi}" if language == "rust" else "{}")
        if language == "c" and not Path("/usr/include/wasm32-wasi/stdio.h").exists():
            print("no program in C: wasi-libc is not installed")
        elif language in PROGRAMS:
            (place.folder / f"program.{ending}").write_text(PROGRAMS[language])
            place.shell(f"caisson build --as program program.{ending}")
            runs(place, "program.wasm", "hello from main")
        left = [path.name for path in Path(tempfile.gettempdir()).glob("caisson-build-*")]
        print(f"folders of builds that are there: {left}")


if __name__ == "__main__":
    main()
