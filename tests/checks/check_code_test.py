"""The checks that run a compiler's tools: format, headers, tidy."""

import unittest

from planted import REPOSITORY, PlantedTest


class FormatTest(PlantedTest):
    def setUp(self):
        super().setUp()
        self.plant(".clang-format", (REPOSITORY / ".clang-format").read_text(encoding="utf-8"))

    def test_formatted(self):
        self.plant("src/base/a.cc", "int main() { return 0; }\n")
        self.assertIn("1 C++ files", self.assert_clean("check_format.py"))

    def test_not_formatted(self):
        path = self.plant("src/base/a.cc", "int first;\nint main( ) {return 0 ;}\n")
        self.assert_found("check_format.py", "src/base/a.cc:2: not formatted")
        self.assert_clean("check_format.py", "--fix")
        self.assertEqual(path.read_text(encoding="utf-8"), "int first;\nint main() { return 0; }\n")
        self.assert_clean("check_format.py")


class HeadersTest(PlantedTest):
    def setUp(self):
        super().setUp()
        self.plant("src/base/a.cc", '#include "base/a.h"\n')
        self.plant("src/base/a.h", "#pragma once\n#include <string>\nstd::string name();\n")
        self.plant("src/base/internal/b.h", '#pragma once\n#include "base/a.h"\nstruct B {};\n')
        self.plant("include/caisson/c.h", "#pragma once\nstruct C {};\n")
        self.plant_compile_commands("-Wall", "-Werror")

    def test_alone(self):
        self.assertIn("3 headers, 3 compiled", self.assert_clean("check_headers.py"))
        self.assertIn("3 headers, 0 compiled", self.assert_clean("check_headers.py"))
        self.plant("src/base/a.h", "#pragma once\n#include <string>\nstd::string name(int);\n")
        self.assertIn("3 headers, 2 compiled", self.assert_clean("check_headers.py"))

    def test_needs_another(self):
        self.plant("src/base/internal/b.h", "#pragma once\nstd::string other();\n")
        self.assert_found("check_headers.py", "src/base/internal/b.h: does not compile alone")
        self.assert_found("check_headers.py", "src/base/internal/b.h: does not compile alone")

    def test_public_needs_another(self):
        self.plant("include/caisson/c.h", "#pragma once\nstd::string other();\n")
        self.assert_found("check_headers.py", "include/caisson/c.h: does not compile alone")

    def test_breaks_when_what_it_includes_changes(self):
        self.assert_clean("check_headers.py")
        self.plant("src/base/a.h", "#pragma once\nmistake\n")
        self.assert_found("check_headers.py", "src/base/a.h", "src/base/internal/b.h")

    def test_no_guard(self):
        self.plant("include/caisson/c.h", "struct C {};\n")
        self.assert_found("check_headers.py", "include/caisson/c.h: does not compile alone", "redefinition")


class TidyTest(PlantedTest):
    def setUp(self):
        super().setUp()
        self.plant(".clang-tidy", (REPOSITORY / ".clang-tidy").read_text(encoding="utf-8"))
        self.plant("src/base/a.h", "#pragma once\ninline int twice(int x) { return 2 * x; }\n")
        self.plant("src/base/a.cc", '#include "base/a.h"\nint main() { return twice(1); }\n')
        # -Wno-restrict is g++'s alone: clang must not stumble over it.
        self.plant_compile_commands("-Wall", "-Werror", "-Wno-restrict")

    def test_clean_and_remembered(self):
        self.assertIn("1 files, 1 looked at", self.assert_clean("check_tidy.py"))
        self.assertIn("1 files, 0 looked at", self.assert_clean("check_tidy.py"))
        self.assertIn("1 files, 1 looked at", self.assert_clean("check_tidy.py", "--all"))

    def test_finding(self):
        self.plant("src/base/a.cc", "int main() { int* p = 0; return p != nullptr; }\n")
        self.assert_found("check_tidy.py", "src/base/a.cc:1:", "modernize-use-nullptr")

    def test_finding_in_a_header_that_changed(self):
        self.assert_clean("check_tidy.py")
        self.plant("src/base/a.h", "#pragma once\ninline int twice(const int* x) { return x == 0 ? 0 : 2 * *x; }\n")
        self.assert_found("check_tidy.py", "src/base/a.h:2:", "modernize-use-nullptr")

    def test_looks_again_when_the_checks_change(self):
        self.plant("src/base/a.cc", '#include "base/a.h"\nint main() { return twice(1234); }\n')
        self.assert_clean("check_tidy.py")
        self.plant(".clang-tidy", "Checks: '-*,misc-definitions-in-headers,readability-magic-numbers'\n"
                                  "WarningsAsErrors: '*'\nHeaderFilterRegex: '.*'\n")
        self.assert_found("check_tidy.py", "magic-numbers")

    def test_does_not_compile(self):
        self.plant("src/base/a.cc", "int main() { return missing; }\n")
        self.assert_found("check_tidy.py", "src/base/a.cc:1:")


if __name__ == "__main__":
    unittest.main()
