//! A host that is the same everywhere and every time: its clock stands at one moment and moves by what is slept, its random
//! bytes come from a fixed seed, operations work on a map in memory.

use anyhow::{anyhow, Result};
use serde_json::json;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::pin;
use std::task::{Poll, Waker};
use wasmtime::{
    Caller, Config, Engine, Extern, InstanceAllocationStrategy, InstancePre, Linker, Memory,
    Module, OptLevel, PoolingAllocationConfig, Store, StoreLimits, StoreLimitsBuilder,
};

/// 2025-01-01T00:00:00Z, in nanoseconds.
const MOMENT: u64 = 1_735_689_600_000_000_000;
const LARGEST_MEMORY: usize = 512 << 20;
const ERRNO_NOTCAPABLE: i32 = 76;

pub struct State {
    limits: StoreLimits,
    slept: u64,
    random: u64,
    pending: Vec<u8>,
    kept: BTreeMap<String, Vec<u8>>,
    /// What a request of a case takes away: "clock", "random".
    pub refused: Vec<String>,
    pub lines: Vec<String>,
    pub host_calls: u64,
}

#[derive(PartialEq, Clone, Copy)]
pub enum Mode {
    Snapshot,
    Run,
}

pub struct Image {
    engine: Engine,
    pre: InstancePre<State>,
}

pub struct Answer {
    pub text: String,
    pub lines: Vec<String>,
    pub host_calls: u64,
    pub memory: usize,
    pub malformed: bool,
}

