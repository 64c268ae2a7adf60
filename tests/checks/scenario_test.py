"""The scenario runner, with a shell script in the place of caisson."""

import unittest

from planted import PlantedTest

PROGRAM = r"""#!/bin/sh
case $1 in
  hello) echo "hello $2"; echo careful >&2; exit 3 ;;
  colour) if [ -t 1 ]; then printf '\033[1mbold\033[0m\n'; else echo plain; fi ;;
  size) stty size ;;
  time) echo 'Execution Time: 5.2ms'; echo 'Execution time: ~12 ms'; echo 'took 5.2ms' ;;
  copy) cat ;;
  count) seq "$2" ;;
  raw) printf 'a\377b \n\tx\t\r\n\n' ;;
  place) pwd; echo "$HOME"; echo "$XDG_CACHE_HOME" ;;
  variables) env | grep -v -e '^PWD=' -e '^_=' | cut -d = -f 1 | sort | tr '\n' ' ' ;;
  variable) eval "echo \$$2" ;;
  spin) while :; do :; done ;;
  die) kill -SEGV $$ ;;
esac
"""


class ScenarioTest(PlantedTest):
    def setUp(self):
        super().setUp()
        self.program = self.plant("caisson", PROGRAM)
        self.program.chmod(0o755)

    def run_scenario(self, text, *arguments, **environment):
        self.file = self.plant("one.scn", text)
        return self.run_tool("scenario", "--binary", self.program, "--repository", self.root, *arguments, self.file,
                             **environment)

    def holds(self, text, **environment):
        status, output = self.run_scenario(text, **environment)
        self.assertEqual(status, 0, output)

    def fails(self, text, *expected):
        status, output = self.run_scenario(text)
        self.assertEqual(status, 1, output)
        for part in expected:
            self.assertIn(part, output)

    def test_output_and_exit_code(self):
        good = "# what it says\n$ caisson hello you\n| hello you\n! careful\n= 3\n"
        self.holds(good)
        self.fails(good.replace("= 3", "= 4"), "exit code 3, expected 4")
        self.fails(good.replace("= 3\n", ""), "exit code 3, expected 0")
        self.fails(good.replace("hello you\n!", "hello me\n!"), "-hello me", "+hello you")
        self.fails(good.replace("! careful\n", ""), "+careful")
        self.fails(good.replace("| hello you\n", ""), "+hello you")
        self.fails(good.replace("! careful", "! careful\n! more"), "-more")

    def test_signal(self):
        self.holds("$ caisson die\nstderr is anything\n= 139\n")

    def test_any_lines(self):
        self.holds("$ caisson count 9\n| 1\n| ...\n| 8\n| 9\n")
        self.holds("$ caisson count 2\n| 1\n| ...\n| 2\n| ...\n")
        self.fails("$ caisson count 9\n| 1\n| ...\n| 8\n", "+9")
        self.fails("$ caisson count 9\n| 1\n| ...\n| 7\n| 9\n", "expected stdout")

    def test_digest(self):
        wrong = "$ caisson count 500\nstdout is 500 lines, sha256 " + "0" * 64 + "\n"
        self.fails(wrong, "is       500 lines, sha256")
        self.run_scenario(wrong, "--rebase")
        self.holds(self.file.read_text(encoding="utf-8"))
        self.fails(self.file.read_text(encoding="utf-8").replace("count 500", "count 501"), "501 lines")

    def test_files(self):
        self.plant("examples/a.txt", "from the repository\n")
        self.holds("file in/flow.yaml\n+ one:\n+   two\n+\n+ {DIR}\n$ cat in/flow.yaml\n| one:\n|   two\n|\n| {DIR}\n"
                   "bytes b c3 28\n$ cat b\n| {0xC3}({NO NEWLINE}\n"
                   "sparse big 1073741824\n$ stat -c %s big\n| 1073741824\n"
                   "directory d\n$ test -d d\n"
                   "link examples\n$ cat examples/a.txt\n| from the repository\n")
        self.fails("link nothing\n$ true\n", "the repository has no 'nothing'")
        self.fails("file ../x\n$ true\n", "is not inside the scenario's folder")

    def test_stdin(self):
        self.holds("stdin\n+ a\n+\n+ b\n$ caisson copy\n| a\n|\n| b\n$ caisson copy\n")

    def test_terminal(self):
        self.holds("$ caisson colour\n| plain\nterminal\n$ caisson colour\n| {ESC}[1mbold{ESC}[0m\n$ caisson colour\n| plain\n"
                   "terminal 100x30\n$ caisson size\n| 30 100\nterminal\nstdin\n+ typed\n$ caisson copy\n| typed\n"
                   "terminal\n$ caisson hello you\n| hello you\n| careful\n= 3\n")

    def test_within(self):
        self.fails("within 0.3\n$ caisson spin\n", "did not end within 0.3 s")
        self.fails("within 0.3\nterminal\n$ caisson spin\n", "did not end within 0.3 s")

    def test_what_is_shown(self):
        self.holds("$ caisson raw\n| a{0xFF}b{SPACE}\n| \tx\t{CR}\n|\n")
        self.holds("$ caisson place\n| {DIR}\n| {HOME}\n| {CACHE}\n")
        self.holds("$ caisson time\n| Execution Time: {TIME}\n| Execution time: {TIME}\n| took 5.2ms\n")
        self.holds("mask TIME [0-9.]+ms\n$ caisson time\n| ...\n| took {TIME}\n")

    def test_environment(self):
        self.holds("$ caisson variables\n| HOME HOSTNAME LANG PATH TERM TMPDIR XDG_CACHE_HOME {NO NEWLINE}\n", SECRET="x")
        self.holds("$ A=1 caisson variable A\n| 1\n$ caisson variable A\n|\nset A={DIR}/x\n$ caisson variable A\n| {DIR}/x\n"
                   "$ caisson variable A\n| {DIR}/x\nunset A\n$ caisson variable A\n|\n")
        self.holds("$ caisson variable ASAN_OPTIONS\n| a=1\n", ASAN_OPTIONS="a=1")

    def test_each_scenario_has_a_folder_of_its_own(self):
        self.holds("$ touch left\n")
        self.holds("$ ls\n")

    def test_rebase(self):
        status, output = self.run_scenario(
            "# said\n\n$ caisson hello you\n| old\n\n# then\n$ caisson count 3\n| 1\n| ...\n$ caisson raw\n", "--rebase")
        self.assertEqual(status, 0, output)
        self.assertEqual(self.file.read_text(encoding="utf-8"),
                         "# said\n\n$ caisson hello you\n| hello you\n! careful\n= 3\n\n# then\n$ caisson count 3\n| 1\n"
                         "| ...\n$ caisson raw\n| a{0xFF}b{SPACE}\n| \tx\t{CR}\n|\n")
        self.holds(self.file.read_text(encoding="utf-8"))

    def test_what_is_not_the_format(self):
        for text, complaint in (("| x\n", "line 1: an expectation without a command"), ("frobnicate x\n", "no directive"),
                                ("$ true\n= yes\n", "not an exit code"), ("+ x\n", "a + line belongs to"),
                                ("# nothing\n", "there is no command"), ("$ true\nterminal\n", "ends with settings"),
                                ("within soon\n$ true\n", "not how within is written"),
                                ("$ true\nstdout is long\n", "neither 'anything'")):
            with self.subTest(text):
                self.fails(text, complaint)


if __name__ == "__main__":
    unittest.main()
