//! The world caisson:node, by the canonical ABI; node.wit has the types. The linker is told of the world:
//! `-C link-arg=--component-type=caisson/wit/node.wit`.

use crate::{Error, Kind, Level, Result};
use std::mem::forget;

/// A list or a text.
#[repr(C)]
#[derive(Clone, Copy)]
struct Bytes {
    at: *mut u8,
    size: usize,
}

impl Bytes {
    fn lent(bytes: &[u8]) -> Bytes {
        Bytes { at: bytes.as_ptr().cast_mut(), size: bytes.len() }
    }
    /// # Safety
    /// The host has written them to a place that `cabi_realloc` gave.
    unsafe fn into_vec(self) -> Vec<u8> {
        match self.size {
            0 => Vec::new(),
            size => Vec::from_raw_parts(self.at, size, size),
        }
    }
}

/// result<list<u8>, failure>: a failure is a variant of which each case has a text.
#[repr(C)]
struct Answer {
    is_failure: u8,
    value: AnswerValue,
}

#[repr(C)]
union AnswerValue {
    result: Bytes,
    failure: AnswerFailure,
}

#[repr(C)]
#[derive(Clone, Copy)]
struct AnswerFailure {
    kind: u8,
    reason: Bytes,
}

/// result<list<u8>, error>
#[repr(C)]
pub struct Processed {
    is_error: u8,
    bytes: Bytes,
    code: u16,
}

const _: () = assert!(size_of::<Answer>() == 16 && size_of::<Processed>() == 16);

#[link(wasm_import_module = "caisson:node/host@1.0.0")]
extern "C" {
    #[link_name = "log"]
    fn host_log(level: u32, at: *const u8, size: usize);
    #[link_name = "call"]
    fn host_call(operation: *const u8, operation_size: usize, input: *const u8, input_size: usize, to: *mut Answer);
}

extern "Rust" {
    fn caisson_processor(input: &[u8]) -> Result<Vec<u8>>;
}

pub(crate) fn log(level: Level, line: &str) {
    unsafe { host_log(level as u32, line.as_ptr(), line.len()) }
}

pub(crate) fn call(operation: &str, input: &[u8]) -> Result<Vec<u8>, (Kind, String)> {
    let mut answer = Answer { is_failure: 0, value: AnswerValue { result: Bytes::lent(&[]) } };
    let failure = unsafe {
        host_call(operation.as_ptr(), operation.len(), input.as_ptr(), input.len(), &mut answer);
        if answer.is_failure == 0 {
            return Ok(answer.value.result.into_vec());
        }
        answer.value.failure
    };
    let kind = match failure.kind {
        0 => Kind::NotFound,
        1 => Kind::Denied,
        2 => Kind::Invalid,
        3 => Kind::Limit,
        _ => Kind::Unknown,
    };
    Err((kind, String::from_utf8_lossy(&unsafe { failure.reason.into_vec() }).into_owned()))
}

/// # Safety
/// `at` and `size` are a place that `cabi_realloc` gave.
#[export_name = "caisson:node/processor@1.0.0#process"]
pub unsafe extern "C" fn process(at: *mut u8, size: usize) -> *mut Processed {
    let input = Bytes { at, size }.into_vec();
    let (bytes, is_error, code) = match caisson_processor(&input) {
        Ok(bytes) => (bytes, 0, 0),
        Err(Error { message, code }) => (message.into_bytes(), 1, code),
    };
    let processed = Box::new(Processed { is_error, bytes: Bytes::lent(&bytes), code });
    forget(bytes); // it is the host's until the instance ends, which is at once
    Box::into_raw(processed)
}
