//! What the tests of several files need.

use wasmtime_c_api::{
    wasm_config_new, wasm_engine_new_with_config, wasm_engine_t, wasmtime_config_consume_fuel_set,
    wasmtime_config_epoch_interruption_set,
};

pub const PAGE: u64 = 65_536;

/// The bytes of a module or component in text.
pub fn wasm(text: &str) -> Vec<u8> {
    wat::parse_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// An engine that counts fuel and has epochs.
pub fn counting_engine() -> Box<wasm_engine_t> {
    let mut config = wasm_config_new();
    wasmtime_config_consume_fuel_set(&mut config, true);
    wasmtime_config_epoch_interruption_set(&mut config, true);
    wasm_engine_new_with_config(config)
}
