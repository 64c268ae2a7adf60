#!/usr/bin/env python3
"""The SDKs for Python and JavaScript as components of their own: built, passing every case, and run in a workflow."""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from toolchains import ROOT, Place, expect, skip

WORLD = ROOT / "api/wit/caisson-node"
# What builds the suite, run in its folder; what an operator has to accept, if anything.
TOOLS = {
    "python": ("componentize-py", "-d {world} -w node componentize --stub-wasi -p . suite -o {output}",
               "[compile]\nmodule = '32MiB'\n[compile.structure]\nimports = 4000\nexports = 8000\n"),
    "javascript": ("componentize-js",
                   "suite.js --wit {world} --world-name node -d stdio random clocks http fetch-event -o {output}",
                   ""),
}
FLOW = """processors:
  - {{id: one, type: wasm, module: {module}, grants: {{preset: wasi}}, limits: {{memory: 512MB, instances: 100, fuel: 100G}}}}
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True, help="the program caisson")
    parser.add_argument("--suite", required=True, help="the program sandbox_test")
    parser.add_argument("language")
    arguments = parser.parse_args()
    tool, command, settings = TOOLS[arguments.language]
    if not shutil.which(tool):
        skip(f"there is no {tool}; guests/sdk/{arguments.language}/README.md says how to install it")
    with tempfile.TemporaryDirectory() as folder:
        place = Place(arguments.binary, folder)
        output = Path(folder) / "suite.wasm"
        place.shell(f"cd {ROOT}/guests/sdk/{arguments.language} && {tool} {command.format(world=WORLD, output=output)}")
        done = subprocess.run([arguments.suite, f"--gtest_filter=*SdkInterpreter.*/{arguments.language}"], check=False,
                              env={**os.environ, "CAISSON_SDK_COMPONENT": str(output)})
        if done.returncode != 0:
            raise SystemExit(f"FAILED: exit code {done.returncode}")

        (Path(folder) / "flow.yaml").write_text(FLOW.format(module=json.dumps(str(output))))
        if settings:
            expect(place.shell('caisson run --quiet flow.yaml "hello"', code=6), "compile.")
        (Path(folder) / "operator.toml").write_text(settings)
        expect(place.shell('caisson run --quiet --config operator.toml flow.yaml "hello"'), "hello")


if __name__ == "__main__":
    main()
