//! What a module imports and exports, as bytes.
//!
//! The C API has calls for this, and they abort the process when a type is a v128 or an unusual reference, which a guest
//! decides. Here every type has a code.

use crate::guard::{guard, status, Buf};
use wasmtime::component::types::{ComponentFunc, ComponentItem, Type};
use wasmtime::component::Component;
use wasmtime::{Engine, ExternType, FuncType, HeapType, Module, ValType};
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

const DEEPEST: usize = 8; // of a type that is written down
const LONGEST: usize = 1000; // of the text of a signature

/// A type as WIT writes it; shortened where it is deep or long, which the types of our worlds are not.
fn wit(out: &mut String, ty: &Type, depth: usize) {
    fn list<'a>(
        out: &mut String,
        [open, before, after, close]: [&str; 4],
        items: impl Iterator<Item = (&'a str, Option<Type>)>,
        depth: usize,
    ) {
        out.push_str(open);
        for (place, (name, ty)) in items.enumerate() {
            out.push_str(if place == 0 { "" } else { ", " });
            out.push_str(name);
            if let Some(ty) = ty {
                out.push_str(before);
                wit(out, &ty, depth + 1);
                out.push_str(after);
            }
            if out.len() > LONGEST {
                break;
            }
        }
        out.push_str(close);
    }
    let one = |ty: Type| std::iter::once(("", Some(ty)));
    if depth > DEEPEST || out.len() > LONGEST {
        return out.push_str("...");
    }
    match ty {
        Type::Bool => out.push_str("bool"),
        Type::S8 => out.push_str("s8"),
        Type::U8 => out.push_str("u8"),
        Type::S16 => out.push_str("s16"),
        Type::U16 => out.push_str("u16"),
        Type::S32 => out.push_str("s32"),
        Type::U32 => out.push_str("u32"),
        Type::S64 => out.push_str("s64"),
        Type::U64 => out.push_str("u64"),
        Type::Float32 => out.push_str("f32"),
        Type::Float64 => out.push_str("f64"),
        Type::Char => out.push_str("char"),
        Type::String => out.push_str("string"),
        Type::List(l) => list(out, ["list<", "", "", ">"], one(l.ty()), depth),
        Type::Option(o) => list(out, ["option<", "", "", ">"], one(o.ty()), depth),
        Type::Tuple(t) => {
            let parts: Vec<_> = t.types().map(|ty| ("", Some(ty))).collect();
            list(out, ["tuple<", "", "", ">"], parts.into_iter(), depth);
        }
        Type::Result(r) => {
            out.push_str("result");
            let parts: Vec<_> = match (r.ok(), r.err()) {
                (None, None) => return,
                (ok, None) => vec![("", ok)],
                (None, err) => vec![("_", None), ("", err)],
                (ok, err) => vec![("", ok), ("", err)],
            };
            list(out, ["<", "", "", ">"], parts.into_iter(), depth);
        }
        Type::Record(r) => {
            let fields: Vec<_> = r.fields().map(|f| (f.name, Some(f.ty))).collect();
            list(out, ["record { ", ": ", "", " }"], fields.into_iter(), depth);
        }
        Type::Variant(v) => {
            let cases: Vec<_> = v.cases().map(|c| (c.name, c.ty)).collect();
            list(out, ["variant { ", "(", ")", " }"], cases.into_iter(), depth);
        }
        Type::Enum(e) => list(out, ["enum { ", "", "", " }"], e.names().map(|n| (n, None)), depth),
        Type::Flags(f) => list(out, ["flags { ", "", "", " }"], f.names().map(|n| (n, None)), depth),
        Type::Own(_) | Type::Borrow(_) => out.push_str("resource"),
        _ => out.push_str("..."),
    }
}

fn component_function(out: &mut Vec<u8>, f: &ComponentFunc) {
    let mut signature = String::from(if f.async_() { "async func(" } else { "func(" });
    for (place, (name, ty)) in f.params().enumerate() {
        signature.push_str(if place == 0 { "" } else { ", " });
        signature.push_str(name);
        signature.push_str(": ");
        wit(&mut signature, &ty, 0);
    }
    signature.push(')');
    for ty in f.results() {
        signature.push_str(" -> ");
        wit(&mut signature, &ty, 0);
    }
    out.push(5);
    text(out, &signature);
}

type Items = Vec<(String, String, ComponentItem)>;

/// The items of a component; those of an instance stand under its name, and only functions count there.
fn items<'a>(engine: &Engine, all: impl Iterator<Item = (&'a str, ComponentItem)>) -> Items {
    let mut out = Items::new();
    for (name, item) in all {
        let ComponentItem::ComponentInstance(instance) = item else {
            out.push((String::new(), name.into(), item));
            continue;
        };
        for (function, inner) in instance.exports(engine) {
            if matches!(inner.ty, ComponentItem::ComponentFunc(_)) {
                out.push((name.into(), function.into(), inner.ty));
            }
        }
    }
    out
}

fn component_item(out: &mut Vec<u8>, item: &ComponentItem) {
    match item {
        ComponentItem::ComponentFunc(f) => component_function(out, f),
        _ => out.push(4),
    }
}

/// `cn_component_describe`.
pub fn component(component: &Component) -> Vec<u8> {
    let (ty, engine) = (component.component_type(), component.engine());
    let imports = items(engine, ty.imports(engine).map(|(name, e)| (name, e.ty)));
    let exports = items(engine, ty.exports(engine).map(|(name, e)| (name, e.ty)));
    let mut out = Vec::new();
    number(&mut out, imports.len() as u64);
    for (interface, name, item) in &imports {
        text(&mut out, interface);
        text(&mut out, name);
        component_item(&mut out, item);
    }
    number(&mut out, exports.len() as u64);
    for (interface, name, item) in &exports {
        let separator = if interface.is_empty() { "" } else { "#" };
        text(&mut out, &format!("{interface}{separator}{name}"));
        component_item(&mut out, item);
    }
    out
}

/// # Safety
/// `module` is a live module of the C API; `out` is `{0}`.
#[no_mangle]
pub unsafe extern "C" fn cn_module_describe(module: *const wasmtime_module_t, out: *mut Buf) -> i32 {
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

#[cfg(test)]
#[path = "../tests/describe.rs"]
mod tests;
