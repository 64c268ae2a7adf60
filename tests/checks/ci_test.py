"""What counts tests: tools/run_tests and tools/ci_summary. A failure must not get lost in them."""

import json
import subprocess
import unittest

from planted import PlantedTest

PROJECT = """cmake_minimum_required(VERSION 3.25)
project(planted NONE)
enable_testing()
add_test(NAME a.passes COMMAND true)
add_test(NAME a.says COMMAND echo nobody needs to read this)
add_test(NAME b.SandboxSoak COMMAND true)
"""
PRESETS = {
    "version": 6,
    "configurePresets": [{"name": "dev", "generator": "Ninja", "binaryDir": "${sourceDir}/build/dev"}],
    "testPresets": [{"name": "dev", "configurePreset": "dev", "output": {"outputOnFailure": True},
                     "execution": {"noTestsAction": "error"}}],
}


class RunTestsTest(PlantedTest):
    def run_tests(self, project, *arguments):
        """(exit status, output, tests.json)"""
        self.plant("CMakeLists.txt", project)
        self.plant("CMakePresets.json", json.dumps(PRESETS))
        subprocess.run(["cmake", "--preset", "dev"], cwd=self.root, check=True, capture_output=True)
        status, output = self.run_tool("run_tests", "--root", self.root, "dev", *arguments)
        report = self.root / "build/dev/tests.json"
        return status, output, json.loads(report.read_text(encoding="utf-8")) if report.exists() else None

    def test_all_pass(self):
        status, output, report = self.run_tests(PROJECT)
        self.assertEqual(status, 0, output)
        self.assertIn("test dev: 3 passed, 0 failed in", output)
        self.assertNotIn("nobody needs", output)
        self.assertIn("campaign sandbox_calls_soak", output)
        self.assertEqual((report["passed"], report["failed"]), (3, 0))

    def test_a_failure_is_shown_and_counted(self):
        status, output, report = self.run_tests(
            PROJECT + 'add_test(NAME c.fails COMMAND sh -c "echo the reason; exit 3")\n')
        self.assertEqual(status, 1, output)
        self.assertIn("FAIL c.fails", output)
        self.assertIn("the reason", output)
        self.assertNotIn("nobody needs", output)
        self.assertIn("test dev: 3 passed, 1 failed in", output)
        self.assertEqual((report["passed"], report["failed"]), (3, 1))

    FAILS_ONCE = 'sh -c "test -e been-here || { touch been-here; exit 3; }"'

    def test_one_that_fails_beside_others_and_passes_alone_is_named(self):
        status, output, report = self.run_tests(PROJECT + f"add_test(NAME c.fails_once COMMAND {self.FAILS_ONCE})\n")
        self.assertEqual(status, 0, output)
        self.assertIn("FAIL c.fails_once", output)
        self.assertIn("unsteady: c.fails_once", output)
        self.assertEqual((report["passed"], report["failed"], report["unsteady"]), (4, 0, ["c.fails_once"]))

    def test_one_that_fails_again_has_failed_whatever_else_is_unsteady(self):
        every_second = 'sh -c "if test -e there; then rm there; else touch there; exit 3; fi"'
        status, output, report = self.run_tests(
            PROJECT + f"add_test(NAME c.fails_once COMMAND {self.FAILS_ONCE})\n"
                      f"add_test(NAME c.every_second_time COMMAND {every_second})\n")
        self.assertEqual(status, 1, output)
        self.assertEqual((report["passed"], report["failed"], report["unsteady"]), (4, 1, ["c.fails_once"]))

    def test_an_attack_has_no_second_go(self):
        status, output, report = self.run_tests(PROJECT + f"add_test(NAME attack.fails_once COMMAND {self.FAILS_ONCE})\n")
        self.assertEqual(status, 1, output)
        self.assertEqual((report["failed"], report["unsteady"]), (1, []))

    def test_many_failures_are_no_accident(self):
        status, output, report = self.run_tests(PROJECT + "".join(
            f'add_test(NAME c.fails_{i} COMMAND sh -c "test -e been-{i} || {{ touch been-{i}; exit 3; }}")\n'
            for i in range(4)))
        self.assertEqual(status, 1, output)
        self.assertEqual((report["failed"], report["unsteady"]), (4, []))

    def test_what_does_not_end_or_does_not_exist_fails(self):
        status, output, report = self.run_tests(
            PROJECT + "add_test(NAME c.hangs COMMAND sleep 60)\nset_tests_properties(c.hangs PROPERTIES TIMEOUT 1)\n"
                      "add_test(NAME c.not_built COMMAND ${CMAKE_BINARY_DIR}/nothing)\n")
        self.assertEqual(status, 1, output)
        self.assertEqual((report["passed"], report["failed"]), (3, 2), output)

    def test_a_skip_is_named(self):
        status, output, report = self.run_tests(
            PROJECT + "add_test(NAME c.skips COMMAND sh -c \"exit 77\")\n"
                      "set_tests_properties(c.skips PROPERTIES SKIP_RETURN_CODE 77)\n")
        self.assertEqual(status, 0, output)
        self.assertIn("skipped: c.skips", output)
        self.assertNotIn("FAIL", output)
        self.assertEqual((report["passed"], report["skipped"]), (3, 1))

    def test_no_tests_at_all_is_a_failure(self):
        self.assertEqual(self.run_tests(PROJECT, "-R", "nothing_is_called_so")[0], 1)


