"""The checks that read text: sizes, words, links, reasons, shell."""

import hashlib
import json
import shutil
import unittest

from planted import PlantedTest

ROOT_PATH = "/" + "root/"  # not written out: the check looks at this file too


class SizesTest(PlantedTest):
    def test_over_the_limit(self):
        self.plant("src/base/long.cc", "int x;\n" * 1001)
        self.assert_found("check_sizes.py", "src/base/long.cc: 1001 lines")

    def test_native_crate_that_grows(self):
        path = "third_party/native/src/more.rs"
        self.plant(path, "    // a comment\n\n" * 400 + "fn f() {}\n" * 150)
        self.assert_clean("check_sizes.py")
        for part in range(3):
            self.plant(f"third_party/native/src/more{part}.rs", "fn f() {}\n" * 460)
        self.assert_found("check_sizes.py", "third_party/native/src/: 1530 lines of code")

    def test_warns_before(self):
        self.plant("src/base/longish.cc", "int x;\n" * 601)
        self.assertIn("warning: src/base/longish.cc: 601 lines", self.assert_clean("check_sizes.py"))

    def test_at_the_limit(self):
        self.plant("src/base/longish.cc", "int x;\n" * 1000)
        self.plant("docs/long.md", "x\n" * 2000)
        self.assert_clean("check_sizes.py")


class ImagesTest(PlantedTest):
    def test_a_source_that_changed_after_its_image(self):
        def digest(text):
            return hashlib.sha256(text.encode()).hexdigest()
        manifest = {"language": "lua", "baseline_memory": 1310720, "packed": {"file": "lua.wasm.zst", "sha256": digest("image")},
                    "sources": {"lua/runner.c": digest("int x;\n")}}
        self.plant("docs/guide/code.md", "| Lua | 1,280 KiB |\n")
        self.plant("guests/images/lua/manifest.json", json.dumps(manifest))
        self.plant("guests/images/lua/lua.wasm.zst", "image")
        self.plant("guests/images/lua/runner.c", "int x;\n")
        self.assert_clean("check_images.py")
        self.plant("guests/images/lua/runner.c", "int y;\n")
        self.plant("guests/images/lua/lua.wasm.zst", "another")
        self.assert_found("check_images.py", "guests/images/lua/runner.c: changed", "make images", "lua.wasm.zst: not the file")

    def test_a_baseline_that_the_guide_does_not_say(self):
        manifest = {"language": "lua", "baseline_memory": 1310720, "packed": {"file": "lua.wasm.zst", "sha256": "nothing"}, "sources": {}}
        self.plant("guests/images/lua/manifest.json", json.dumps(manifest))
        self.plant("docs/guide/code.md", "| Lua | 1,216 KiB |\n")
        self.assert_found("check_images.py", "docs/guide/code.md: lua starts with 1,280 KiB")


class WordsTest(PlantedTest):
    def test_machine_paths(self):
        self.plant("docs/a.md", f"see {ROOT_PATH}notes\n")
        self.plant("tools/b", "cd /" + "home/me\n")
        self.plant("src/base/c.cc", 'auto p = "/' + 'work/main";\n')
        self.assert_found("check_words.py", "docs/a.md:1: machine path", "tools/b:1: machine path",
                          "src/base/c.cc:1: machine path")

    def test_paths_of_the_project(self):
        self.plant("docs/a.md", "docs/" + "work/plan.md and ${X}/" + "home/y\n")
        self.plant("image.bin", b"\0" + ROOT_PATH.encode())
        self.plant("src/base/home_test.cc", 'set("HOME", "/' + 'home/ada");\n')
        self.assert_clean("check_words.py")

    def test_inherited_authority(self):
        names = ["wasi_config_inherit_env", "wasi_config_inherit_argv", "wasi_config_inherit_stdin", "inherit_network",
                 "wasmtime_config_cache_config_load", "add_wasi_http", "define_unknown_imports_as_default_values"]
        for number, name in enumerate(names):
            self.plant(f"src/engine/a{number}.cc", f"void f() {{ {name}(); }}\n")
        self.plant("third_party/native/src/lib.rs", "fn f(b: &mut B) { b.inherit_env(); }\n")
        self.assert_found("check_words.py", "third_party/native/src/lib.rs:1", *names)

    def test_deserialize_outside_the_cache(self):
        call = "auto* e = wasmtime_module_deserialize_file(engine, path, &module);\n"
        self.plant("src/engine/engine.cc", call)
        self.assert_clean("check_words.py")
        self.plant("src/sandbox/a.cc", call)
        self.plant("third_party/native/src/lib.rs", "let m = unsafe { Module::deserialize(&engine, bytes) };\n")
        self.assert_found("check_words.py", "src/sandbox/a.cc:1", "third_party/native/src/lib.rs:1")

    def test_comments_may_speak_of_it(self):
        self.plant("src/engine/a.cc", "// never inherit_env: a guest gets what its grants name\n")
        self.assert_clean("check_words.py")


