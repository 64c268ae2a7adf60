//! Components: compiled behind the barrier, listed, linked to the host's functions (host.rs), and called with bytes in and
//! bytes out.
//!
//! Everything is synchronous: what would block is a function of the host, which waits itself and knows the deadline.

use crate::guard::{guard, Lent, Outcome};
use crate::host::{self, HostFunction, HostName};
use crate::limits::Tally;
use std::ffi::c_void;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, ComponentType, InstancePre, Lift, Linker};
use wasmtime::{Engine, Error};
use wasmtime_c_api::{
    wasm_byte_vec_t, wasm_engine_t, wasmtime_component_func_type_t, wasmtime_component_t, wasmtime_store_context,
    wasmtime_store_new, WasmtimeStoreContextMut, WasmtimeStoreData,
};

// How a component is called: by the first of these interfaces that it exports, in any version that begins so.
const NODE: &str = "caisson:node/processor@1.";
const DAGWOOD: &str = "dagwood:component/processing-node@1.";
const RUN: &str = "wasi:cli/run@0.2.";

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

// `wasmtime_component_t` is repr(transparent) around the Component: a pointer to the one is a pointer to the other. The
// version is pinned and the layout is checked here.
const _: () = assert!(size_of::<wasmtime_component_t>() == size_of::<Component>());
const _: () = assert!(align_of::<wasmtime_component_t>() == align_of::<Component>());

/// The Engine inside a `wasm_engine_t`, whose field is private to the C API: a store made through the C API hands out a
/// public type that knows its engine. Costs an empty store, when something is compiled.
pub fn engine_of(engine: &wasm_engine_t) -> Engine {
    let mut store = wasmtime_store_new(engine, std::ptr::null_mut(), None);
    wasmtime_store_context(&mut store).engine().clone()
}

/// # Safety
/// The pointers are as the header says.
#[no_mangle]
pub unsafe extern "C" fn cn_component_compile(
    engine: &wasm_engine_t,
    bytes: Lent,
    out: *mut *mut Component,
) -> Outcome {
    guard(|| {
        let component = Component::from_binary(&engine_of(engine), bytes.bytes())?;
        out.write(Box::into_raw(Box::new(component)));
        Ok(())
    })
}

#[no_mangle]
pub extern "C" fn cn_component_code_bytes(component: &Component) -> usize {
    let image = component.image_range();
    image.end.addr() - image.start.addr()
}

/// Imported or not, the interface, the name, and the type of a function or null.
type Visit = extern "C" fn(*mut c_void, bool, Lent, Lent, Option<&wasmtime_component_func_type_t>);

/// # Safety
/// `component` is live; `visit` does not throw.
#[no_mangle]
pub unsafe extern "C" fn cn_component_items(component: &Component, context: *mut c_void, visit: Visit) -> Outcome {
    let one = |imported: bool, interface: &str, name: &str, item: ComponentItem| {
        let function = match item {
            ComponentItem::ComponentFunc(f) => Some(f.into()),
            _ => None,
        };
        visit(context, imported, Lent::of(interface.as_bytes()), Lent::of(name.as_bytes()), function.as_ref());
    };
    guard(|| {
        let (ty, engine) = (component.component_type(), component.engine());
        let imports = ty.imports(engine).map(|(name, item)| (true, name, item.ty));
        let exports = ty.exports(engine).map(|(name, item)| (false, name, item.ty));
        imports.chain(exports).for_each(|(imported, name, item)| match item {
            ComponentItem::ComponentInstance(i) => i.exports(engine).for_each(|(n, f)| one(imported, name, n, f.ty)),
            item => one(imported, "", name, item),
        });
        Ok(())
    })
}

pub struct Linked {
    pre: InstancePre<WasmtimeStoreData>,
    interface: &'static str,
    function: ComponentExportIndex,
}

/// The interface by which it is called, and its function.
fn find_entry(component: &Component) -> Option<(&'static str, ComponentExportIndex)> {
    let ty = component.component_type();
    [(NODE, "process"), (DAGWOOD, "process"), (RUN, "run")].into_iter().find_map(|(interface, function)| {
        let is_it = |name: &str, item: &ComponentItem| {
            name.starts_with(interface) && matches!(item, ComponentItem::ComponentInstance(_))
        };
        let (name, _) = ty.exports(component.engine()).find(|(name, item)| is_it(name, &item.ty))?;
        let instance = component.get_export_index(None, name)?;
        Some((interface, component.get_export_index(Some(&instance), function)?))
    })
}

fn link(component: &Component, names: &[HostName], call: HostFunction) -> Result<Linked, Error> {
    let mut linker = Linker::new(component.engine());
    host::link(&mut linker, names, call)?;
    host::link_files(&mut linker, component)?;
    let pre = linker.instantiate_pre(component)?;
    let entry = find_entry(component);
    let (interface, function) = entry.ok_or_else(|| Error::msg("it exports no interface that is called"))?;
    Ok(Linked { pre, interface, function })
}

/// # Safety
/// `names` has `count` entries; the other pointers are as the header says.
#[no_mangle]
pub unsafe extern "C" fn cn_component_link(
    component: &Component,
    names: *const HostName,
    count: usize,
    call: HostFunction,
    out: *mut *mut Linked,
) -> Outcome {
    guard(|| {
        let names = if count == 0 { &[] } else { std::slice::from_raw_parts(names, count) };
        out.write(Box::into_raw(Box::new(link(component, names, call)?)));
        Ok(())
    })
}

/// # Safety
/// `linked` comes from here and is not used afterwards.
#[no_mangle]
pub unsafe extern "C" fn cn_linked_delete(linked: *mut Linked) {
    drop(Box::from_raw(linked));
}

/// `cn_answer`.
#[repr(C)]
pub struct Answer {
    bytes: wasm_byte_vec_t,
    error_code: i32,
    baseline_bytes: u64,
}

/// # Safety
/// The pointers are as the header says; `tally` is that of the store, whose functions neither throw nor call back.
#[no_mangle]
pub unsafe extern "C" fn cn_component_call(
    linked: &Linked,
    mut store: WasmtimeStoreContextMut<'_>,
    tally: *const Tally,
    input: Lent,
    out: &mut Answer,
) -> Outcome {
    guard(|| {
        let input = input.bytes();
        let instance = linked.pre.instantiate(&mut store)?;
        out.baseline_bytes = (*tally).used.memory_bytes;
        macro_rules! call {
            ($parameters:ty, $results:ty, $arguments:expr) => {
                instance
                    .get_typed_func::<$parameters, ($results,)>(&mut store, &linked.function)?
                    .call(&mut store, $arguments)?
                    .0
            };
        }
        let answer = match linked.interface {
            NODE => call!((&[u8],), Result<Vec<u8>, NodeError>, (input,)),
            DAGWOOD => call!((&[u8],), Result<Vec<u8>, ProcessingError>, (input,)).map_err(NodeError::from),
            _ => call!((), Result<(), ()>, ())
                .map(|()| Vec::new())
                .map_err(|()| NodeError { message: String::new(), code: 1 }),
        };
        let (bytes, error_code) = match answer {
            Ok(bytes) => (bytes, -1),
            Err(error) => (error.message.into_bytes(), i32::from(error.code)),
        };
        out.bytes.set_buffer(bytes);
        out.error_code = error_code;
        Ok(())
    })
}

#[cfg(test)]
#[path = "../tests/component.rs"]
mod tests;