/// Runs a future that never has to wait.
pub fn wait<F: Future>(future: F) -> F::Output {
    let mut future = pin!(future);
    let mut context = std::task::Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

fn told<T>(result: wasmtime::Result<T>) -> Result<T> {
    result.map_err(|error| anyhow!("{error:?}"))
}

fn memory(caller: &mut Caller<'_, State>) -> Memory {
    caller
        .get_export("memory")
        .and_then(Extern::into_memory)
        .expect("an image exports its memory")
}

fn bytes(caller: &mut Caller<'_, State>, at: u32, size: u32) -> Vec<u8> {
    let memory = memory(caller);
    memory.data(&caller)[at as usize..][..size as usize].to_vec()
}

fn write(caller: &mut Caller<'_, State>, at: u32, bytes: &[u8]) {
    let memory = memory(caller);
    memory.data_mut(caller)[at as usize..][..bytes.len()].copy_from_slice(bytes);
}

fn refuses(caller: &mut Caller<'_, State>, what: &str) -> bool {
    caller.data_mut().host_calls += 1;
    caller.data().refused.iter().any(|name| name == what)
}

/// splitmix64.
fn next_random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

fn operate(state: &mut State, operation: &str, input: &[u8]) -> (u32, Vec<u8>) {
    let split = input
        .iter()
        .position(|&byte| byte == b'\n')
        .unwrap_or(input.len());
    let Ok(head) = serde_json::from_slice::<serde_json::Value>(&input[..split]) else {
        return (3, b"the head is no JSON".to_vec());
    };
    let body = input.get(split + 1..).unwrap_or_default().to_vec();
    let key = head["key"].as_str().unwrap_or_default().to_string();
    match operation {
        "kv.get" => state
            .kept
            .get(&key)
            .map_or((1, vec![]), |value| (0, value.clone())),
        "kv.set" => {
            state.kept.insert(key, body);
            (0, vec![])
        }
        "kv.delete" => (
            if state.kept.remove(&key).is_some() {
                0
            } else {
                1
            },
            vec![],
        ),
        "emit" => {
            let topic = head["topic"].as_str().unwrap_or_default();
            state
                .lines
                .push(format!("emit {topic}: {}", String::from_utf8_lossy(&body)));
            (0, vec![])
        }
        "http.fetch"
            if head["url"]
                .as_str()
                .is_some_and(|url| url.starts_with("https://granted.example/")) =>
        {
            let echo = json!({"head": head, "body": String::from_utf8_lossy(&body)});
            let status = if head["url"]
                .as_str()
                .is_some_and(|url| url.ends_with("/missing"))
            {
                404
            } else {
                200
            };
            let answer = json!({"status": status, "headers": [["content-type", "application/json"], ["x-a", "b"]]});
            (0, format!("{answer}\n{echo}").into_bytes())
        }
        "http.fetch" => (2, vec![]),
        _ => (5, vec![]),
    }
}

/// The engine that images are run with, and the host's functions.
pub fn engine(mode: Mode) -> Result<(Engine, Linker<State>)> {
    let mut config = Config::new();
    config.wasm_exceptions(true);
    config.max_wasm_stack(4 << 20).async_stack_size(8 << 20);
    if mode == Mode::Snapshot {
        config.cranelift_opt_level(OptLevel::None);
    } else {
        config.consume_fuel(true).epoch_interruption(true);
        let mut pool = PoolingAllocationConfig::new();
        pool.total_core_instances(8)
            .total_memories(8)
            .total_tables(8)
            .table_elements(30_000);
        pool.max_memory_size(LARGEST_MEMORY)
            .max_core_instance_size(8 << 20);
        config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
    }
    let engine = told(Engine::new(&config))?;
    let mut linker = Linker::new(&engine);
    told(define(&mut linker))?;
    Ok((engine, linker))
}

fn define(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    const WASI: &str = "wasi_snapshot_preview1";
    linker.func_wrap(
        WASI,
        "clock_time_get",
        |mut c: Caller<'_, State>, _: i32, _: i64, at: u32| {
            if refuses(&mut c, "clock") {
                return ERRNO_NOTCAPABLE;
            }
            let now = MOMENT + c.data().slept;
            write(&mut c, at, &now.to_le_bytes());
            0
        },
    )?;
    linker.func_wrap(
        WASI,
        "clock_res_get",
        |mut c: Caller<'_, State>, _: i32, at: u32| {
            if refuses(&mut c, "clock") {
                return ERRNO_NOTCAPABLE;
            }
            write(&mut c, at, &1_000_000u64.to_le_bytes());
            0
        },
    )?;
    linker.func_wrap(
        WASI,
        "random_get",
        |mut c: Caller<'_, State>, at: u32, size: u32| {
            if refuses(&mut c, "random") {
                return ERRNO_NOTCAPABLE;
            }
            let bytes: Vec<u8> = (0..size)
                .map(|_| next_random(&mut c.data_mut().random) as u8)
                .collect();
            write(&mut c, at, &bytes);
            0
        },
    )?;
    linker.func_wrap(
        WASI,
        "poll_oneoff",
        |mut c: Caller<'_, State>, from: u32, to: u32, _: u32, count: u32| {
            if refuses(&mut c, "clock") {
                return ERRNO_NOTCAPABLE;
            }
            let wait = bytes(&mut c, from, 48);
            let number = |at: usize| u64::from_le_bytes(wait[at..at + 8].try_into().unwrap());
            let (until, absolute) = (number(24), wait[40] & 1 == 1);
            c.data_mut().slept += if absolute {
                until.saturating_sub(MOMENT + c.data().slept)
            } else {
                until
            };
            let mut event = [0; 32];
            event[..8].copy_from_slice(&wait[..8]);
            write(&mut c, to, &event);
            write(&mut c, count, &1u32.to_le_bytes());
            0
        },
    )?;
    linker.func_wrap(
        "caisson_v1",
        "log",
        |mut c: Caller<'_, State>, level: i32, at: u32, size: u32| {
            let text = bytes(&mut c, at, size);
            let name = ["trace", "debug", "info", "warning", "error"][level.clamp(0, 4) as usize];
            c.data_mut().host_calls += 1;
            c.data_mut()
                .lines
                .push(format!("{name}: {}", String::from_utf8_lossy(&text)));
        },
    )?;
    linker.func_wrap(
        "caisson_v1",
        "call",
        |mut c: Caller<'_, State>, op: u32, op_size: u32, at: u32, size: u32| {
            let operation = String::from_utf8_lossy(&bytes(&mut c, op, op_size)).into_owned();
            let input = bytes(&mut c, at, size);
            c.data_mut().host_calls += 1;
            let (status, result) = operate(c.data_mut(), &operation, &input);
            let answer = i64::from(status) << 32 | result.len() as i64;
            c.data_mut().pending = result;
            answer
        },
    )?;
    linker.func_wrap(
        "caisson_v1",
        "take",
        |mut c: Caller<'_, State>, at: u32, room: u32| {
            c.data_mut().host_calls += 1;
            if c.data().pending.len() > room as usize {
                return -1;
            }
            let result = std::mem::take(&mut c.data_mut().pending);
            write(&mut c, at, &result);
            result.len() as i32
        },
    )?;
    Ok(())
}

