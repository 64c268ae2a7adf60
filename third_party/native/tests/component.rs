use super::*;
use crate::guard::{status, tests::failure};
use crate::host::tests::{call as ask_host, name, Asked, Recorder};
use crate::limits::tests::{store_of, ROOMY};
use crate::limits::{cn_error_status, cn_store_limit, Limits, Usage};
use crate::support::{counting_engine, wasm, PAGE};
use std::cell::UnsafeCell;
use wasmtime::{AsContext, Trap, UpdateDeadline};
use wasmtime_c_api::{wasmtime_component_deserialize, wasmtime_component_serialize};

/// What all components here have: memory, and room for what comes in at 1024.
const CORE: &str = r#"
    (memory (export "memory") 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) (i32.const 1024))"#;

/// The processor of caisson:node, or of another world whose errors have another type. `outer` is of the component, and
/// `$imports` in it what the core module imports as "host".
fn processor(interface: &str, error: &str, outer: &str, imports: &str, process: &str) -> Vec<u8> {
    wasm(&format!(
        r#"(component
            {outer}
            (core module $A {imports} {CORE} (func (export "process") (param i32 i32) (result i32) {process}))
            (core instance $a (instantiate $A (with "host" (instance $host))))
            (type $error {error})
            (func $process (param "input" (list u8)) (result (result (list u8) (error $error)))
                (canon lift (core func $a "process") (memory (core memory $a "memory"))
                    (realloc (core func $a "realloc"))))
            (component $Interface
                (type $e {error})
                (import "error" (type $error (eq $e)))
                (import "process" (func $f (param "input" (list u8)) (result (result (list u8) (error $error)))))
                (export $exported "error" (type $error))
                (export "process" (func $f)
                    (func (param "input" (list u8)) (result (result (list u8) (error $exported))))))
            (instance $interface
                (instantiate $Interface (with "error" (type $error)) (with "process" (func $process))))
            (export "{interface}" (instance $interface)))"#
    ))
}

const NODE_ERROR: &str = r#"(record (field "message" string) (field "code" u16))"#;
const NO_HOST: &str = "(core instance $host)";

fn node(process: &str) -> Vec<u8> {
    processor("caisson:node/processor@1.0.0", NODE_ERROR, NO_HOST, "", process)
}

/// A node that can log; `log` takes a level, an address and a size.
fn logging_node(process: &str) -> Vec<u8> {
    let outer = r#"
        (import "caisson:node/host@1.0.0" (instance $node
            (type $l (enum "trace" "debug" "info" "warning" "error"))
            (export "level" (type $level (eq $l)))
            (export "log" (func (param "level" $level) (param "message" string)))))
        (core module $Memory (memory (export "memory") 1) (data (i32.const 0) "hello"))
        (core instance $memory (instantiate $Memory))
        (core func $log (canon lower (func $node "log") (memory (core memory $memory "memory"))))
        (core instance $host (export "log" (func $log)))"#;
    let imports = r#"(import "host" "log" (func $log (param i32 i32 i32)))"#;
    processor("caisson:node/processor@1.0.0", NODE_ERROR, outer, imports, process)
}

const ECHO: &str = "(i32.store (i32.const 4) (local.get 0)) (i32.store (i32.const 8) (local.get 1)) (i32.const 0)";

fn compile(engine: &wasm_engine_t, bytes: &[u8]) -> Result<Box<Component>, String> {
    let mut out = std::ptr::null_mut();
    match unsafe { cn_component_compile(engine, Lent::of(bytes), &mut out) } {
        None => Ok(unsafe { Box::from_raw(out) }),
        refused => Err(failure(refused).1),
    }
}

struct OwnedLinked(*mut Linked);

impl Drop for OwnedLinked {
    fn drop(&mut self) {
        unsafe { cn_linked_delete(self.0) };
    }
}

fn linked(component: &Component, names: &[HostName]) -> Result<OwnedLinked, String> {
    let mut out = std::ptr::null_mut();
    match unsafe { cn_component_link(component, names.as_ptr(), names.len(), ask_host, &mut out) } {
        None => Ok(OwnedLinked(out)),
        refused => Err(failure(refused).1),
    }
}

