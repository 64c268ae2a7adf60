//! The panic barrier of every entry point, causes that have a number, and bytes lent across the boundary.

use std::panic::{catch_unwind, AssertUnwindSafe};
use wasmtime::Error;
use wasmtime_c_api::wasmtime_error_t;

/// What went wrong, where C++ has to know it; `enum cn_status` in the header.
pub mod status {
    pub const MEMORY_LIMIT: i32 = 5;
    pub const TABLE_LIMIT: i32 = 6;
    pub const INSTANCE_LIMIT: i32 = 7;
    pub const HANDLE_LIMIT: i32 = 8;
    pub const TRANSFER_LIMIT: i32 = 9;
    pub const HOST_ERROR: i32 = 12;
    pub const PANIC: i32 = 13;
}

/// An error of ours that keeps its status on the way to C++.
#[derive(Debug)]
pub struct Cause(pub i32, pub String);

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.1)
    }
}

impl std::error::Error for Cause {}

/// What an entry point returns: null when all is well.
pub type Outcome = Option<Box<wasmtime_error_t>>;

/// Runs `f`; a panic becomes an error with its text.
pub fn guard(f: impl FnOnce() -> Result<(), Error>) -> Outcome {
    let done = catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Err(Error::new(Cause(status::PANIC, text.unwrap_or_else(|| "panic without a text".into()))))
    });
    done.err().map(|error| Box::new(error.into()))
}

/// Panics on purpose: proves that the barrier works in the panic mode this library was built with.
#[no_mangle]
pub extern "C" fn cn_test_panic() -> Outcome {
    guard(|| panic!("deliberate"))
}

/// `cn_bytes`: bytes that one side lends the other.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Lent {
    at: *const u8,
    size: usize,
}

impl Lent {
    pub fn of(bytes: &[u8]) -> Lent {
        Lent { at: bytes.as_ptr(), size: bytes.len() }
    }
    /// # Safety
    /// The bytes are there for as long as the result is used; none may be nowhere.
    pub unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.size == 0 {
            return &[];
        }
        std::slice::from_raw_parts(self.at, self.size)
    }
}

#[cfg(test)]
#[path = "../tests/guard.rs"]
pub mod tests;
