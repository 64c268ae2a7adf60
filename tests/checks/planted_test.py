"""tools/planted --check: a patch that no longer applies is named."""

import unittest

from planted import PlantedTest

PATCH = """diff --git a/src/workflow/a.cc b/src/workflow/a.cc
--- a/src/workflow/a.cc
+++ b/src/workflow/a.cc
@@ -1,2 +1,2 @@
 int first = 1;
-int second = 2;
+int second = 3;
"""


class PlantedBugsTest(PlantedTest):
    def setUp(self):
        super().setUp()
        self.plant("src/workflow/a.cc", "int first = 1;\nint second = 2;\n")
        self.plant("tests/simulation/planted/one_more.patch", PATCH)

    def test_applies(self):
        status, output = self.run_tool("planted", "--root", self.root, "--check")
        self.assertEqual(status, 0, output)
        self.assertIn("1 bugs can be planted", output)

    def test_does_not_apply(self):
        self.plant("src/workflow/a.cc", "int first = 1;\nint second = 4;\n")
        self.assert_found("planted", "tests/simulation/planted/one_more.patch: does not apply", arguments=("--check",))

    def test_unknown_or_none(self):
        self.assert_found("planted", "no patch is called two; they are: one_more", arguments=("two",))
        (self.root / "tests/simulation/planted/one_more.patch").unlink()
        self.assert_found("planted", "there is no patch", arguments=("--check",))


if __name__ == "__main__":
    unittest.main()
