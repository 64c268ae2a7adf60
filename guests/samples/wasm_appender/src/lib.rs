//! Appends a suffix to a text: `hello world` becomes `hello world-wasm`.
//!
//! The module speaks Caisson's `c-style` ABI (api/abi.md): the host asks `allocate` for room, copies the input there and
//! calls `process`, which returns where the output is and writes its length to `out_len`. A null pointer is an error.

use std::alloc::{alloc, dealloc, Layout};

/// Change this, build again and run the workflow again: the host needs no rebuild.
const SUFFIX: &str = "-wasm";

/// What the module does. Everything below only carries the text in and out.
fn transform(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + SUFFIX.len());
    out.push_str(text);
    out.push_str(SUFFIX);
    out
}

/// Null (an error for the host) if the input is not UTF-8.
///
/// # Safety
/// `ptr` and `len` describe bytes the host wrote to memory that `allocate` gave; `out_len` has room for four bytes.
#[no_mangle]
pub unsafe extern "C" fn process(ptr: *const u8, len: usize, out_len: *mut usize) -> *mut u8 {
    let text = match std::str::from_utf8(std::slice::from_raw_parts(ptr, len)) {
        Ok(text) => text,
        Err(_) => return std::ptr::null_mut(),
    };
    let out = transform(text);
    // Copied into room from `allocate`, so that `deallocate` with the same size is always right.
    let result = allocate(out.len());
    if !result.is_null() {
        result.copy_from_nonoverlapping(out.as_ptr(), out.len());
        out_len.write(out.len());
    }
    result
}

/// Null if there is no memory left. Room for `size` bytes, aligned for any number.
#[no_mangle]
pub extern "C" fn allocate(size: usize) -> *mut u8 {
    match layout(size) {
        Some(layout) => unsafe { alloc(layout) },
        None => std::ptr::null_mut(),
    }
}

/// # Safety
/// `ptr` came from `allocate(size)` with the same size and is not used again.
#[no_mangle]
pub unsafe extern "C" fn deallocate(ptr: *mut u8, size: usize) {
    if let Some(layout) = layout(size) {
        dealloc(ptr, layout);
    }
}

fn layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.max(1), 8).ok()
}
