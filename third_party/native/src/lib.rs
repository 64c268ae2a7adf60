//! Caisson's native library: the Wasmtime C API, SQLite, and the few things the C API of 48.0.8 lacks.
//!
//! One function of Wasmtime is patched (docs/adr/0013-a-patched-pool.md). Every entry point is `extern "C"`, returns a status and catches panics
//! (which needs `panic = "unwind"`). The header `include/caisson_native.h` is the contract; this file implements it.

pub use libsqlite3_sys as _sqlite;
pub use wasmtime_c_api::*;

mod component;
mod guard;
mod host;
mod limits;
mod pool;
mod structure;

#[cfg(test)]
#[path = "../tests/support.rs"]
mod support;