pub fn store(engine: &Engine) -> Store<State> {
    let limits = StoreLimitsBuilder::new()
        .memory_size(LARGEST_MEMORY)
        .build();
    let state = State {
        limits,
        slept: 0,
        random: 42,
        pending: vec![],
        kept: BTreeMap::new(),
        refused: vec![],
        lines: vec![],
        host_calls: 0,
    };
    let mut store = Store::new(engine, state);
    store.limiter(|state| &mut state.limits);
    store
}

pub fn facts(image: &[u8]) -> Result<serde_json::Value> {
    let mut config = Config::new();
    config
        .wasm_exceptions(true)
        .cranelift_opt_level(OptLevel::None);
    let module = told(Module::new(&told(Engine::new(&config))?, image))?;
    let imports: Vec<String> = module
        .imports()
        .map(|i| format!("{}.{}", i.module(), i.name()))
        .collect();
    let exports: Vec<&str> = module.exports().map(|export| export.name()).collect();
    let pages = module
        .get_export("memory")
        .and_then(|e| e.memory().map(|m| m.minimum()))
        .unwrap_or(0);
    Ok(json!({"imports": imports, "exports": exports, "memory": pages * 65536}))
}

impl Image {
    pub fn load(image: &[u8]) -> Result<Image> {
        let (engine, linker) = engine(Mode::Run)?;
        let module = told(Module::new(&engine, image))?;
        let pre = told(linker.instantiate_pre(&module))?;
        Ok(Image { engine, pre })
    }

    pub fn call(&self, code: &[u8], request: &[u8]) -> Result<Answer> {
        self.call_limited(code, request, LARGEST_MEMORY, &[])
    }

    /// One call in an instance of its own. A trap is an error.
    pub fn call_limited(
        &self,
        code: &[u8],
        request: &[u8],
        memory: usize,
        refused: &[String],
    ) -> Result<Answer> {
        let mut store = store(&self.engine);
        store.data_mut().limits = StoreLimitsBuilder::new().memory_size(memory).build();
        store.data_mut().refused = refused.to_vec();
        told(store.set_fuel(u64::MAX / 2))?;
        store.set_epoch_deadline(1_000_000);
        let instance = told(self.pre.instantiate(&mut store))?;
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| anyhow!("no memory"))?;
        let alloc = told(instance.get_typed_func::<u32, u32>(&mut store, "caisson_alloc"))?;
        let run =
            told(instance.get_typed_func::<(u32, u32, u32, u32), u64>(&mut store, "caisson_run"))?;
        let mut places = [0; 2];
        for (place, bytes) in places.iter_mut().zip([code, request]) {
            *place = told(alloc.call(&mut store, bytes.len() as u32))?;
            told(
                memory
                    .write(&mut store, *place as usize, bytes)
                    .map_err(Into::into),
            )?;
        }
        let sizes = (code.len() as u32, request.len() as u32);
        let result = told(run.call(&mut store, (places[0], sizes.0, places[1], sizes.1)))?;
        let (at, size) = (
            (result >> 32 & 0x7FFF_FFFF) as usize,
            (result & 0xFFFF_FFFF) as usize,
        );
        let text = String::from_utf8(memory.data(&store)[at..at + size].to_vec())?;
        let memory = memory.data_size(&store);
        let state = store.into_data();
        Ok(Answer {
            text,
            lines: state.lines,
            host_calls: state.host_calls,
            memory,
            malformed: result >> 63 == 1,
        })
    }
}
