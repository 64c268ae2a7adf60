"""Run by the Python that was built for the machine: compiles the library of the image and writes frozen.bin and frozen.c."""

import json
import marshal
import os
import sys

with open(sys.argv[1]) as file:
    wanted = json.load(file)
blob, entries = bytearray(), []


def add(name, code, package=False):
    data = marshal.dumps(code)
    entries.append((name, len(blob), len(data), package))
    blob.extend(data)


for name, path, package in wanted["modules"]:
    with open(path, encoding="utf-8") as file:
        source = file.read()
    # Without docstrings and assertions: nobody reads them here.
    add(name, compile(source, f"<{name}>", "exec", dont_inherit=True, optimize=0 if name.startswith("_caisson") else 2), package)

zones, same = {}, {}
with open(os.path.join(wanted["zones"], "zones")) as file:
    for key in file.read().split():
        with open(os.path.join(wanted["zones"], "zoneinfo", key), "rb") as zone:
            data = zone.read()
        zones[key] = same.setdefault(data, data)
entries.append(("_caisson_zones", len(blob), 0, False))
text = f"zones = {zones!r}\n"
data = marshal.dumps(compile(text, "<zones>", "exec"))
entries[-1] = ("_caisson_zones", len(blob), len(data), False)
blob.extend(data)
variables = 'build_time_vars = {"TZPATH": "", "prefix": "/", "exec_prefix": "/"}\n'
add("_sysconfigdata__wasi_wasm32-wasi", compile(variables, "<sysconfigdata>", "exec"))

with open(os.path.join(wanted["out"], "frozen.bin"), "wb") as file:
    file.write(blob)
with open(os.path.join(wanted["out"], "frozen.c"), "w") as file:
    file.write('#include "frozen.h"\n\nunsigned char frozen_bytes[] = {\n#embed "frozen.bin"\n};\n\n')
    file.write("struct _frozen frozen_modules[] = {\n")
    for name, at, size, package in entries:
        file.write(f'  {{"{name}", frozen_bytes + {at}, {size}, {int(package)}}},\n')
    file.write("  {0, 0, 0, 0},\n};\n")
