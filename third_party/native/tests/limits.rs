use super::*;
use crate::guard::status;
use crate::support::{counting_engine, wasm, PAGE};
use std::cell::UnsafeCell;
use wasmtime::{Engine, Instance, Module};
use wasmtime_c_api::{wasm_engine_new, wasmtime_store_context, wasmtime_store_new};

pub const ROOMY: Limits = Limits {
    memory_bytes: 100 * PAGE,
    table_elements: 1_000,
    exception_bytes: 0,
    transfer_bytes: 1 << 20,
    handles: 100,
    instances: 10,
    memories: 10,
    tables: 10,
    trap_on_limit: 1,
};

/// The store that a pointer of the C API points to.
pub fn store_of(store: &mut wasmtime_store_t) -> &mut Store<WasmtimeStoreData> {
    unsafe { &mut *std::ptr::from_mut(store).cast() }
}

/// A store of the C API under limits, as C++ makes one.
struct Limited {
    store: Box<wasmtime_store_t>, // gone before its tally
    tally: Box<UnsafeCell<Tally>>,
}

impl Limited {
    fn new(limits: Limits) -> Limited {
        let mut store = wasmtime_store_new(&wasm_engine_new(), std::ptr::null_mut(), None);
        let tally = Box::new(UnsafeCell::new(Tally { limits, used: Usage::default() }));
        unsafe { cn_store_limit(store_of(&mut store), tally.get()) };
        Limited { store, tally }
    }
    fn instantiate(&mut self, text: &str) -> Result<Instance, Error> {
        let cx = wasmtime_store_context(&mut self.store);
        let module = Module::new(cx.engine(), wasm(text))?;
        Instance::new(cx, &module, &[])
    }
    fn call(&mut self, instance: Instance, name: &str, argument: i32) -> Result<i32, Error> {
        let mut cx = wasmtime_store_context(&mut self.store);
        instance.get_typed_func::<i32, i32>(&mut cx, name)?.call(&mut cx, argument)
    }
    /// Bytes of memory, elements of tables, growths refused.
    fn used(&self) -> (u64, u64, u32) {
        let used = unsafe { (*self.tally.get()).used };
        (used.memory_bytes, used.table_elements, used.denied)
    }
}

/// As C++ asks for it: the status, and the code of a trap. The error is asked twice, because it stays usable.
fn cause_of<T>(result: Result<T, Error>) -> (i32, i32) {
    let mut error = wasmtime_error_t::from(result.err().expect("an error"));
    let mut ask = || {
        let mut trap_code = 7;
        (unsafe { cn_error_status(&mut error, &mut trap_code) }, trap_code)
    };
    let first = ask();
    assert_eq!(ask(), first);
    first
}

fn status_of<T>(result: Result<T, Error>) -> i32 {
    let (status, trap_code) = cause_of(result);
    assert_eq!(trap_code, -1);
    status
}

const TWO_MEMORIES: &str = r#"(module
    (memory $a 1) (memory $b 1)
    (func (export "a") (param i32) (result i32) (memory.grow $a (local.get 0)))
    (func (export "b") (param i32) (result i32) (memory.grow $b (local.get 0))))"#;
const TWO_TABLES: &str = r#"(module
    (table $a 10 funcref) (table $b 10 externref)
    (func (export "a") (param i32) (result i32) (table.grow $a (ref.null func) (local.get 0)))
    (func (export "b") (param i32) (result i32) (table.grow $b (ref.null extern) (local.get 0))))"#;

#[test]
fn all_memories_count_together() {
    let mut limited = Limited::new(Limits { memory_bytes: 5 * PAGE, ..ROOMY });
    let first = limited.instantiate(TWO_MEMORIES).unwrap();
    assert_eq!(limited.call(first, "a", 1).unwrap(), 1);
    assert_eq!(limited.used(), (3 * PAGE, 0, 0));
    let second = limited.instantiate(TWO_MEMORIES).unwrap();
    assert_eq!(limited.used(), (5 * PAGE, 0, 0));
    for (instance, name) in [(first, "a"), (first, "b"), (second, "a"), (second, "b")] {
        assert_eq!(status_of(limited.call(instance, name, 1)), status::MEMORY_LIMIT);
    }
    assert_eq!(limited.used(), (5 * PAGE, 0, 4));
    assert_eq!(limited.call(first, "a", 0).unwrap(), 2, "a growth by nothing is none");
}

#[test]
fn all_tables_count_together() {
    let mut limited = Limited::new(Limits { table_elements: 25, ..ROOMY });
    let instance = limited.instantiate(TWO_TABLES).unwrap();
    assert_eq!(limited.call(instance, "b", 5).unwrap(), 10);
    assert_eq!(limited.used(), (0, 25, 0));
    assert_eq!(status_of(limited.call(instance, "a", 1)), status::TABLE_LIMIT);
    assert_eq!(status_of(limited.call(instance, "b", 1)), status::TABLE_LIMIT);
    assert_eq!(status_of(limited.instantiate(TWO_TABLES)), status::TABLE_LIMIT);
    assert_eq!(limited.used(), (0, 25, 3));
}

#[test]
fn what_a_module_begins_with_counts() {
    let mut limited = Limited::new(Limits { memory_bytes: 2 * PAGE, ..ROOMY });
    assert_eq!(status_of(limited.instantiate("(module (memory 3))")), status::MEMORY_LIMIT);
    assert_eq!(limited.used(), (0, 0, 1));
}

