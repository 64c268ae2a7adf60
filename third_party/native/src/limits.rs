//! Limits of a store that count over ALL its memories and tables, with a cause that has a type.
//!
//! Wasmtime's own `StoreLimits` apply to each memory alone and refuse a growth silently. The tally sums what the store
//! holds and, when asked to, turns a refusal into a trap that the host can tell from a bug of the guest.

use crate::guard::{status::*, Cause};
use wasmtime::{Error, ResourceLimiter, Store, Trap};
use wasmtime_c_api::{wasmtime_error_t, wasmtime_store_t, WasmtimeStoreData};

/// `cn_limits`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Limits {
    pub memory_bytes: u64,
    pub table_elements: u64,
    pub exception_bytes: u64,
    pub transfer_bytes: u64,
    pub handles: u32,
    pub instances: u32,
    pub memories: u32,
    pub tables: u32,
    pub trap_on_limit: u8,
}

/// `cn_usage`. Wasm never shrinks a memory and an instance lives as long as its store: what is used now IS the peak.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct Usage {
    pub memory_bytes: u64,
    pub table_elements: u64,
    pub denied: u32,
}

/// `cn_tally`: what a store may have and what it has.
#[repr(C)]
pub struct Tally {
    pub limits: Limits,
    pub used: Usage,
}

impl Tally {
    fn grow(&mut self, status: i32, now: usize, want: usize, max: Option<usize>) -> Result<bool, Error> {
        let (used, cap, what) = match status {
            MEMORY_LIMIT => (&mut self.used.memory_bytes, self.limits.memory_bytes, "memory"),
            _ => (&mut self.used.table_elements, self.limits.table_elements, "table"),
        };
        // The heap that exceptions live in is a memory beside the guest's only one: without room to throw, a guest whose
        // memory is used up could not say so.
        if status == MEMORY_LIMIT && now == 0 && *used > 0 && want as u64 <= self.limits.exception_bytes {
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
            return Err(Error::new(Cause(status, format!("{what} limit reached"))));
        }
        Ok(false)
    }
}

impl ResourceLimiter for Tally {
    fn memory_growing(&mut self, now: usize, want: usize, max: Option<usize>) -> Result<bool, Error> {
        self.grow(MEMORY_LIMIT, now, want, max)
    }
    fn table_growing(&mut self, now: usize, want: usize, max: Option<usize>) -> Result<bool, Error> {
        self.grow(TABLE_LIMIT, now, want, max)
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

/// A tally that C++ owns. It reads it on the thread of the store, when nothing grows.
struct Shared(*mut Tally);
// The store moves between threads together with its owner.
unsafe impl Send for Shared {}
unsafe impl Sync for Shared {}

// `wasmtime_store_t` is repr(C) with the Store as its only field, so a pointer to it is a pointer to the Store. The
// version is pinned and the layout is checked here.
const _: () = assert!(size_of::<wasmtime_store_t>() == size_of::<Store<WasmtimeStoreData>>());
const _: () = assert!(align_of::<wasmtime_store_t>() == align_of::<Store<WasmtimeStoreData>>());

/// # Safety
/// `store` is live, and `tally` outlives it.
#[no_mangle]
pub unsafe extern "C" fn cn_store_limit(store: &mut Store<WasmtimeStoreData>, tally: *mut Tally) {
    let (limits, shared) = ((*tally).limits, Shared(tally));
    store.set_max_component_handles(limits.handles as usize);
    store.set_hostcall_fuel(usize::try_from(limits.transfer_bytes).unwrap_or(usize::MAX));
    store.limiter(move |_| {
        let shared = &shared; // captures the whole (Send) wrapper
        &mut *shared.0
    });
}

/// Limits that Wasmtime reports by a private type or none at all: only their texts tell. Pinned by the tests of
/// this file and of component.rs.
const TEXTS: [(&str, i32); 3] = [
    ("fuel allocated for hostcalls has been exhausted", TRANSFER_LIMIT),
    ("store handle limit exceeded", HANDLE_LIMIT),
    ("resource limit exceeded: ", INSTANCE_LIMIT),
];

fn known_by_text(error: &Error) -> i32 {
    let text = error.root_cause().to_string();
    TEXTS.iter().find(|(part, _)| text.contains(part)).map_or(HOST_ERROR, |(_, status)| *status)
}

/// # Safety
/// `error` is a live error of the C API; it stays usable.
#[no_mangle]
pub unsafe extern "C" fn cn_error_status(error: *mut wasmtime_error_t, trap_code: &mut i32) -> i32 {
    // The C error converts into and from `wasmtime::Error` by value only: taken out, looked at, put back.
    let inner: Error = error.read().into();
    *trap_code = inner.downcast_ref::<Trap>().map_or(-1, |trap| *trap as i32);
    let status = inner.downcast_ref::<Cause>().map_or_else(|| known_by_text(&inner), |cause| cause.0);
    error.write(inner.into());
    status
}

#[cfg(test)]
#[path = "../tests/limits.rs"]
pub mod tests;