/// What a call may have.
#[derive(Clone, Copy)]
struct Room {
    store: Limits,
    fuel: u64,
}

const ROOM: Room = Room { store: ROOMY, fuel: u64::MAX };

struct Called {
    failed: Option<(i32, String)>, // its status and text
    trap_code: i32,
    output: Vec<u8>,
    error_code: i32,
    baseline_bytes: u64,
    fuel: u64,
    used: Usage,
}

const OK: i32 = 0;
const GUEST_ERROR: i32 = 1;

impl Called {
    fn status(&self) -> i32 {
        self.failed.as_ref().map_or(if self.error_code < 0 { OK } else { GUEST_ERROR }, |(status, _)| *status)
    }
    fn text(&self) -> &str {
        self.failed.as_ref().map_or("", |(_, text)| text)
    }
}

/// As C++ makes a call.
fn call_with(bytes: &[u8], names: &[HostName], input: &[u8], room: &Room, host: &mut Recorder) -> Called {
    let engine = counting_engine();
    let component = compile(&engine, bytes).unwrap();
    host.engine = Some(engine_of(&engine));
    let pre = linked(&component, names).unwrap();
    let tally = UnsafeCell::new(Tally { limits: room.store, used: Usage::default() });
    let mut store = wasmtime_store_new(&engine, host.data(), None);
    unsafe { cn_store_limit(store_of(&mut store), tally.get()) };
    store_of(&mut store).set_fuel(room.fuel).unwrap();
    store_of(&mut store).set_epoch_deadline(1);
    store_of(&mut store).epoch_deadline_callback(|cx| {
        let recorder = unsafe { &mut *wasmtime_c_api::wasmtime_context_get_data(cx.as_context()).cast::<Recorder>() };
        recorder.ticks += 1;
        let ended = || Error::msg("ended at a tick");
        recorder.goes_on_at_ticks.then_some(UpdateDeadline::Continue(1)).ok_or_else(ended)
    });
    let mut out = Answer { bytes: wasm_byte_vec_t::default(), error_code: 7, baseline_bytes: 7 };
    let context = wasmtime_store_context(&mut store);
    let outcome = unsafe { cn_component_call(&*pre.0, context, tally.get(), Lent::of(input), &mut out) };
    let mut trap_code = -1;
    let failed = outcome.map(|mut error| {
        unsafe { cn_error_status(&mut *error, &mut trap_code) };
        failure(Some(error))
    });
    Called {
        failed,
        trap_code,
        output: out.bytes.take(),
        error_code: out.error_code,
        baseline_bytes: out.baseline_bytes,
        fuel: room.fuel - store_of(&mut store).get_fuel().unwrap().min(room.fuel),
        used: unsafe { (*tally.get()).used },
    }
}

fn call(bytes: &[u8], input: &[u8], room: &Room) -> Called {
    call_with(bytes, &[], input, room, &mut Recorder::new())
}

fn log_name() -> [HostName; 1] {
    [name("caisson:node/host@1.0.0", "log")]
}

#[test]
fn bytes_go_in_and_out() {
    let called = call(&node(ECHO), b"a\0b", &ROOM);
    assert_eq!((called.status(), called.output.as_slice()), (OK, b"a\0b".as_slice()));
    assert_eq!(called.used.memory_bytes, PAGE);
    assert_eq!(called.baseline_bytes, PAGE);
    assert_eq!((called.error_code, called.trap_code), (-1, -1));
    assert!((1..1_000).contains(&called.fuel), "{}", called.fuel);
    assert_eq!(call(&node(ECHO), b"", &ROOM).output, b"");
}

const SAYS_NO: &str = r#"
    (memory.copy (i32.const 100) (local.get 0) (local.get 1))
    (i32.store (i32.const 0) (i32.const 1))
    (i32.store (i32.const 4) (i32.const 100))
    (i32.store (i32.const 8) (local.get 1))
    (i32.store16 (i32.const 12) (i32.const 418))
    (i32.const 0)"#;