class LinksTest(PlantedTest):
    def test_lead_somewhere(self):
        self.plant("docs/b.md", "# A `heading`, with more\n## Twice\n## Twice\n")
        self.plant("README.md", "[b](docs/b.md) [h](docs/b.md#a-heading-with-more) [t](docs/b.md#twice-1) "
                                "[w](https://example.com/x) ![p](docs/b.md) [me](#top) [d](docs)\n# Top\n"
                                "```\n[no](link.md)\n```\n`[no](link.md)`\n[ref]: docs/b.md\n")
        self.assert_clean("check_links.py")

    def test_lead_nowhere(self):
        self.plant("docs/b.md", "# One\n")
        self.plant("README.md", "a\n[b](docs/c.md)\n[h](docs/b.md#two)\n[m](#none)\n![p](x.png)\n[abs](/docs/b.md)\n"
                                "[ref]: docs/d.md\n")
        self.assert_found("check_links.py", "README.md:2: docs/c.md: no such file", "README.md:3: docs/b.md#two: no heading",
                          "README.md:4: #none", "README.md:5: x.png", "README.md:6: /docs/b.md: links are relative",
                          "README.md:7: docs/d.md")


class SchemaPageTest(PlantedTest):
    SCHEMA = {"properties": {"name": {"type": "string", "description": "What it is called"}}, "required": ["name"],
              "definitions": {"node": {"description": "A node", "required": ["id"], "properties": {
                  "id": {"type": "string"}, "module": {"type": "string", "x-types": ["wasm"]}}},
                  "limits": {"description": "How much", "properties": {"memory": {"type": ["string", "number"]}}},
                  "grants": {"description": "What", "properties": {}}}}

    def setUp(self):
        super().setUp()
        self.plant("api/workflow.schema.json", json.dumps(self.SCHEMA))
        self.plant("docs/reference/workflow.md", "")

    def test_written(self):
        self.assert_clean("check_schema.py", "--write")
        self.assert_clean("check_schema.py")
        text = (self.root / "docs/reference/workflow.md").read_text(encoding="utf-8")
        self.assertIn("| `name` | text | What it is called; required |", text)
        self.assertIn("### Of type wasm\n\n| name | value | meaning |\n| --- | --- | --- |\n| `module` | text |  |", text)

    def test_stale(self):
        self.assert_found("check_schema.py", "docs/reference/workflow.md is not what api/workflow.schema.json says")
        (self.root / "docs/reference/workflow.md").unlink()
        self.assert_found("check_schema.py", "docs/reference/workflow.md: missing")