#[test]
fn a_growth_is_refused_quietly_where_nothing_traps() {
    let mut limited = Limited::new(Limits { memory_bytes: 2 * PAGE, table_elements: 20, trap_on_limit: 0, ..ROOMY });
    let memories = limited.instantiate(TWO_MEMORIES).unwrap();
    let tables = limited.instantiate(TWO_TABLES).unwrap();
    assert_eq!(limited.call(memories, "b", 1).unwrap(), -1);
    assert_eq!(limited.call(tables, "b", 1).unwrap(), -1);
    assert_eq!(limited.used(), (2 * PAGE, 20, 2));
}

#[test]
fn a_maximum_of_the_module_is_no_limit_of_ours() {
    let mut limited = Limited::new(ROOMY);
    let grow = r#"(func (export "a") (param i32) (result i32) (memory.grow (local.get 0)))"#;
    let instance = limited.instantiate(&format!("(module (memory 1 2) {grow})")).unwrap();
    assert_eq!(limited.call(instance, "a", 2).unwrap(), -1);
    assert_eq!(limited.used(), (PAGE, 0, 0));
    // One above the limit says nothing: the limit is what was reached.
    let instance = limited.instantiate(&format!("(module (memory 1 2000) {grow})")).unwrap();
    assert_eq!(status_of(limited.call(instance, "a", 3000)), status::MEMORY_LIMIT);
}

#[test]
fn growths_that_fail_take_nothing_off() {
    let mut limited = Limited::new(Limits { memory_bytes: 3 * PAGE, trap_on_limit: 0, ..ROOMY });
    let instance = limited.instantiate(TWO_MEMORIES).unwrap();
    for _ in 0..10 {
        assert_eq!(limited.call(instance, "a", -1).unwrap(), -1, "more than there are addresses");
    }
    assert_eq!(limited.call(instance, "a", 1).unwrap(), 1);
    assert_eq!(limited.call(instance, "a", 1).unwrap(), -1);
    assert_eq!(limited.used().0, 3 * PAGE);
}

#[test]
fn exceptions_have_room_beside_the_only_memory() {
    let mut tally =
        Tally { limits: Limits { memory_bytes: PAGE, exception_bytes: PAGE, ..ROOMY }, used: Usage::default() };
    assert!(tally.memory_growing(0, PAGE as usize, None).unwrap());
    assert_eq!(tally.used.memory_bytes, PAGE, "the first is the guest's");
    assert!(tally.memory_growing(0, PAGE as usize, None).unwrap());
    assert_eq!(tally.used.memory_bytes, PAGE);
    assert!(tally.memory_growing(0, 2 * PAGE as usize, None).is_err(), "more than they may have");
    assert!(tally.memory_growing(PAGE as usize, 2 * PAGE as usize, None).is_err(), "a growth is not for them");
}

#[test]
fn sums_do_not_overflow() {
    let mut tally =
        Tally { limits: Limits { trap_on_limit: 0, memory_bytes: u64::MAX - 1, ..ROOMY }, used: Usage::default() };
    assert!(tally.memory_growing(0, usize::MAX - 1, None).unwrap());
    assert!(!tally.memory_growing(0, usize::MAX, None).unwrap());
}

/// Wasmtime has no type for it: the text is what `classify` looks for.
#[test]
fn instances_memories_and_tables_are_counted() {
    for (limits, text) in [
        (Limits { instances: 1, ..ROOMY }, "(module)"),
        (Limits { memories: 1, ..ROOMY }, "(module (memory 0))"),
        (Limits { tables: 1, ..ROOMY }, "(module (table 0 funcref))"),
    ] {
        let mut limited = Limited::new(limits);
        limited.instantiate(text).unwrap();
        assert_eq!(status_of(limited.instantiate(text)), status::INSTANCE_LIMIT, "{text}");
    }
}

fn run(engine: &Engine, fuel: u64, body: &str) -> Result<(), Error> {
    let mut store = Store::new(engine, ());
    store.set_fuel(fuel)?;
    store.set_epoch_deadline(1);
    let interrupt = engine.clone();
    let tick = wasmtime::Func::wrap(&mut store, move || interrupt.increment_epoch());
    let module =
        Module::new(engine, wasm(&format!(r#"(module (import "" "tick" (func $tick)) (func (export "f") {body}))"#)))?;
    let instance = Instance::new(&mut store, &module, &[tick.into()])?;
    instance.get_typed_func::<(), ()>(&mut store, "f")?.call(&mut store, ())
}

#[test]
fn the_end_of_a_guest_has_a_status() {
    let engine = wasmtime_store_context(&mut wasmtime_store_new(&counting_engine(), std::ptr::null_mut(), None))
        .engine()
        .clone();
    let ended_by = |result, trap: Trap| assert_eq!(cause_of(result), (status::HOST_ERROR, trap as i32));
    ended_by(run(&engine, 100, "(loop (br 0))"), Trap::OutOfFuel);
    ended_by(run(&engine, u64::MAX, "(call $tick) (loop (br 0))"), Trap::Interrupt);
    ended_by(run(&engine, 100, "unreachable"), Trap::UnreachableCodeReached);
    let trap = run(&engine, 100, "unreachable").map_err(|error| error.context("said on the way up"));
    ended_by(trap, Trap::UnreachableCodeReached);
    assert_eq!(status_of::<()>(Err(Error::msg("something else"))), status::HOST_ERROR);
}