#[test]
fn an_error_of_the_guest_has_its_code() {
    let called = call(&node(SAYS_NO), b"no", &ROOM);
    assert_eq!((called.status(), called.output.as_slice()), (GUEST_ERROR, b"no".as_slice()));
    assert_eq!(called.error_code, 418);
}

#[test]
fn errors_of_dagwood_have_codes_too() {
    let error =
        r#"(variant (case "invalid-input" string) (case "processing-failed" string) (case "input-too-large" u64))"#;
    for (which, code, text) in [(0, 400, "why"), (1, 500, "why"), (2, 413, "input too large: 9")] {
        let payload = if which == 2 {
            "(i64.store (i32.const 16) (i64.const 9))"
        } else {
            "(i32.store (i32.const 16) (local.get 0)) (i32.store (i32.const 20) (local.get 1))"
        };
        let process = format!(
            "(i32.store (i32.const 0) (i32.const 1)) (i32.store (i32.const 8) (i32.const {which})) {payload} (i32.const 0)"
        );
        let bytes = processor("dagwood:component/processing-node@1.0.0", error, NO_HOST, "", &process);
        let called = call(&bytes, b"why", &ROOM);
        assert_eq!((called.status(), called.error_code), (GUEST_ERROR, code));
        assert_eq!(String::from_utf8(called.output).unwrap(), text);
    }
}

#[test]
fn a_command_ends_well_or_not() {
    for (result, expected, code) in [(0, OK, -1), (1, GUEST_ERROR, 1)] {
        let called = call(
            &wasm(&format!(
                r#"(component
                    (core module $A (func (export "run") (result i32) (i32.const {result})))
                    (core instance $a (instantiate $A))
                    (func $run (result (result)) (canon lift (core func $a "run")))
                    (instance $interface (export "run" (func $run)))
                    (export "wasi:cli/run@0.2.3" (instance $interface)))"#
            )),
            b"",
            &ROOM,
        );
        assert_eq!((called.status(), called.error_code), (expected, code));
    }
}

#[test]
fn a_trap_keeps_its_code() {
    let called = call(&node("unreachable"), b"", &ROOM);
    assert_eq!((called.status(), called.trap_code), (status::HOST_ERROR, Trap::UnreachableCodeReached as i32));
    let called = call(&node("(i32.load (i32.const -4))"), b"", &ROOM);
    assert_eq!((called.status(), called.trap_code), (status::HOST_ERROR, Trap::MemoryOutOfBounds as i32));
}

#[test]
fn fuel_ends() {
    let called = call(&node("(loop (br 0)) unreachable"), b"", &Room { fuel: 1_000, ..ROOM });
    assert_eq!((called.trap_code, called.fuel), (Trap::OutOfFuel as i32, 1_000));
}

#[test]
fn limits_have_their_status() {
    let grows = node("(drop (memory.grow (i32.const 1))) unreachable");
    let one_page = Room { store: Limits { memory_bytes: PAGE, ..ROOMY }, ..ROOM };
    let called = call(&grows, b"", &one_page);
    assert_eq!((called.status(), called.used.denied), (status::MEMORY_LIMIT, 1));
    // Each core instance has one page.
    let two = processor(
        "caisson:node/processor@1.0.0",
        NODE_ERROR,
        "(core module $M (memory 1)) (core instance (instantiate $M)) (core instance $host)",
        "",
        ECHO,
    );
    assert_eq!(call(&two, b"", &one_page).status(), status::MEMORY_LIMIT);
    let one_instance = Room { store: Limits { instances: 1, ..ROOMY }, ..ROOM };
    assert_eq!(call(&two, b"", &one_instance).status(), status::INSTANCE_LIMIT);
    assert_eq!(call(&two, b"", &ROOM).status(), OK);
}