class ReasonsTest(PlantedTest):
    DOCUMENT = "| reason | meaning |\n| --- | --- |\n| `engine.trap` | x |\n| `file.missing` | y |\n"

    def setUp(self):
        super().setUp()
        self.plant("src/engine/a.cc", 'auto e = Error{Category::kGuestFault, "engine.trap", "x"};\n')
        self.plant("src/base/a.cc", 'return problem(Category::kNotFound, "file.missing");\n')
        self.plant("docs/reference/errors.md", self.DOCUMENT)

    def test_agree(self):
        self.plant("src/engine/a_test.cc", 'EXPECT_EQ(e.reason, "engine.unheard_of");\n')
        self.plant("src/engine/b.cc", 'open("engine.json"); // "engine.in_a_comment"\n')
        self.assert_clean("check_reasons.py")

    def test_missing_page(self):
        (self.root / "docs/reference/errors.md").unlink()
        self.assert_found("check_reasons.py", "docs/reference/errors.md: missing")

    def test_undocumented(self):
        self.plant("src/engine/b.cc", '\nauto reason = late ? "engine.late" : "engine.trap";\n')
        self.assert_found("check_reasons.py", "src/engine/b.cc:2: reason engine.late is not in")

    def test_undocumented_with_a_new_prefix(self):
        self.plant("src/engine/b.cc", 'return Error{Category::kInternal,\n    "clock.stopped", "x"};\n')
        self.assert_found("check_reasons.py", "reason clock.stopped is not in")

    def test_documented_and_gone(self):
        self.plant("docs/reference/errors.md", self.DOCUMENT + "| `engine.gone` | z |\n")
        self.assert_found("check_reasons.py", "engine.gone is nowhere in the sources")

    def test_categories(self):
        self.plant("src/base/error.cc", 'CategoryRow{Category::kNotFound, "not_found", 3, 404},\n'
                                        'CategoryRow{Category::kInternal, "internal", 70, 500},\n')
        self.plant("docs/reference/errors.md", self.DOCUMENT + "\n| `not_found` | 4 | 404 | gone |\n")
        self.assert_found("check_reasons.py", "category not_found is exit code 3", "category internal has no row")


class ShellTest(PlantedTest):
    def test_sound(self):
        self.plant("tools/a", "#!/usr/bin/env bash\nset -euo pipefail\necho $HOME\n")
        self.plant("tools/b.py", "#!/usr/bin/env python3\nif (:\n")
        self.assertIn("1 scripts", self.assert_clean("check_shell.py"))

    def test_does_not_parse(self):
        self.plant("tools/a", "#!/bin/sh\nif true; then\n")
        self.assert_found("check_shell.py", "tools/a")

    @unittest.skipUnless(shutil.which("shellcheck"), "shellcheck is not installed")
    def test_suspicious(self):
        self.plant("tools/a", '#!/usr/bin/env bash\ncd "$1"\nrm -rf $nowhere/*\n')
        self.assert_found("check_shell.py", "tools/a:2")


class RequirementsTest(PlantedTest):
    def page(self, *rows):
        self.plant("docs/reference/compatibility.md", "".join(f"| {row} |\n" for row in rows))

    def setUp(self):
        super().setUp()
        self.plant("src/base/a_test.cc", "TEST(Suite, Holds) {}\nTEST_F(Suite, HoldsToo) {}\n")
        self.plant("tests/scenarios/run/a.scn", "")
        self.plant("tests/audit/SA-001_a/case.yaml", "")

    def test_named(self):
        self.page("D-001 | works | `base.Suite.Holds`, `...HoldsToo`, `base.Suite.*`, `scenario.run/a`, `SA-001`, `docs/a.md`",
                  "D-002 | not yet | ")
        self.assertIn("2 requirements name 5 tests", self.assert_clean("check_requirements.py"))

    def test_missing(self):
        self.page("D-001 | works | `base.Suite.Breaks`", "D-002 | works | `scenario.run/b`", "D-002 | works | `SA-002`",
                  "D-003 | works | `base.Other.*`")
        self.assert_found("check_requirements.py", ":1: D-001: there is no test base.Suite.Breaks",
                          ":2: D-002: there is no test scenario.run/b", ":3: D-002 is in line 2 already",
                          ":3: D-002: there is no test SA-002", ":4: D-003: there is no test base.Other.*")


if __name__ == "__main__":
    unittest.main()
