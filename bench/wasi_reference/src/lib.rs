//! Re-exports the C API; see Cargo.toml.
pub use wasmtime_c_api::*;