class SummaryTest(PlantedTest):
    def summary(self, parts, dev=None, checks=None):
        """(exit status, last line)"""
        self.plant("build/ci/parts", parts)
        if dev is not None:
            self.plant("build/dev/tests.json", json.dumps(dev))
        if checks is not None:
            self.plant("build/check.json", json.dumps(checks))
        status, output = self.run_tool("ci_summary", self.root / "build")
        return status, output.splitlines()[-1]

    PASSED = {"passed": 40, "failed": 0, "unsteady": [], "campaigns": {"soak": 3.2}}
    GATES = {"layers": {"passed": True}, "sizes": {"passed": True}}

    def test_adds_up(self):
        self.assertEqual(self.summary("setup 0 1\ntest 0 90\ncheck 0 9\nfuzz 0 80\n", self.PASSED, self.GATES),
                         (0, "43 passed, 0 failed"))

    def test_failures_of_every_kind(self):
        failed = {"passed": 38, "failed": 2, "unsteady": [], "campaigns": {}}
        gates = {"layers": {"passed": False}, "sizes": {"passed": True}}
        self.assertEqual(self.summary("setup 0 1\ntest 1 90\ncheck 1 9\nfuzz 1 80\n", failed, gates),
                         (1, "39 passed, 4 failed"))

    def test_an_unsteady_test_is_named(self):
        self.plant("build/ci/parts", "test 0 90\n")
        self.plant("build/dev/tests.json", json.dumps({**self.PASSED, "unsteady": ["a.b"]}))
        status, output = self.run_tool("ci_summary", self.root / "build")
        self.assertEqual(status, 0)
        self.assertIn("unsteady: test a.b", output)

    def test_a_part_that_did_not_get_to_its_tests(self):
        self.assertEqual(self.summary("setup 0 1\ntest 2 90\n"), (1, "0 passed, 1 failed"))

    def test_a_part_that_failed_after_its_tests(self):
        self.assertEqual(self.summary("test 2 90\n", self.PASSED), (1, "40 passed, 1 failed"))

    def test_setup_that_failed(self):
        self.assertEqual(self.summary("setup 1 90\ntest 0 1\n", self.PASSED), (1, "40 passed, 1 failed"))


class RustVersionTest(PlantedTest):
    def test_compares_numbers_not_letters(self):
        for version, good in (("1.95.0", True), ("1.100.0", True), ("2.0.0", True), ("1.96.0+dfsg1-1~deb12u2", True),
                              ("1.94.9", False), ("1.85.0+dfsg3-1~deb12u3", False), ("(none)", False), ("0", False)):
            with self.subTest(version):
                self.assertEqual(self.run_tool("rust-bin", "--accepts", version)[0] == 0, good)


if __name__ == "__main__":
    unittest.main()
