//! What the C API's pooling allocator lacks: asking the kernel which pages of a slot were written.

use wasmtime::{Enabled, PoolingAllocationConfig};
use wasmtime_c_api::wasmtime_pooling_allocation_config_t;

// The C API's struct has the configuration as its only field, which is private: as large as its field, it has no room to
// hold it anywhere but at its beginning. The version is pinned and the layout is checked here.
const _: () = assert!(size_of::<wasmtime_pooling_allocation_config_t>() == size_of::<PoolingAllocationConfig>());
const _: () = assert!(align_of::<wasmtime_pooling_allocation_config_t>() == align_of::<PoolingAllocationConfig>());

// Without the patch a page that is swapped out or being moved keeps what a guest wrote, for the next one to read.
const _: () = PoolingAllocationConfig::PAGEMAP_SCAN_FINDS_ALL;

/// For a `wasmtime_pooling_allocation_config_t` that nothing else uses meanwhile.
#[no_mangle]
pub extern "C" fn cn_pool_scan_pages(config: &mut PoolingAllocationConfig) -> bool {
    config.pagemap_scan(Enabled::Auto);
    PoolingAllocationConfig::is_pagemap_scan_available()
}

#[cfg(test)]
#[path = "../tests/pool.rs"]
mod tests;