/// Wasmtime has no type for it: the text is what `classify` looks for.
#[test]
fn a_result_that_is_too_large_is_not_copied() {
    let limits = Room { store: Limits { transfer_bytes: 1_000, ..ROOMY }, ..ROOM };
    assert_eq!(call(&node(ECHO), &[1; 900], &limits).status(), OK);
    assert_eq!(call(&node(ECHO), &[1; 1_100], &limits).status(), status::TRANSFER_LIMIT);
}

/// Likewise.
#[test]
fn handles_are_counted() {
    let outer = r#"
        (import "wasi:io/poll@0.2.0" (instance $poll (export "pollable" (type (sub resource)))))
        (alias export $poll "pollable" (type $pollable))
        (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
            (alias outer 1 $pollable (type $outer))
            (export "pollable" (type $p (eq $outer)))
            (export "subscribe-duration" (func (param "when" u64) (result (own $p))))))
        (core func $subscribe (canon lower (func $clock "subscribe-duration")))
        (core instance $host (export "subscribe" (func $subscribe)))"#;
    let imports = r#"(import "host" "subscribe" (func $subscribe (param i64) (result i32)))"#;
    let process = "(loop (drop (call $subscribe (i64.const 5))) (br 0)) unreachable";
    let bytes = processor("caisson:node/processor@1.0.0", NODE_ERROR, outer, imports, process);
    let names =
        [name("wasi:io/poll@0.2.0", "pollable.drop"), name("wasi:clocks/monotonic-clock@0.2.0", "subscribe-duration")];
    let mut host = Recorder::new();
    let called = call_with(&bytes, &names, b"", &Room { store: Limits { handles: 7, ..ROOMY }, ..ROOM }, &mut host);
    assert_eq!(called.status(), status::HANDLE_LIMIT);
    let made = host.asked.iter().filter(|asked| asked.function == 1).count();
    assert!((7..=8).contains(&made), "{made}");
}

const LOGS: &str = "(call $log (i32.const 3) (i32.const 0) (i32.const 5))";

#[test]
fn the_host_is_asked() {
    let mut host = Recorder::new();
    let called = call_with(&logging_node(&format!("{LOGS} {ECHO}")), &log_name(), b"x", &ROOM, &mut host);
    assert_eq!((called.status(), called.output.as_slice()), (OK, b"x".as_slice()));
    let asked = Asked { function: 0, number: 3, bytes: b"hello".to_vec(), name: String::new() };
    assert_eq!(host.asked, [asked]);
}

#[test]
fn the_host_ends_a_call_from_a_function() {
    let mut host = Recorder::new();
    host.goes_on = false;
    let called = call_with(&logging_node(&format!("{LOGS} {ECHO}")), &log_name(), b"x", &ROOM, &mut host);
    assert_eq!(called.status(), status::HOST_ERROR);
    assert!(called.text().contains("ended by the host"), "{}", called.text());
}

/// The epoch goes on while the host is called; the guest then spins until somebody looks.
#[test]
fn the_host_ends_a_call_at_a_tick() {
    let mut host = Recorder::new();
    host.goes_on_at_ticks = false;
    let bytes = logging_node(&format!("{LOGS} (loop (br 0)) unreachable"));
    let called = call_with(&bytes, &log_name(), b"x", &ROOM, &mut host);
    assert_eq!((called.status(), host.ticks), (status::HOST_ERROR, 1));
    assert!(called.text().contains("ended at a tick"), "{}", called.text());
}

#[test]
fn a_call_goes_on_after_a_tick() {
    let mut host = Recorder::new();
    let bytes = logging_node(&format!("{LOGS} (loop) {LOGS} (loop) {ECHO}"));
    let called = call_with(&bytes, &log_name(), b"x", &ROOM, &mut host);
    assert_eq!((called.status(), called.output.as_slice()), (OK, b"x".as_slice()));
    assert!(host.ticks >= 2, "{}", host.ticks);
}

#[test]
fn what_is_no_component_is_refused() {
    let engine = counting_engine();
    let whole = node(ECHO);
    assert!(compile(&engine, &whole).is_ok());
    for bytes in [&b""[..], b"\0asm", &whole[..whole.len() - 1], &wasm("(module)"), b"(component)"] {
        assert!(!compile(&engine, bytes).err().unwrap().is_empty());
    }
}

