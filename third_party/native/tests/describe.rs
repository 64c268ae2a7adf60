use super::*;
use crate::guard::tests::{take, EMPTY};
use crate::support::wasm;

/// Reads a description back. Panics where it is not well formed.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> u64 {
        let (head, rest) = self.0.split_first_chunk::<8>().unwrap();
        self.0 = rest;
        u64::from_le_bytes(*head)
    }
    fn bytes(&mut self) -> Vec<u8> {
        let size = self.number() as usize;
        let (head, rest) = self.0.split_at(size);
        self.0 = rest;
        head.to_vec()
    }
    fn text(&mut self) -> String {
        String::from_utf8(self.bytes()).unwrap()
    }
    fn item_type(&mut self) -> String {
        let (kind, rest) = self.0.split_first().unwrap();
        self.0 = rest;
        match kind {
            0 => format!("function {:?} -> {:?}", self.bytes(), self.bytes()),
            1 => format!("memory {}", self.number()),
            2 => "table".into(),
            3 => "global".into(),
            4 => "other".into(),
            5 => self.text(),
            _ => panic!("type {kind}"),
        }
    }
    fn all(&mut self) -> Vec<String> {
        let mut out = Vec::new();
        for _ in 0..self.number() {
            out.push(format!("import {} {}: {}", self.text(), self.text(), self.item_type()));
        }
        for _ in 0..self.number() {
            out.push(format!("export {}: {}", self.text(), self.item_type()));
        }
        assert!(self.0.is_empty());
        out
    }
}

fn module(text: &str) -> Vec<String> {
    let module = Module::new(&Engine::default(), wasm(text)).unwrap();
    let mut out = EMPTY;
    let module: *const Module = &module;
    assert_eq!(unsafe { cn_module_describe(module.cast(), &mut out) }, status::OK);
    Reader(&take(out)).all()
}

fn of_component(text: &str) -> Vec<String> {
    Reader(&component(&Component::new(&Engine::default(), wasm(text)).unwrap())).all()
}

#[test]
fn nothing_is_two_zeros() {
    assert_eq!(module("(module)"), [""; 0]);
    assert_eq!(of_component("(component)"), [""; 0]);
}

/// The C API aborts on v128 and on odd references.
#[test]
fn every_type_of_a_value_has_a_code() {
    assert_eq!(
        module(
            r#"(module (type $f (func)) (func (export "f")
                (param i32 i64 f32 f64 v128 funcref externref (ref func) (ref extern) (ref null $f) anyref exnref)
                (result (ref $f) i32) unreachable))"#
        ),
        ["export f: function [0, 1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7] -> [7, 0]"]
    );
}

#[test]
fn every_kind_of_import_and_export_is_there_in_order() {
    assert_eq!(
        module(
            r#"(module
                (import "" "f" (func (param i32)))
                (import "m" "memory" (memory 3 9))
                (import "m" "table" (table 2 externref))
                (import "m" "glöbal" (global (mut v128)))
                (import "m" "tag" (tag))
                (memory (export "wide") i64 70000)
                (global (export "g") i32 (i32.const 1))
                (export "t" (table 0))
                (export "m" (memory 0))
                (tag (export "e") (param i32)))"#
        ),
        [
            "import  f: function [0] -> []",
            "import m memory: memory 3",
            "import m table: table",
            "import m glöbal: global",
            "import m tag: other",
            "export wide: memory 70000",
            "export g: global",
            "export t: table",
            "export m: memory 3",
            "export e: other",
        ]
    );
}

#[test]
fn functions_of_interfaces_stand_one_by_one() {
    assert_eq!(
        of_component(
            r#"(component
                (import "plain" (func (param "a" bool)))
                (import "a:b/c@1.0.0" (instance
                    (export "r" (type (sub resource)))
                    (export "one" (func))
                    (export "two" (func (param "x" (list u8)) (param "y" char) (result (result string))))))
                (import "a:b/types" (instance $types (export "t" (type (sub resource)))))
                (import "core" (core module))
                (core module $m (func (export "run") (param i32)))
                (core instance $m (instantiate $m))
                (func $run (param "a" bool) (canon lift (core func $m "run")))
                (instance $i (export "run" (func $run)))
                (export "a:b/run@0.1.0" (instance $i)))"#
        ),
        [
            "import  plain: func(a: bool)",
            "import a:b/c@1.0.0 one: func()",
            "import a:b/c@1.0.0 two: func(x: list<u8>, y: char) -> result<string>",
            "import  core: other",
            "export a:b/run@0.1.0#run: func(a: bool)",
        ]
    );
}

/// The signature of a function with one parameter; `types` are those it needs, each exported as WIT does.
fn signature(types: &str, parameter: &str) -> String {
    let text = format!(r#"(component (import "i" (instance {types} (export "f" (func (param "x" {parameter}))))))"#);
    let all = of_component(&text);
    assert_eq!(all.len(), 1);
    all[0].strip_prefix("import i f: func(x: ").unwrap().strip_suffix(")").unwrap().into()
}

#[test]
fn types_are_written_as_wit_does() {
    for (parameter, expected) in [
        ("s8", "s8"),
        ("u8", "u8"),
        ("s16", "s16"),
        ("u16", "u16"),
        ("s32", "s32"),
        ("u32", "u32"),
        ("s64", "s64"),
        ("u64", "u64"),
        ("f32", "f32"),
        ("f64", "f64"),
        ("char", "char"),
        ("string", "string"),
        ("(list (option u8))", "list<option<u8>>"),
        ("(tuple u8 string)", "tuple<u8, string>"),
        ("(result)", "result"),
        ("(result u8)", "result<u8>"),
        ("(result (error u8))", "result<_, u8>"),
        ("(result u8 (error string))", "result<u8, string>"),
    ] {
        assert_eq!(signature("", parameter), expected);
    }
    for (definition, expected) in [
        (r#"(record (field "a" u8) (field "b" string))"#, "record { a: u8, b: string }"),
        (r#"(variant (case "a") (case "b" u8))"#, "variant { a, b(u8) }"),
        (r#"(enum "a" "b")"#, "enum { a, b }"),
        (r#"(flags "a" "b")"#, "flags { a, b }"),
    ] {
        let types = format!(r#"(type $d {definition}) (export "t" (type $t (eq $d)))"#);
        assert_eq!(signature(&types, "$t"), expected);
    }
    let resource = r#"(export "t" (type $t (sub resource)))"#;
    assert_eq!(signature(resource, "(own $t)"), "resource");
    assert_eq!(signature(resource, "(borrow $t)"), "resource");
}

#[test]
fn deep_and_long_types_are_shortened() {
    let deep = format!("{}u8{}", "(list ".repeat(12), ")".repeat(12));
    assert_eq!(signature("", &deep), format!("{}...{}", "list<".repeat(9), ">".repeat(9)));
    // Each is two of the one before: a signature with 2 to the power of 16 texts, if it were written.
    let doubling: String = (0..16).map(|i| format!("(type (tuple {i} {i}))")).collect();
    let text = format!(r#"(component (type string) {doubling} (import "f" (func (param "x" 16))))"#);
    let all = of_component(&text);
    assert!(all[0].len() < 2_000, "{}", all[0].len());
    let long: String = (0..5_000).map(|i| format!(r#" "case{i}""#)).collect();
    let types = format!(r#"(type $d (enum {long})) (export "t" (type $t (eq $d)))"#);
    assert!(signature(&types, "$t").len() < 1_100);
}
