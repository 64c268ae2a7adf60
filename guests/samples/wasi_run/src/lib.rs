//! A library that a workflow calls by the name of its function, with WASI for what the standard library needs.
//!
//! Grants it needs: `{preset: wasi}`.

/// Greets on standard output and returns 0, which means success.
#[no_mangle]
pub extern "C" fn run() -> i32 {
    println!("Hello from WASI!");
    0
}
