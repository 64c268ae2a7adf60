//! Limits of a store that count over ALL its memories and tables, with a cause that has a type.
//!
//! Wasmtime's own `StoreLimits` apply to each memory alone and refuse a growth silently. The tally sums what the store
//! holds and, when asked to, turns a refusal into a trap that the host can tell from a bug of the guest.

use crate::guard::status::{
    DEADLINE, HANDLE_LIMIT, HOST_ERROR, INSTANCE_LIMIT, MEMORY_LIMIT, OUT_OF_FUEL, TABLE_LIMIT, TRANSFER_LIMIT, TRAP,
};
use std::cell::UnsafeCell;
use std::sync::Arc;
use wasmtime::{Error, ResourceLimiter, Store, Trap};
use wasmtime_c_api::{wasmtime_error_t, wasmtime_store_t, WasmtimeStoreData};

#[repr(C)]
#[derive(Clone, Copy)]
pub struct Limits {
    pub memory_bytes: u64,
    pub table_elements: u64,
    pub exception_bytes: u64,
    pub instances: u32,
    pub memories: u32,
    pub tables: u32,
    pub trap_on_limit: u8,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Usage {
    pub memory_bytes: u64,
    pub table_elements: u64,
    pub denied: u32,
}

#[derive(Clone, Copy, Debug)]
#[repr(i32)]
enum LimitHit {
    Memory = MEMORY_LIMIT,
    Table = TABLE_LIMIT,
}

impl std::fmt::Display for LimitHit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            LimitHit::Memory => "memory limit reached",
            LimitHit::Table => "table limit reached",
        })
    }
}

impl std::error::Error for LimitHit {}

/// Wasm never shrinks a memory and an instance lives as long as its store, so the running total IS the peak.
pub struct Tally {
    limits: Limits,
    pub used: Usage,
}

impl Tally {
    pub fn new(limits: Limits) -> Tally {
        Tally { limits, used: Usage::default() }
    }
    fn grow(&mut self, hit: LimitHit, now: usize, want: usize, max: Option<usize>) -> Result<bool, Error> {
        let (used, cap) = match hit {
            LimitHit::Memory => (&mut self.used.memory_bytes, self.limits.memory_bytes),
            LimitHit::Table => (&mut self.used.table_elements, self.limits.table_elements),
        };
        // The heap that exceptions live in is a memory beside the guest's only one: without room to throw, a guest whose
        // memory is used up could not say so.
        if matches!(hit, LimitHit::Memory) && now == 0 && *used > 0 && want as u64 <= self.limits.exception_bytes {
            return Ok(true);
        }
        // A growth over the maximum that the module declares fails anyway: it is no limit of ours and must not be counted.
        // (A maximum above the limit may be the pool's own; then the limit is what was reached.) Never subtract in
        // *_grow_failed: Wasmtime also calls that for growths it never announced, so a guest could lower its own total.
        if max.is_some_and(|m| want > m && m as u64 <= cap) {
            return Ok(false);
        }
        let total = used.saturating_add(want.saturating_sub(now) as u64);
        if total <= cap {
            *used = total;
            return Ok(true);
        }
        self.used.denied = self.used.denied.saturating_add(1);
        if self.limits.trap_on_limit != 0 {
            return Err(Error::new(hit));
        }
        Ok(false)
    }
}

impl ResourceLimiter for Tally {
    fn memory_growing(&mut self, now: usize, want: usize, max: Option<usize>) -> Result<bool, Error> {
        self.grow(LimitHit::Memory, now, want, max)
    }
    fn table_growing(&mut self, now: usize, want: usize, max: Option<usize>) -> Result<bool, Error> {
        self.grow(LimitHit::Table, now, want, max)
    }
    fn instances(&self) -> usize {
        self.limits.instances as usize
    }
    fn memories(&self) -> usize {
        self.limits.memories as usize
    }
    fn tables(&self) -> usize {
        self.limits.tables as usize
    }
}

/// A tally shared by a store and the host; the host reads it only between calls into the store.
pub struct SharedTally(Arc<UnsafeCell<Tally>>);
// The store moves between threads together with its owner, and the owner alone reads (contract of the header).
unsafe impl Send for SharedTally {}
unsafe impl Sync for SharedTally {}

// `wasmtime_store_t` is repr(C) with the Store as its only field, so a pointer to it is a pointer to the Store. The only
// cast of this crate; the version is pinned and the layout is checked here.
const _: () = assert!(size_of::<wasmtime_store_t>() == size_of::<Store<WasmtimeStoreData>>());
const _: () = assert!(align_of::<wasmtime_store_t>() == align_of::<Store<WasmtimeStoreData>>());

/// # Safety
/// `store` and `limits` are valid; the result is released by `cn_tally_delete`.
#[no_mangle]
pub unsafe extern "C" fn cn_store_limit(store: *mut wasmtime_store_t, limits: *const Limits) -> *mut SharedTally {
    let shared = Arc::new(UnsafeCell::new(Tally::new(*limits)));
    let inner = SharedTally(shared.clone());
    (*store.cast::<Store<WasmtimeStoreData>>()).limiter(move |_| {
        let inner = &inner; // captures the whole (Send) wrapper, which is dropped with the store
        &mut *inner.0.get()
    });
    Box::into_raw(Box::new(SharedTally(shared)))
}

/// # Safety
/// `tally` comes from `cn_store_limit`; no call into its store is running.
#[no_mangle]
pub unsafe extern "C" fn cn_tally_read(tally: *const SharedTally, usage: *mut Usage) {
    usage.write((*(*tally).0.get()).used);
}

/// # Safety
/// `tally` comes from `cn_store_limit` and is not used afterwards.
#[no_mangle]
pub unsafe extern "C" fn cn_tally_delete(tally: *mut SharedTally) {
    drop(Box::from_raw(tally));
}

/// Limits that Wasmtime reports by a private type or none at all: only their texts tell. Pinned by the tests of
/// this file and of component.rs.
const TEXTS: [(&str, i32); 3] = [
    ("fuel allocated for hostcalls has been exhausted", TRANSFER_LIMIT),
    ("store handle limit exceeded", HANDLE_LIMIT),
    ("resource limit exceeded: ", INSTANCE_LIMIT),
];

pub fn classify(error: &Error) -> i32 {
    if let Some(hit) = error.downcast_ref::<LimitHit>() {
        return *hit as i32;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => OUT_OF_FUEL,
        Some(Trap::Interrupt) => DEADLINE,
        Some(_) => TRAP,
        None => {
            let text = error.root_cause().to_string();
            let known = TEXTS.iter().find(|(part, _)| text.contains(part));
            known.map_or(HOST_ERROR, |(_, status)| *status)
        }
    }
}

/// # Safety
/// `error` is a live error of the C API; it stays usable.
#[no_mangle]
pub unsafe extern "C" fn cn_error_status(error: *mut wasmtime_error_t) -> i32 {
    // The C error converts into and from `wasmtime::Error` by value only: taken out, looked at, put back.
    let inner: Error = error.read().into();
    let status = classify(&inner);
    error.write(inner.into());
    status
}

#[cfg(test)]
#[path = "../tests/limits.rs"]
pub mod tests;
