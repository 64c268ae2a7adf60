"""A table of our own against the reference manual of Lua 5.4 (lua/manual.txt), each line in a sandbox of its own: no registry has
the tests of the language itself."""

import json
import re
from pathlib import Path

import sandbox

HERE = Path(__file__).resolve().parent


def sections(text):
    """Heading -> [(code, expected)]."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.startswith("== "):
            lines = found.setdefault(line[3:].strip(), [])
        elif line.strip() and not line.startswith("#"):
            code, arrow, expected = line.rpartition(" --> ")
            if not arrow:
                raise SystemExit(f"manual.txt:{number}: no ' --> '")
            lines.append((code, expected))
    return found


# Names the functions that the image has, but for those of other sections of its own page.
LIST = """
local own = {caisson = true, inputs = true, context = true, print = true, run = true}
function run()
  local names = {}
  for name, value in pairs(_G) do
    if type(value) == "table" and name ~= "_G" and not own[name] then
      for inside in pairs(value) do names[#names + 1] = name .. "." .. inside end
    elseif type(value) == "function" and not own[name] then names[#names + 1] = name end
  end
  return table.concat(names, " ")
end
"""


class Suite:
    LANGUAGE = "lua"
    OF = "A table of our own against the reference manual of Lua 5.4"

    def __init__(self, _work, binary):
        self.binary = binary
        self.sections = sections((HERE / "lua/manual.txt").read_text(encoding="utf-8"))
        self.reasons = json.loads((HERE / "lua/reasons.json").read_text(encoding="utf-8"))
        self.driver = (HERE / "lua/driver.lua").read_text(encoding="utf-8")

    def gaps(self):
        """What the table does not speak of: a function of the image that no line names."""
        lines = " ".join(code for section in self.sections.values() for code, _ in section)
        for name in sorted(sandbox.call(self.binary, "lua", LIST).split()):
            if not re.search(rf"(?<![\w.]){re.escape(name)}(?!\w)", lines) and not re.search(rf":{re.escape(name.rpartition('.')[2])}\(", lines):
                yield f"manual.txt has no line of {name}"

    def names(self):
        return list(self.sections)

    def prove(self):
        """That a line which is wrong is seen to be wrong."""
        lines = [("1", "1"), ("1", "2"), ("1", "1.0"), ("1, 2", "1"), ("error('x')", "error: x"), ("error('x')", "error: y"),
                 ("{a = {1}}", "{a = {1}}"), ("{a = {1}}", "{a = {2}}"), ("1", "error: 1"), ("syntax error", "1")]
        said = self._call(lines)
        if [value is None for value in said] != [True, False, False, False, True, False, True, False, False, False]:
            raise SystemExit(f"the planted lines of Lua became {said}")

    def _call(self, lines):
        items = [{"code": code, "expected": expected} for code, expected in lines]
        return sandbox.run_map(self.binary, "lua", "driver.lua", self.driver, items)

    def run(self, name):
        """What becomes of the lines of a heading, as results.json has it."""
        lines = self.sections[name]
        out = {"tests": len(lines), "passed": 0, "skipped": {}, "failed": {}}
        for (code, _), said in zip(lines, self._call(lines), strict=True):
            if said is None:
                out["passed"] += 1
            else:
                out["failed"].setdefault(self.reasons["lines"].get(code, f"unexplained: {json.dumps(said)}"), []).append(code)
        return out
