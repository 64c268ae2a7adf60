import unittest

from planted import PlantedTest

TOOL = "check_layers.py"


class LayersTest(PlantedTest):
    def include(self, path, *headers):
        self.plant(path, "".join(f"#include {header}\n" for header in headers))

    def test_what_is_allowed(self):
        self.include("include/caisson/error.h", "<string>", "<caisson/result.h>")
        self.include("src/base/a.h", "<vector>", "<caisson/error.h>", '"base/b.h"')
        self.include("src/base/a.cc", '"base/a.h"', "<openssl/evp.h>", "<fmt/format.h>", "<sys/stat.h>", "<unistd.h>")
        self.include("src/engine/internal/handles.h", "<wasmtime.h>", "<fmt/format.h>")
        self.include("src/engine/engine.cc", '"document/value.h"', '"base/a.h"', '"engine/internal/handles.h"')
        self.include("src/engine/engine_test.cc", "<gtest/gtest.h>", '"base/testing/fake.h"', '"engine/engine.h"')
        self.include("src/engine/testing/fake.h", "<gtest/gtest.h>", '"base/testing/fake.h"')
        self.plant("src/base/comment.cc", "/*\n#include <curl/curl.h>\n*/\n// #include <curl/curl.h>\n")
        self.include("bench/call.cc", "<wasmtime.h>", '"engine/internal/handles.h"')
        self.assert_clean(TOOL)

    def refused(self, path, header, why):
        self.plant(path, f"// first\n#include {header}\n")
        self.assert_found(TOOL, f"{path}:2:", why)

    def test_upwards(self):
        self.refused("src/base/a.cc", '"engine/engine.h"', "must not use 'engine'")

    def test_sideways(self):
        self.refused("src/store/a.cc", '"document/value.h"', "same rank")

    def test_unknown_library(self):
        self.refused("src/base/a.cc", '"server/http.h"', "not a library of layers.json")

    def test_folder_that_is_no_library(self):
        self.plant("src/misc/a.cc", "")
        self.assert_found(TOOL, "src/misc/a.cc", "not in the folder of a library")

    def test_relative_names(self):
        self.refused("src/base/a.cc", '"a.h"', 'write it as "library/name.h"')

    def test_parent_folder(self):
        self.refused("src/base/a.cc", '"base/../engine/engine.h"', 'write it as "library/name.h"')

    def test_internal_of_another_library(self):
        self.refused("src/engine/a.cc", '"base/internal/x.h"', "closed to other libraries")

    def test_internal_of_another_library_in_a_test(self):
        self.refused("src/engine/a_test.cc", '"base/internal/x.h"', "closed to other libraries")

    def test_testing_outside_tests(self):
        self.refused("src/engine/a.cc", '"base/testing/fake.h"', "only tests include testing/")

    def test_own_testing_outside_tests(self):
        self.refused("src/engine/a.cc", '"engine/testing/fake.h"', "only tests include testing/")

    def test_testing_of_a_higher_rank(self):
        self.refused("src/base/a_test.cc", '"engine/testing/fake.h"', "must not use 'engine'")

    def test_vendor_outside_its_owner(self):
        self.refused("src/base/a.cc", "<wasmtime.h>", "only engine may include this")

    def test_vendor_in_a_header(self):
        self.refused("src/engine/engine.h", "<wasmtime.h>", "outside .cc files and internal/")

    def test_vendor_in_a_testing_header(self):
        self.refused("src/engine/testing/fake.h", "<wasmtime.h>", "outside .cc files and internal/")

    def test_vendor_in_a_public_header(self):
        self.refused("include/caisson/error.h", "<fmt/format.h>", "third-party header in a public header")

    def test_library_header_in_a_public_header(self):
        self.refused("include/caisson/error.h", '"base/digest.h"', "a public header includes only")

    def test_everywhere_vendor_in_a_header(self):
        self.refused("src/base/a.h", "<fmt/format.h>", "outside .cc files and internal/")

    def test_vendor_that_nobody_owns(self):
        self.refused("src/base/a.cc", "<curl/curl.h>", "no library of layers.json owns")

    def test_a_prefix_is_not_enough_for_a_file(self):
        self.refused("src/base/a.cc", "<wasm.h>", "only document")
        self.refused("src/document/a.cc", "<wasm.hpp>", "no library of layers.json owns")

    def test_gtest_outside_tests(self):
        self.refused("src/base/a.cc", "<gtest/gtest.h>", "only tests")

    def test_computed_include(self):
        self.refused("src/base/a.cc", "HEADER_OF_THE_DAY", "name the header itself")


if __name__ == "__main__":
    unittest.main()