#[test]
fn what_imports_or_exports_does_not_fit_is_not_linked() {
    let engine = counting_engine();
    let refused = |bytes: &[u8], names: &[HostName]| linked(&compile(&engine, bytes).unwrap(), names).err();
    let error = refused(&logging_node(ECHO), &[]).unwrap();
    assert!(error.contains("caisson:node/host@1.0.0"), "{error}");
    assert_eq!(refused(&logging_node(ECHO), &log_name()), None);
    let error = refused(&wasm("(component)"), &[]).unwrap();
    assert!(error.contains("it exports no interface that is called"), "{error}");
    let error = refused(&node(ECHO), &[name("caisson:node/host@1.0.0", "unknown")]).unwrap();
    assert!(error.contains("1 host functions were named and 0 are known"), "{error}");
    for version in ["2.0.0", "0.9.0"] {
        let other = processor(&format!("caisson:node/processor@{version}"), NODE_ERROR, NO_HOST, "", ECHO);
        assert!(refused(&other, &[]).is_some(), "{version}");
    }
}

/// The C API's own functions for machine code take and give what is compiled here.
#[test]
fn machine_code_comes_back_as_it_was() {
    let engine = counting_engine();
    let component = compile(&engine, &node(ECHO)).unwrap();
    let mut code = wasm_byte_vec_t::default();
    let of_c: *const Component = &*component;
    assert!(wasmtime_component_serialize(unsafe { &*of_c.cast() }, &mut code).is_none());
    let mut again = std::ptr::null_mut();
    let load = |bytes: &[u8], out: &mut _| unsafe {
        wasmtime_component_deserialize(&engine, bytes.as_ptr(), bytes.len(), out)
    };
    assert!(load(code.as_slice(), &mut again).is_none());
    let again: Box<Component> = unsafe { Box::from_raw(again.cast()) };
    assert_eq!(cn_component_code_bytes(&again), cn_component_code_bytes(&component));
    assert!(linked(&again, &[]).is_ok());
    assert!(load(b"no machine code", &mut std::ptr::null_mut()).is_some());
}

extern "C" fn note(
    context: *mut c_void,
    imported: bool,
    interface: Lent,
    name: Lent,
    function: Option<&wasmtime_component_func_type_t>,
) {
    let text = |lent: Lent| String::from_utf8(unsafe { lent.bytes() }.to_vec()).unwrap();
    let all = unsafe { &mut *context.cast::<Vec<String>>() };
    let what = if function.is_some() { "function" } else { "other" };
    let way = if imported { "import" } else { "export" };
    all.push(format!("{way} {}#{}: {what}", text(interface), text(name)));
}

fn items(text: &str) -> Vec<String> {
    let mut all = Vec::new();
    let component = Component::new(&Engine::default(), wasm(text)).unwrap();
    assert!(unsafe { cn_component_items(&component, std::ptr::from_mut(&mut all).cast(), note) }.is_none());
    all
}

#[test]
fn what_interfaces_have_stands_one_by_one() {
    assert_eq!(items("(component)"), [""; 0]);
    assert_eq!(
        items(
            r#"(component
                (import "plain" (func (param "a" bool)))
                (import "a:b/c@1.0.0" (instance
                    (export "r" (type (sub resource)))
                    (export "two" (func (param "x" (list u8)) (param "y" char) (result (result string))))))
                (import "core" (core module))
                (core module $m (func (export "run") (param i32)))
                (core instance $m (instantiate $m))
                (func $run (param "a" bool) (canon lift (core func $m "run")))
                (instance $i (export "run" (func $run)))
                (export "a:b/run@0.1.0" (instance $i)))"#
        ),
        [
            "import #plain: function",
            "import a:b/c@1.0.0#r: other",
            "import a:b/c@1.0.0#two: function",
            "import #core: other",
            "export a:b/run@0.1.0#run: function",
        ]
    );
}
