//! The ABI `buffer`, version 1.

use crate::{json, Error, Kind, Level, Result};
use std::alloc::{alloc, Layout};
use std::sync::{Mutex, Once};

#[link(wasm_import_module = "caisson_v1")]
extern "C" {
    #[link_name = "log"]
    fn host_log(level: u32, at: *const u8, size: usize);
    #[link_name = "call"]
    fn host_call(operation: *const u8, operation_size: usize, input: *const u8, input_size: usize) -> u64;
    #[link_name = "take"]
    fn host_take(to: *mut u8, room: usize) -> i32;
}

extern "Rust" {
    fn caisson_processor(input: &[u8]) -> Result<Vec<u8>>;
}

pub(crate) fn log(level: Level, line: &str) {
    unsafe { host_log(level as u32, line.as_ptr(), line.len()) }
}

pub(crate) fn call(operation: &str, input: &[u8]) -> Result<Vec<u8>, (Kind, String)> {
    let packed = unsafe { host_call(operation.as_ptr(), operation.len(), input.as_ptr(), input.len()) };
    let mut result = vec![0; packed as u32 as usize];
    if unsafe { host_take(result.as_mut_ptr(), result.len()) } < 0 {
        unreachable!("the host has more than it said");
    }
    let kind = match packed >> 32 {
        0 => return Ok(result),
        1 => Kind::NotFound,
        2 => Kind::Denied,
        3 => Kind::Invalid,
        4 => Kind::Limit,
        5 => Kind::Unknown,
        _ => Kind::Failed,
    };
    Err((kind, String::from_utf8_lossy(&result).into_owned()))
}

#[no_mangle]
pub extern "C" fn caisson_abi() -> i32 {
    1
}

/// Null: there is no memory left.
#[no_mangle]
pub extern "C" fn caisson_alloc(size: usize) -> *mut u8 {
    match Layout::from_size_align(size.max(1), 16) {
        Ok(layout) => unsafe { alloc(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

static HOOK: Once = Once::new();

/// A panic is a trap, which says nothing: its message goes to the log.
fn report_panics() {
    HOOK.call_once(|| std::panic::set_hook(Box::new(|panic| log(Level::Error, &panic.to_string()))));
}

static OUTPUT: Mutex<Vec<u8>> = Mutex::new(Vec::new()); // valid until the next call

/// # Safety
/// `at` and `size` are a place that `caisson_alloc` gave.
#[no_mangle]
pub unsafe extern "C" fn caisson_process(at: *const u8, size: usize) -> u64 {
    report_panics();
    let (bytes, failed) = match caisson_processor(std::slice::from_raw_parts(at, size)) {
        Ok(bytes) => (bytes, 0),
        Err(Error { message, code }) => {
            (format!("{{\"message\":{},\"code\":{code}}}", json::quoted(&message)).into_bytes(), 1)
        }
    };
    let mut output = OUTPUT.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    *output = bytes;
    failed << 63 | (output.as_ptr() as u64) << 32 | output.len() as u64
}
