//! Components: compiled, described, linked to the host's functions (host.rs), and called with bytes in and bytes out.
//!
//! Everything is synchronous: what would block is a function of the host, which waits itself and knows the deadline.

use crate::describe;
use crate::guard::{guard, slice, status, Buf};
use crate::host::{self, Ctx, Host, HostName};
use crate::limits::{classify, Limits, Tally, Usage};
use wasmtime::component::{
    types::ComponentItem, Component, ComponentExportIndex, ComponentType, InstancePre, Lift, Linker,
};
use wasmtime::{Engine, Error, Store, Trap, UpdateDeadline};
use wasmtime_c_api::{wasm_engine_t, wasmtime_store_context, wasmtime_store_new};

/// `cn_component_limits`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ComponentLimits {
    store: Limits,
    fuel: u64,
    transfer_bytes: u64,
    handles: u32,
}

/// `cn_component_usage`.
#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct ComponentUsage {
    store: Usage,
    fuel: u64,
    baseline_bytes: u64,
    trap_code: i32,
    error_code: i32,
}

/// How a component is called: by the first of these interfaces that it exports.
#[derive(Clone, Copy)]
enum Entry {
    Node,
    Dagwood,
    Run,
}

/// The interface of each entry, without its version, the versions that are compatible, and the function.
const ENTRIES: [(Entry, &str, &str); 3] = [
    (Entry::Node, "caisson:node/processor@1.", "process"),
    (Entry::Dagwood, "dagwood:component/processing-node@1.", "process"),
    (Entry::Run, "wasi:cli/run@0.2.", "run"),
];

/// The `error` of caisson:node.
#[derive(ComponentType, Lift)]
#[component(record)]
struct NodeError {
    message: String,
    code: u16,
}

/// The `processing-error` of dagwood:component.
#[derive(ComponentType, Lift)]
#[component(variant)]
enum ProcessingError {
    #[component(name = "invalid-input")]
    InvalidInput(String),
    #[component(name = "processing-failed")]
    ProcessingFailed(String),
    #[component(name = "input-too-large")]
    InputTooLarge(u64),
}

impl From<ProcessingError> for NodeError {
    fn from(error: ProcessingError) -> NodeError {
        let (message, code) = match error {
            ProcessingError::InvalidInput(message) => (message, 400),
            ProcessingError::ProcessingFailed(message) => (message, 500),
            ProcessingError::InputTooLarge(size) => (format!("input too large: {size}"), 413),
        };
        NodeError { message, code }
    }
}

/// The Engine inside a `wasm_engine_t`, whose field is private to the C API: a store made through the C API hands out a
/// public type that knows its engine. Costs an empty store, when something is compiled.
fn engine_of(engine: &wasm_engine_t) -> Engine {
    let mut store = wasmtime_store_new(engine, std::ptr::null_mut(), None);
    wasmtime_store_context(&mut store).engine().clone()
}

pub struct CnComponent(Component);

pub struct CnPre {
    pre: InstancePre<Ctx>,
    entry: Entry,
    function: ComponentExportIndex,
}

/// Leaves the made object, or the text of the error with REJECTED.
unsafe fn give<T>(made: Result<T, Error>, out: *mut *mut T, err: *mut Buf) -> i32 {
    match made {
        Ok(object) => {
            out.write(Box::into_raw(Box::new(object)));
            status::OK
        }
        Err(error) => {
            Buf::give(err, format!("{error:?}").into_bytes());
            status::REJECTED
        }
    }
}

/// # Safety
/// The pointers are as the header says.
#[no_mangle]
pub unsafe extern "C" fn cn_component_compile(
    engine: &wasm_engine_t,
    bytes: *const u8,
    size: usize,
    out: *mut *mut CnComponent,
    err: *mut Buf,
) -> i32 {
    guard(err, || {
        let made = Component::from_binary(&engine_of(engine), slice(bytes, size));
        give(made.map(CnComponent), out, err)
    })
}

/// # Safety
/// `component` is live; `out` is `{0}`.
#[no_mangle]
pub unsafe extern "C" fn cn_component_serialize(component: &CnComponent, out: *mut Buf) -> i32 {
    guard(out, || match component.0.serialize() {
        Ok(bytes) => {
            Buf::give(out, bytes);
            status::OK
        }
        Err(error) => {
            Buf::give(out, error.to_string().into_bytes());
            status::HOST_ERROR
        }
    })
}

/// # Safety
/// The bytes are machine code and are trusted: they come from `cn_component_serialize`.
#[no_mangle]
pub unsafe extern "C" fn cn_component_deserialize(
    engine: &wasm_engine_t,
    bytes: *const u8,
    size: usize,
    out: *mut *mut CnComponent,
    err: *mut Buf,
) -> i32 {
    guard(err, || {
        let made = Component::deserialize(&engine_of(engine), slice(bytes, size));
        give(made.map(CnComponent), out, err)
    })
}

/// # Safety
/// `component` comes from here and is not used afterwards.
#[no_mangle]
pub unsafe extern "C" fn cn_component_delete(component: *mut CnComponent) {
    drop(Box::from_raw(component));
}

