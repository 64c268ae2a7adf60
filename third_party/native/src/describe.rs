//! What a module imports and exports, as bytes.
//!
//! The C API has calls for this, and they abort the process when a type is a v128 or an unusual reference, which a guest
//! decides. Here every type has a code.

use crate::guard::{guard, status, Buf};
use wasmtime::{ExternType, FuncType, HeapType, Module, ValType};
use wasmtime_c_api::wasmtime_module_t;

// `wasmtime_module_t` has the Module as its only field: with equal size and alignment its address is the Module's.
const _: () = assert!(size_of::<wasmtime_module_t>() == size_of::<Module>());
const _: () = assert!(align_of::<wasmtime_module_t>() == align_of::<Module>());

fn number(out: &mut Vec<u8>, n: u64) {
    out.extend_from_slice(&n.to_le_bytes());
}

fn text(out: &mut Vec<u8>, s: &str) {
    number(out, s.len() as u64);
    out.extend_from_slice(s.as_bytes());
}

fn value_type(ty: &ValType) -> u8 {
    match ty {
        ValType::I32 => 0,
        ValType::I64 => 1,
        ValType::F32 => 2,
        ValType::F64 => 3,
        ValType::V128 => 4,
        ValType::Ref(r) if r.is_nullable() && matches!(r.heap_type(), HeapType::Func) => 5,
        ValType::Ref(r) if r.is_nullable() && matches!(r.heap_type(), HeapType::Extern) => 6,
        ValType::Ref(_) => 7,
    }
}

fn types(out: &mut Vec<u8>, list: impl ExactSizeIterator<Item = ValType>) {
    number(out, list.len() as u64);
    out.extend(list.map(|t| value_type(&t)));
}

fn function(out: &mut Vec<u8>, f: &FuncType) {
    types(out, f.params());
    types(out, f.results());
}

fn extern_type(out: &mut Vec<u8>, ty: &ExternType) {
    match ty {
        ExternType::Func(f) => {
            out.push(0);
            function(out, f);
        }
        ExternType::Memory(m) => {
            out.push(1);
            number(out, m.minimum());
        }
        ExternType::Table(_) => out.push(2),
        ExternType::Global(_) => out.push(3),
        _ => out.push(4),
    }
}

/// # Safety
/// `module` is a live module of the C API; `out` is `{0}`.
#[no_mangle]
pub unsafe extern "C" fn cn_module_describe(
    module: *const wasmtime_module_t,
    out: *mut Buf,
) -> i32 {
    guard(out, || {
        let module = &*module.cast::<Module>();
        let mut bytes = Vec::new();
        number(&mut bytes, module.imports().len() as u64);
        for import in module.imports() {
            text(&mut bytes, import.module());
            text(&mut bytes, import.name());
            extern_type(&mut bytes, &import.ty());
        }
        number(&mut bytes, module.exports().len() as u64);
        for export in module.exports() {
            text(&mut bytes, export.name());
            extern_type(&mut bytes, &export.ty());
        }
        Buf::give(out, bytes);
        status::OK
    })
}
