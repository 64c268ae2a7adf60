//! Bytes handed to C++ and the panic barrier of every entry point.

use std::mem::ManuallyDrop;
use std::panic::{catch_unwind, AssertUnwindSafe};

/// What an entry point returns; `enum cn_status` in the header.
pub mod status {
    pub const OK: i32 = 0;
    pub const GUEST_ERROR: i32 = 1;
    pub const TRAP: i32 = 2;
    pub const OUT_OF_FUEL: i32 = 3;
    pub const DEADLINE: i32 = 4;
    pub const MEMORY_LIMIT: i32 = 5;
    pub const TABLE_LIMIT: i32 = 6;
    pub const INSTANCE_LIMIT: i32 = 7;
    pub const HANDLE_LIMIT: i32 = 8;
    pub const TRANSFER_LIMIT: i32 = 9;
    pub const REJECTED: i32 = 11;
    pub const HOST_ERROR: i32 = 12;
    pub const PANIC: i32 = 13;
}

/// The bytes that C++ lends for a call.
///
/// # Safety
/// `bytes` has `size` bytes for as long as the result is used; it may be null when there are none.
pub unsafe fn slice<'a>(bytes: *const u8, size: usize) -> &'a [u8] {
    if size == 0 {
        return &[];
    }
    std::slice::from_raw_parts(bytes, size)
}

/// Bytes owned by Rust and lent to C++ until `cn_buf_free`.
#[repr(C)]
pub struct Buf {
    ptr: *mut u8,
    len: usize,
    cap: usize,
}

impl Buf {
    /// Stores `bytes` in `*out` without copying. An earlier content is NOT freed: callers start from `{0}`.
    ///
    /// # Safety
    /// `out` is null or points to a writable `Buf`.
    pub unsafe fn give(out: *mut Buf, bytes: Vec<u8>) {
        if !out.is_null() {
            let mut bytes = ManuallyDrop::new(bytes);
            out.write(Buf { ptr: bytes.as_mut_ptr(), len: bytes.len(), cap: bytes.capacity() });
        }
    }
}

/// Frees what an entry point gave and leaves `{0}`, so that freeing twice is harmless.
///
/// # Safety
/// `buf` points to a `cn_buf` that is `{0}` or was filled by this library.
#[no_mangle]
pub unsafe extern "C" fn cn_buf_free(buf: *mut Buf) {
    let b = &mut *buf;
    if !b.ptr.is_null() {
        drop(Vec::from_raw_parts(b.ptr, b.len, b.cap));
    }
    buf.write(Buf { ptr: std::ptr::null_mut(), len: 0, cap: 0 });
}

/// Runs `f`; a panic becomes `PANIC` with its text in `err`.
pub fn guard(err: *mut Buf, f: impl FnOnce() -> i32) -> i32 {
    catch_unwind(AssertUnwindSafe(f)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .cloned()
            .or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string))
            .unwrap_or_else(|| "panic without a text".into());
        unsafe { Buf::give(err, text.into_bytes()) };
        status::PANIC
    })
}

/// Panics on purpose: proves that the barrier works in the panic mode this library was built with.
#[no_mangle]
pub extern "C" fn cn_test_panic(err: *mut Buf) -> i32 {
    guard(err, || panic!("deliberate"))
}

#[cfg(test)]
#[path = "../tests/guard.rs"]
pub mod tests;