/// # Safety
/// `pre` comes from here and is not used afterwards.
#[no_mangle]
pub unsafe extern "C" fn cn_component_pre_delete(pre: *mut CnPre) {
    drop(Box::from_raw(pre));
}

#[no_mangle]
pub extern "C" fn cn_component_code_bytes(component: &CnComponent) -> usize {
    let image = component.0.image_range();
    image.end.addr() - image.start.addr()
}

/// # Safety
/// `component` is live; `out` is `{0}`.
#[no_mangle]
pub unsafe extern "C" fn cn_component_describe(component: &CnComponent, out: *mut Buf) -> i32 {
    guard(out, || {
        Buf::give(out, describe::component(&component.0));
        status::OK
    })
}

fn find_entry(component: &Component) -> Option<(Entry, ComponentExportIndex)> {
    let ty = component.component_type();
    for (entry, interface, function) in ENTRIES {
        let found = ty
            .exports(component.engine())
            .find(|(name, item)| name.starts_with(interface) && matches!(item.ty, ComponentItem::ComponentInstance(_)))
            .and_then(|(name, _)| component.get_export_index(None, name))
            .and_then(|instance| component.get_export_index(Some(&instance), function));
        if let Some(index) = found {
            return Some((entry, index));
        }
    }
    None
}

fn link(component: &Component, names: &[(&str, &str)]) -> Result<CnPre, Error> {
    let mut linker = Linker::new(component.engine());
    host::link(&mut linker, names)?;
    host::link_files(&mut linker, component)?;
    let pre = linker.instantiate_pre(component)?;
    let (entry, function) =
        find_entry(component).ok_or_else(|| Error::msg("it exports no interface that is called"))?;
    Ok(CnPre { pre, entry, function })
}

/// # Safety
/// `names` has `count` entries; the other pointers are as the header says.
#[no_mangle]
pub unsafe extern "C" fn cn_component_link(
    component: &CnComponent,
    names: *const HostName,
    count: usize,
    out: *mut *mut CnPre,
    err: *mut Buf,
) -> i32 {
    guard(err, || {
        let names: Vec<(&str, &str)> = (0..count).map(|i| (*names.add(i)).text()).collect();
        give(link(&component.0, &names), out, err)
    })
}

fn run(
    pre: &CnPre,
    input: &[u8],
    limits: &ComponentLimits,
    host: &Host,
    used: &mut ComponentUsage,
) -> Result<Result<Vec<u8>, NodeError>, Error> {
    let ctx = Ctx { host: *host, tally: Tally::new(limits.store) };
    let mut store = Store::new(pre.pre.engine(), ctx);
    store.limiter(|ctx| &mut ctx.tally);
    store.set_max_component_handles(limits.handles as usize);
    store.set_hostcall_fuel(usize::try_from(limits.transfer_bytes).unwrap_or(usize::MAX));
    store.set_fuel(limits.fuel)?;
    // At every tick the host looks at its clock, its limits and whether somebody wants the call to end.
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(|cx| {
        let ctx = cx.data();
        if ctx.host.tick(ctx.tally.used.memory_bytes) {
            return Ok(UpdateDeadline::Continue(1));
        }
        Err(Error::new(host::Stopped))
    });
    let mut call = || {
        let instance = pre.pre.instantiate(&mut store)?;
        used.baseline_bytes = store.data().tally.used.memory_bytes;
        macro_rules! call {
            ($parameters:ty, $results:ty, $arguments:expr) => {
                instance
                    .get_typed_func::<$parameters, ($results,)>(&mut store, &pre.function)?
                    .call(&mut store, $arguments)?
                    .0
            };
        }
        Ok(match pre.entry {
            Entry::Node => call!((&[u8],), Result<Vec<u8>, NodeError>, (input,)),
            Entry::Dagwood => call!((&[u8],), Result<Vec<u8>, ProcessingError>, (input,)).map_err(NodeError::from),
            Entry::Run => call!((), Result<(), ()>, ())
                .map(|()| Vec::new())
                .map_err(|()| NodeError { message: String::new(), code: 1 }),
        })
    };
    let result = call();
    used.store = store.data().tally.used;
    used.fuel = limits.fuel - store.get_fuel()?.min(limits.fuel);
    result
}

/// # Safety
/// The pointers are as the header says; the functions of `host` neither throw nor call back.
#[no_mangle]
pub unsafe extern "C" fn cn_component_call(
    pre: &CnPre,
    input: *const u8,
    size: usize,
    limits: &ComponentLimits,
    host: &Host,
    out: *mut Buf,
    used: &mut ComponentUsage,
) -> i32 {
    *used = ComponentUsage { trap_code: -1, ..ComponentUsage::default() };
    guard(out, || {
        let (result, bytes) = match run(pre, slice(input, size), limits, host, used) {
            Ok(Ok(bytes)) => (status::OK, bytes),
            Ok(Err(error)) => {
                used.error_code = i32::from(error.code);
                (status::GUEST_ERROR, error.message.into_bytes())
            }
            Err(error) => {
                used.trap_code = error.downcast_ref::<Trap>().map_or(-1, |trap| *trap as i32);
                (classify(&error), error.root_cause().to_string().into_bytes())
            }
        };
        Buf::give(out, bytes);
        result
    })
}

#[cfg(test)]
#[path = "../tests/component.rs"]
mod tests;
