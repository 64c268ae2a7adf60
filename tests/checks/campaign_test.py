import unittest

from planted import PlantedTest

ROW = """first:
  what: it repeats
  unit: runs
  ci: 10
  night: 200
  release: 3000
  test: Repeats
  ci_seconds: 700
"""


class CampaignTest(PlantedTest):
    def setUp(self):
        super().setUp()
        self.plant("src/base/a_test.cc", 'run(campaign("first"));\n')

    def test_reads_the_column(self):
        self.plant("tests/campaigns.yaml", "# sizes\n\n" + ROW)
        self.assert_clean("campaign", "--check")
        for column, size in (("", "10"), ("ci", "10"), ("night", "200"), ("release", "3000")):
            status, output = self.run_tool("campaign", "--root", self.root, "first", CAISSON_CAMPAIGN=column)
            self.assertEqual((status, output.strip()), (0, size))

    def test_unknown_row_or_column(self):
        self.plant("tests/campaigns.yaml", ROW)
        self.assert_found("campaign", "'second' is not a row", arguments=["second"])
        status, output = self.run_tool("campaign", "--root", self.root, "first", CAISSON_CAMPAIGN="weekly")
        self.assertEqual(status, 1)
        self.assertIn("'weekly'", output)

    def test_over_the_budget(self):
        self.plant("tests/campaigns.yaml", ROW + ROW.replace("first", "second").replace("700", "21"))
        self.assert_found("campaign", "takes 721 s, more than 720", arguments=["--check"])

    def test_every_row_has_a_user(self):
        self.plant("tests/campaigns.yaml", ROW + ROW.replace("first", "text_fuzz_seconds").replace("700", "1"))
        self.assert_found("campaign", "text_fuzz_seconds: nothing uses it", arguments=["--check"])
        self.plant("tests/fuzz/fuzz_text.cc", "")
        self.assert_clean("campaign", "--check")

    def test_unsound(self):
        for change, complaint in ((("  unit: runs\n", ""), "'unit' is missing"), (("ci: 10", "ci: 0"), "above 0"),
                                  (("200", "9"), "do not grow"), (("  test:", "  tests:"), "'tests' is unknown"),
                                  (("  ci: 10", "ci: 10"), "neither")):
            with self.subTest(complaint):
                self.plant("tests/campaigns.yaml", ROW.replace(*change))
                self.assert_found("campaign", complaint, arguments=["--check"])
        self.plant("tests/campaigns.yaml", ROW + ROW)
        self.assert_found("campaign", "first is there twice", arguments=["--check"])


if __name__ == "__main__":
    unittest.main()
