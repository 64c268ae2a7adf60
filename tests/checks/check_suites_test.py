"""The check that the pages of the languages say what the tests in their images said."""

import json
import subprocess
import unittest

from planted import TOOLS, PlantedTest

DIGEST = "ab" * 32
FAILED = {"reason": "there are no files", "kind": "sandbox"}


class SuitesTest(PlantedTest):
    def setUp(self):
        super().setUp()
        self.plant("guests/images/lua/manifest.json", json.dumps({"image": {"sha256": DIGEST}}))
        self.plant("tests/images/lua/suite.json", json.dumps({"headings": {"all": "All"}, "all": [{"of": "x", "tests": ["one", "two"]}]}))
        self.plant("tests/images/lua/reasons.json", json.dumps({"kinds": {"sandbox": "On purpose"}, "failed": [FAILED]}))
        self.plant("docs/reference/lua.md", "# Lua\n\nBy hand.\n\n<!-- made by tests/images/run; do not edit below -->\n")
        self.results(2)
        self.write_pages()

    def results(self, passed):
        one = {"tests": passed + 2, "passed": passed, "skipped": {"no a|b": 1}, "failed": {FAILED["reason"]: ["t"]}}
        two = {"tests": 0, "passed": 0, "not_loaded": FAILED["reason"]}
        self.plant("tests/images/lua/results.json", json.dumps({"suite": "A table", "image": DIGEST, "modules": {"one": one, "two": two}}))

    def write_pages(self):
        subprocess.run(["python3", "-B", str(TOOLS / "check_suites.py"), "--write", "--root", str(self.root)], check=True,
                       stdout=subprocess.DEVNULL)

    def test_the_page_that_was_written(self):
        self.assert_clean("check_suites.py")
        text = (self.root / "docs/reference/lua.md").read_text(encoding="utf-8")
        self.assertTrue(text.startswith("# Lua\n\nBy hand.\n"))
        self.assertIn("4 tests, 2 passed, 1 skipped, 1 failed; 1 modules of tests do not load.", text)
        self.assertIn("| x | `one` | 4 | 2 | 1 | 1 | 1 failed: there are no files; 1 skipped: no a\\|b |", text)
        self.assertIn("| there are no files | 1 test, 1 whole module |", text)

    def test_other_results(self):
        self.results(3)
        self.assert_found("check_suites.py", "docs/reference/lua.md: not what tests/images/lua/results.json says")

    def test_a_page_that_was_edited(self):
        path = self.root / "docs/reference/lua.md"
        path.write_text(path.read_text(encoding="utf-8").replace("| 1 failed", "| 0 failed"), encoding="utf-8")
        self.assert_found("check_suites.py", "docs/reference/lua.md: not what")

    def test_another_image(self):
        self.plant("guests/images/lua/manifest.json", json.dumps({"image": {"sha256": "cd" * 32}}))
        self.assert_found("check_suites.py", "of another image than the one that is committed", "make images-suites")


if __name__ == "__main__":
    unittest.main()
