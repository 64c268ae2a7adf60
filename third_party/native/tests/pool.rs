use super::*;
use crate::support::wasm;
use wasmtime::{Config, Engine, Instance, InstanceAllocationStrategy, Module, Store};
use wasmtime_c_api::{wasmtime_pooling_allocation_config_delete, wasmtime_pooling_allocation_config_new};

const PAGES: u64 = 64; // of memory
const KEPT: usize = 1 << 20; // of a slot's bytes, resident between two instances
const STEP: u64 = 8_192; // every other page of the machine: each one written is a run of its own

fn pool() -> Engine {
    let mut pooling = PoolingAllocationConfig::new();
    pooling.total_memories(1).total_core_instances(1).linear_memory_keep_resident(KEPT).pagemap_scan(Enabled::Auto);
    let mut config = Config::new();
    config.allocation_strategy(InstanceAllocationStrategy::Pooling(pooling));
    Engine::new(&config).unwrap()
}

fn each_instance(engine: &Engine, module: &Module, mut with: impl FnMut(&mut [u8])) {
    for _ in 0..3 {
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, module, &[]).unwrap();
        with(instance.get_memory(&mut store, "memory").unwrap().data_mut(&mut store));
    }
}

/// More runs of written pages than one scan takes note of, within what is kept resident and behind it.
#[test]
fn the_next_instance_finds_what_the_module_says() {
    let engine = pool();
    let text = format!(r#"(module (memory (export "memory") {PAGES}) (data (i32.const 4096) "image"))"#);
    let module = Module::new(&engine, wasm(&text)).unwrap();
    each_instance(&engine, &module, |memory| {
        assert_eq!(&memory[4_096..4_101], b"image");
        for (at, byte) in memory.iter().enumerate() {
            assert!(*byte == 0 || (4_096..4_101).contains(&at), "at {at} is {byte}");
        }
        memory.iter_mut().step_by(STEP as usize).for_each(|byte| *byte = 0xab);
        memory[4_096..4_101].fill(0xcd);
        *memory.last_mut().unwrap() = 0xef;
    });
}

#[test]
fn the_kernel_says_whether_it_can() {
    let mut config = wasmtime_pooling_allocation_config_new();
    let inner = std::ptr::from_mut(&mut *config).cast();
    let can = cn_pool_scan_pages(unsafe { &mut *inner });
    assert_eq!(can, PoolingAllocationConfig::is_pagemap_scan_available());
    wasmtime_pooling_allocation_config_delete(config);
}
