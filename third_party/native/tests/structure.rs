use super::*;
use crate::guard::{status, tests::failure};
use crate::support::wasm;

const NO_LIMITS: [u64; METRICS] = [u64::MAX; METRICS];

struct Checked {
    failure: Option<String>,
    seen: Structure,
}

fn check(bytes: &[u8], limits: &[u64; METRICS]) -> Checked {
    let mut seen = Structure { metrics: [7; METRICS], proposals: 7, exceeded: 7 };
    let failed = unsafe { cn_structural_check(Lent::of(bytes), limits, &mut seen) }.map(|error| failure(Some(error)));
    let failure = failed.map(|(status, text)| {
        assert_eq!(status, status::HOST_ERROR, "{text}");
        text
    });
    Checked { failure, seen }
}

fn seen(text: &str) -> Structure {
    let checked = check(&wasm(text), &NO_LIMITS);
    assert_eq!((checked.failure, checked.seen.exceeded), (None, -1), "{text}");
    checked.seen
}

#[test]
fn each_metric_is_counted_and_held_against_its_limit() {
    for (metric, expected, text) in [
        (M::Bytes, 8, "(module)"),
        (M::Functions, 2, "(module (func) (func))"),
        (M::BodyBytes, 3, "(module (func) (func nop) (func))"),
        (M::CodeBytes, 7, "(module (func) (func nop) (func))"),
        (M::Locals, 3, "(module (func (local i32 i64 i64)) (func (param i32 i32 i32 i32) (local i32)))"),
        (M::Nesting, 4, "(module (func (block (loop (if (i32.const 0) (then))))) (func (block)))"),
        (M::Nesting, 2, "(module (tag) (func (block) (block) (try_table) (block)))"),
        (M::Nesting, 2, "(module (func try delegate 0 try catch_all end))"),
        (M::BrTableTargets, 2, "(module (func (br_table 0 0 0 (i32.const 0))) (func (br_table 0 0 (i32.const 0))))"),
        (M::Types, 3, "(module (type (func)) (rec (type (struct)) (type (array i8))))"),
        (M::Imports, 2, r#"(module (import "a" "b" (func)) (import "a" "c" (global i32)))"#),
        (M::Exports, 2, r#"(module (func (export "a") (export "b")))"#),
        (M::Globals, 2, "(module (global i32 (i32.const 0)) (global i32 (i32.const 0)))"),
        (M::Tags, 3, r#"(module (import "a" "b" (tag)) (tag) (tag))"#),
        (M::Tables, 3, r#"(module (import "a" "b" (table 1 funcref)) (table 1 funcref) (table 1 funcref))"#),
        (M::TableElements, 12, "(module (table 5 funcref) (table 7 funcref))"),
        (M::Memories, 3, r#"(module (import "a" "b" (memory 1)) (memory 1) (memory 1))"#),
        (M::MemoryBytes, 3 * 65_536, "(module (memory 1) (memory i64 2))"),
        (M::MemoryBytes, 5, "(module (memory 5 (pagesize 1)))"),
        (M::MemoryBytes, u64::MAX - 1, "(module (memory i64 0xffff_ffff_ffff_fffe (pagesize 1)))"),
        (M::Segments, 3, r#"(module (table 1 funcref) (elem func) (elem func) (data "a"))"#),
        (M::Segments, 1, r#"(module (memory 1) (data (i32.const 0) "a") (data (i32.const 8) "b") (data "c"))"#),
        (M::DataBytes, 5, r#"(module (memory 1) (data (i32.const 0) "ab") (data "cde"))"#),
        (M::ElementItems, 3, "(module (func $f) (elem func $f $f) (elem funcref (ref.null func)))"),
        (M::CustomBytes, 5, r#"(module (@custom "a" "xyz"))"#),
        (M::Modules, 3, "(component (core module) (core module) (component (core module)))"),
        (M::Depth, 3, "(component (component (core module)) (component))"),
        (
            M::Instances,
            3,
            "(component (core module $m) (core instance (instantiate $m)) (core instance (instantiate $m)) (instance))",
        ),
        (M::Items, 3, r#"(component (type string) (import "a" (func)))"#),
        (
            M::Items,
            4,
            r#"(component (import "f" (func $f)) (core func (canon lower (func $f))) (export "g" (func $f)))"#,
        ),
    ] {
        let bytes = wasm(text);
        let place = metric as usize;
        let all = check(&bytes, &NO_LIMITS);
        assert_eq!((all.failure, all.seen.metrics[place]), (None, expected), "{place}: {text}");
        let mut limits = NO_LIMITS;
        limits[place] = expected;
        assert_eq!(check(&bytes, &limits).failure, None, "{place}: {text}");
        limits[place] = expected - 1;
        let over = check(&bytes, &limits);
        assert_eq!((over.failure.is_some(), over.seen.exceeded), (true, place as i32), "{text}");
        assert!(over.seen.metrics[place] >= expected);
    }
}

#[test]
fn the_first_that_is_exceeded_ends_the_walk() {
    let bytes = wasm("(module (type (func)) (memory 1) (func) (func))");
    let first = |metrics: &[Metric]| {
        let mut limits = NO_LIMITS;
        metrics.iter().for_each(|metric| limits[*metric as usize] = 0);
        check(&bytes, &limits).seen
    };
    let seen = first(&[M::Functions, M::Types, M::CodeBytes]);
    assert_eq!(seen.exceeded, M::Types as i32);
    assert_eq!(seen.metrics[M::Functions as usize], 0, "nothing behind it was looked at");
    assert_eq!(first(&[M::CodeBytes, M::Functions]).exceeded, M::Functions as i32);
    let seen = first(&[M::CodeBytes]);
    assert_eq!((seen.exceeded, seen.metrics[M::CodeBytes as usize]), (M::CodeBytes as i32, 2));
    assert_eq!(first(&[M::Bytes, M::Depth]).exceeded, M::Bytes as i32);
}

#[test]
fn pages_are_no_larger_than_those_that_are_compiled() {
    for log2 in [17, 40, 63] {
        let bytes = [b"\0asm\x01\0\0\0\x05\x04\x01\x08\x03".as_slice(), &[log2]].concat();
        let checked = check(&bytes, &NO_LIMITS);
        assert_eq!((checked.failure, checked.seen.metrics[M::MemoryBytes as usize]), (None, 3 * 65_536), "{log2}");
    }
}

#[test]
fn data_counts_as_segments_where_it_is_no_image() {
    for (expected, data) in [
        (0, r#"(memory 256) (data (i32.const 0) "ab") (data (i32.const 16777212) "abc")"#),
        (2, r#"(memory 257) (data (i32.const 0) "ab") (data (i32.const 16777212) "abcd")"#), // 16 MiB apart
        (0, r#"(memory 257) (memory 1) (data (i32.const 16777216) "a") (data (memory 1) (i32.const 0) "a")"#),
        (0, r#"(memory i64 1) (data (i64.const 0) "a") (data (i64.const 65535) "b")"#),
        (2, r#"(memory 1) (data (i32.const 0) "a") (data (i32.const 65535) "bc")"#), // behind the end
        (2, r#"(memory 1) (data (i32.const 0) "a") (data (i32.const -1) "b")"#),
        (2, r#"(memory 1) (data (i32.const 0) "a") (data (offset (i32.add (i32.const 1) (i32.const 1))) "b")"#),
        (2, r#"(global $g (import "a" "g") i32) (memory 1) (data (i32.const 0) "a") (data (global.get $g) "b")"#),
        (2, r#"(import "a" "m" (memory 1)) (data (i32.const 0) "a") (data (i32.const 1) "b")"#),
        (2, r#"(memory 65536 (pagesize 1)) (data (i32.const 0) "a") (data (i32.const 1) "b")"#),
        (1, r#"(data (i32.const 0) "a")"#), // no memory at all
    ] {
        let text = format!("(module {data})");
        assert_eq!(seen(&text).metrics[M::Segments as usize], expected, "{text}");
    }
    let two = r#"(core module (memory 1) (data (i32.const 9) "a")) (core module (data (i32.const 0) "a"))"#;
    assert_eq!(seen(&format!("(component {two})")).metrics[M::Segments as usize], 1, "memories are a module's own");
}

/// A length that is a lie: four thousand million functions, and no bytes for them.
#[test]
fn what_is_announced_is_counted_before_it_is_read() {
    let bytes = b"\0asm\x01\0\0\0\x03\x05\xff\xff\xff\xff\x0f";
    let mut limits = NO_LIMITS;
    limits[M::Functions as usize] = 1_000_000;
    let checked = check(bytes, &limits);
    assert_eq!((checked.failure.is_some(), checked.seen.exceeded), (true, M::Functions as i32));
    assert_eq!(checked.seen.metrics[M::Functions as usize], 0xffff_ffff);
}

const MODULE: &str = r#"(module
    (type (func (param i32) (result i32)))
    (import "a" "b" (func (type 0)))
    (table 3 funcref) (memory 1) (global (mut i32) (i32.const 1)) (tag)
    (export "m" (memory 0))
    (elem (i32.const 0) func 1)
    (func (type 0) (block (br_table 0 0 (local.get 0))) (local.get 0))
    (data (i32.const 0) "some data")
    (@custom "x" "y"))"#;

fn a_component() -> Vec<u8> {
    let inner = MODULE.replace("(module", "(core module");
    wasm(&format!(
        r#"(component {inner} (import "f" (func $f (param "a" string))) (type (record (field "x" u8)))
            (component (core module)))"#
    ))
}

/// Where the sections of a module end.
fn section_ends(bytes: &[u8]) -> Vec<usize> {
    let mut ends = vec![8];
    while *ends.last().unwrap() < bytes.len() {
        let mut at = ends.last().unwrap() + 1; // behind the section's kind
        let (mut size, mut shift) = (0, 0);
        loop {
            size |= usize::from(bytes[at] & 0x7f) << shift;
            shift += 7;
            at += 1;
            if bytes[at - 1] < 0x80 {
                break;
            }
        }
        ends.push(at + size);
    }
    ends
}

#[test]
fn bytes_that_end_early_are_malformed_or_another_binary() {
    let bytes = wasm(MODULE);
    let ends = section_ends(&bytes);
    assert!(ends.len() > 10 && ends.last() == Some(&bytes.len()));
    for size in 0..=bytes.len() {
        let checked = check(&bytes[..size], &NO_LIMITS);
        let absent = checked.failure.as_ref().is_some_and(|text| text.contains("code section is absent"));
        let whole = ends.contains(&size) && !absent;
        assert_eq!(checked.failure.is_none(), whole, "{size}: {:?}", checked.failure);
    }
}

/// `check` asserts that it has not.
#[test]
fn no_byte_makes_it_panic() {
    let bytes = a_component();
    for at in 0..bytes.len() {
        check(&bytes[..at], &NO_LIMITS);
        for value in [0, 1, 0x40, 0x7f, 0x80, 0xff, bytes[at] ^ 1, bytes[at].wrapping_add(1)] {
            let mut changed = bytes.clone();
            changed[at] = value;
            check(&changed, &NO_LIMITS);
        }
    }
}

#[test]
fn what_is_no_binary_says_why() {
    for (bytes, expected) in [
        (&b"hello, world"[..], "magic header"),
        (b"\0asm\x07\0\0\0", "version"),
        (b"\0asm\x01\0\0\0\x4d\x00", "unknown section 77"),
        (b"\0asm\x01\0\0\0\x01\x80\x80\x80\x80\x80\x00", "invalid var_u32"),
    ] {
        let checked = check(bytes, &NO_LIMITS);
        assert_eq!(checked.seen.exceeded, -1);
        let text = checked.failure.unwrap();
        assert!(text.contains(expected), "{text}");
    }
}

/// A group of a million types in seven bytes, and one of five in sixteen: neither is read.
#[test]
fn types_are_counted_before_they_are_read() {
    let mut limits = NO_LIMITS;
    limits[M::Types as usize] = 4;
    for (section, types) in [(&b"\x01\x05\x01\x4e\xc0\x84\x3d"[..], 1_000_000), (b"\x01\x12\x01\x4e\x05\x60\0\0", 5)] {
        let bytes = [b"\0asm\x01\0\0\0", section, &[0; 12]].concat();
        let checked = check(&bytes, &limits);
        assert_eq!((checked.seen.exceeded, checked.seen.metrics[M::Types as usize]), (M::Types as i32, types));
    }
}

#[test]
fn proposals_are_seen_one_by_one() {
    use Proposal::*;
    for (proposals, text) in [
        (&[mvp][..], "(module)"),
        (
            &[mvp],
            r#"(module (import "a" "b" (func)) (memory 1) (table 1 funcref) (elem (i32.const 0) func 0)
            (global (mut i32) (i32.const 1)) (data (i32.const 0) "a")
            (func (param i32) (result i32) (call_indirect (i32.const 0)) (if (result i32) (local.get 0)
                (then (i32.const 1)) (else (i32.const 2)))))"#,
        ),
        (&[mutable_globals][..], r#"(module (import "a" "b" (global (mut i32))))"#),
        (&[sign_extension][..], "(module (func (drop (i32.extend8_s (i32.const 0)))))"),
        (&[saturating_float_to_int][..], "(module (func (drop (i32.trunc_sat_f32_s (f32.const 0)))))"),
        (&[multi_value][..], "(module (type (func (result i32 i32))))"),
        (&[multi_value][..], "(module (func (i32.const 0) (block (param i32) (drop))))"),
        (&[bulk_memory][..], "(module (memory 1) (func (memory.copy (i32.const 0) (i32.const 0) (i32.const 0))))"),
        (&[bulk_memory][..], r#"(module (data "passive"))"#),
        (&[bulk_memory][..], "(module (func) (elem func 0))"),
        (&[reference_types][..], "(module (table 1 externref))"),
        (&[reference_types][..], "(module (table 1 funcref) (table 1 funcref))"),
        (&[reference_types][..], "(module (func) (elem declare func 0))"),
        (&[reference_types][..], "(module (type (func)) (func (call_indirect 1 (type 0) (i32.const 0))))"),
        (&[reference_types][..], "(module (global funcref (ref.null func)))"),
        (&[reference_types][..], "(module (func (param externref)))"),
        (&[simd][..], "(module (func (param v128)))"),
        (&[simd][..], "(module (func (drop (i8x16.splat (i32.const 0)))))"),
        (
            &[relaxed_simd, simd],
            "(module (func (param v128) (drop (i8x16.relaxed_swizzle (local.get 0) (local.get 0)))))",
        ),
        (&[tail_call][..], "(module (func $f (return_call $f)))"),
        (&[extended_const][..], "(module (global i32 (i32.add (i32.const 1) (i32.const 2))))"),
        (&[extended_const][..], r#"(module (memory 1) (data (i32.mul (i32.const 1) (i32.const 2)) "a"))"#),
        (&[multi_memory][..], "(module (memory 1) (memory 1))"),
        (&[multi_memory][..], r#"(module (import "a" "b" (memory 1)) (memory 1))"#),
        (&[memory64][..], "(module (memory i64 1))"),
        (&[memory64][..], "(module (table i64 1 funcref))"),
        (&[threads][..], "(module (memory 1 1 shared))"),
        (&[threads][..], "(module (func atomic.fence))"),
        (&[exceptions][..], "(module (tag))"),
        (&[exceptions][..], r#"(module (import "a" "b" (tag)))"#),
        (&[exceptions][..], "(module (func (try_table)))"),
        (&[exceptions][..], "(module (func (param exnref)))"),
        (&[legacy_exceptions][..], "(module (func try catch_all end))"),
        (&[function_references][..], "(module (func (param (ref func))))"),
        (&[function_references][..], "(module (type $f (func)) (func (param (ref null $f))))"),
        (&[gc][..], "(module (type (struct)))"),
        (&[gc][..], "(module (type (array i8)))"),
        (&[gc][..], "(module (rec (type (func)) (type (func))))"),
        (&[gc][..], "(module (type (sub (func))))"),
        (&[gc][..], "(module (func (param anyref)))"),
        (&[custom_page_sizes][..], "(module (memory 1 (pagesize 1)))"),
        (
            &[wide_arithmetic],
            "(module (func (i64.const 0) (i64.const 0) (i64.const 0) (i64.const 0) i64.add128 drop drop))",
        ),
        (&[stack_switching][..], "(module (type $f (func)) (type (cont $f)))"),
        (&[memory_control][..], "(module (memory 1) (func (memory.discard (i32.const 0) (i32.const 0))))"),
        (&[shared_everything_threads][..], "(module (func (drop (ref.i31_shared (i32.const 0)))))"),
        (&[custom_descriptors][..], "(module (type (func)) (func (drop (ref.get_desc 0 (unreachable)))))"),
        (&[component_model][..], "(component)"),
        (&[component_model][..], r#"(component (import "f" (func $f)) (core func (canon lower (func $f))))"#),
        (
            &[component_model, component_model_async],
            r#"(component (import "f" (func $f)) (core func (canon lower (func $f) async)))"#,
        ),
        (&[component_model, component_model_async], "(component (core func (canon backpressure.inc)))"),
        (&[component_model][..], "(component (core module (memory 1)) (core module (memory 1)))"),
        (&[component_model, multi_memory], "(component (core module (memory 1)) (core module (memory 1) (memory 1)))"),
    ] {
        let bits = proposals.iter().filter(|p| **p != mvp).map(|p| 1 << *p as u64).sum::<u64>();
        assert_eq!(seen(text).proposals, bits, "{text}");
    }
}
