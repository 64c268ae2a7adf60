#!/usr/bin/env python3
"""`caisson new`, then what it prints, typed line by line: a project is built by its language's own command and runs."""

import argparse
import shutil
import tempfile

from toolchains import FINDERS, Place, expect

# What the project's README says to type for a component.
COMPONENT = {
    "assemblyscript": ["npm run component"],
    "go": [
        "npm install --no-save @bytecodealliance/jco-transpile@0.12.1",
        "GOOS=wasip1 GOARCH=wasm go build -tags caisson_component -buildmode=c-shared -ldflags='-s -w' "
        "-o my-shout.module.wasm",
        "node guest/component.mjs my-shout.module.wasm my-shout.wasm",
    ],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="the program caisson")
    parser.add_argument("language")
    arguments = parser.parse_args()
    FINDERS[arguments.language]()
    with tempfile.TemporaryDirectory() as folder:
        place = Place(arguments.binary, folder)
        said = place.shell(f"caisson new processor --lang {arguments.language} my-shout")
        steps = [line.strip() for line in said.splitlines() if line.startswith("  ")]
        for step in steps[1:-1]:  # the first goes into the folder, the last runs the workflow
            place.shell(step, "my-shout")
        expect(place.shell(steps[-1].replace("run ", "run --quiet "), "my-shout"), "HELLO!")
        expect(place.shell('caisson run workflow.yaml ""', "my-shout", code=4), "there is no text (code 400)")
        expect(place.shell('caisson run --json workflow.yaml "hello"', "my-shout"), "shouting")
        if arguments.language == "rust":
            place.shell("cargo build --release --target wasm32-wasip2", "my-shout")
            place.shell("sed -i 's/unknown-unknown/wasip2/; s/^    module/    grants: {preset: wasi}\\n    module/' workflow.yaml",
                        "my-shout")
            expect(place.shell('caisson run --quiet workflow.yaml "hello"', "my-shout"), "HELLO!")
        if arguments.language in COMPONENT and shutil.which("npm"):
            for step in COMPONENT[arguments.language]:
                expect((place.folder / "my-shout/README.md").read_text(), step)
                place.shell(step, "my-shout")
            expect(place.shell("caisson inspect my-shout.wasm", "my-shout"), "abi      caisson:node")
            expect(place.shell('caisson run --quiet workflow.yaml "hello"', "my-shout"), "HELLO!")
            expect(place.shell('caisson run workflow.yaml ""', "my-shout", code=4), "there is no text (code 400)")


if __name__ == "__main__":
    main()
