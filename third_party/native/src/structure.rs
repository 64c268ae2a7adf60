//! What an untrusted binary is made of, before the compiler sees it: numbers held against limits, and the proposals it uses.
//!
//! One pass of the parser, without validation (the compiler does that). Nothing is allocated in proportion to the input:
//! what is too much ends the walk where it is met.

use crate::guard::{guard, status, Buf};
use wasmparser::{
    AbstractHeapType, BinaryReaderError, BlockType, CanonicalFunction, CanonicalOption, CompositeInnerType, ConstExpr,
    DataKind, ElementItems, ElementKind, Encoding, FuncType, FunctionBody, GlobalType, HeapType, MemoryType, Operator,
    Parser, Payload, RecGroup, TableType, TypeRef, ValType,
};

/// What is counted, over all modules of the binary together; `enum cn_metric`.
#[derive(Clone, Copy)]
enum Metric {
    Bytes,
    Functions,
    BodyBytes,
    CodeBytes,
    Locals,
    Nesting,
    BrTableTargets,
    Types,
    Imports,
    Exports,
    Globals,
    Tags,
    Tables,
    TableElements,
    Memories,
    MemoryBytes,
    Segments,
    DataBytes,
    ElementItems,
    CustomBytes,
    Modules,
    Depth,
    Instances,
    Items,
}
use Metric as M;
const METRICS: usize = M::Items as usize + 1;

/// `enum cn_proposal`, as bits. Those of instructions have the names that wasmparser gives its groups of them.
#[allow(non_upper_case_globals)]
mod proposal {
    pub const mvp: u64 = 0;
    pub const mutable_globals: u64 = 1 << 0;
    pub const sign_extension: u64 = 1 << 1;
    pub const saturating_float_to_int: u64 = 1 << 2;
    pub const multi_value: u64 = 1 << 3;
    pub const bulk_memory: u64 = 1 << 4;
    pub const reference_types: u64 = 1 << 5;
    pub const simd: u64 = 1 << 6;
    pub const relaxed_simd: u64 = 1 << 7;
    pub const tail_call: u64 = 1 << 8;
    pub const extended_const: u64 = 1 << 9;
    pub const multi_memory: u64 = 1 << 10;
    pub const memory64: u64 = 1 << 11;
    pub const threads: u64 = 1 << 12;
    pub const exceptions: u64 = 1 << 13;
    pub const legacy_exceptions: u64 = 1 << 14;
    pub const function_references: u64 = 1 << 15;
    pub const gc: u64 = 1 << 16;
    pub const custom_page_sizes: u64 = 1 << 17;
    pub const wide_arithmetic: u64 = 1 << 18;
    pub const stack_switching: u64 = 1 << 19;
    pub const memory_control: u64 = 1 << 20;
    pub const shared_everything_threads: u64 = 1 << 21;
    pub const custom_descriptors: u64 = 1 << 22;
    pub const component_model: u64 = 1 << 23;
    pub const component_model_async: u64 = 1 << 24;
}

fn of_operator(op: &Operator<'_>) -> u64 {
    macro_rules! proposal_of {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
            match op {
                $( Operator::$op { .. } => proposal::$proposal, )*
                _ => 0, // the enumeration is open; the match has all that this version of the crate knows
            }
        };
    }
    wasmparser::for_each_operator!(proposal_of)
}

/// `cn_structure`.
#[repr(C)]
pub struct Structure {
    metrics: [u64; METRICS],
    proposals: u64,
    exceeded: i32,
}

enum Stop {
    Exceeded(Metric),
    Malformed(BinaryReaderError),
    UnknownSection(u8),
}

impl From<BinaryReaderError> for Stop {
    fn from(error: BinaryReaderError) -> Stop {
        Stop::Malformed(error)
    }
}

type Walk = Result<(), Stop>;

struct Meter<'a> {
    limits: &'a [u64; METRICS],
    seen: &'a mut Structure,
    memories: u64, // of the module that is being read
    tables: u64,
}

impl Meter<'_> {
    fn add(&mut self, metric: Metric, n: impl TryInto<u64>) -> Walk {
        let n = n.try_into().unwrap_or(u64::MAX);
        self.max(metric, self.seen.metrics[metric as usize].saturating_add(n))
    }
    fn max(&mut self, metric: Metric, n: u64) -> Walk {
        let seen = &mut self.seen.metrics[metric as usize];
        *seen = n.max(*seen);
        if n > self.limits[metric as usize] {
            return Err(Stop::Exceeded(metric));
        }
        Ok(())
    }
    fn uses(&mut self, proposals: u64) {
        self.seen.proposals |= proposals;
    }
    fn uses_if(&mut self, condition: bool, proposals: u64) {
        self.uses(if condition { proposals } else { 0 });
    }

    fn value_type(&mut self, ty: ValType) {
        match ty {
            ValType::V128 => self.uses(proposal::simd),
            ValType::Ref(r) => match r.heap_type() {
                HeapType::FUNC | HeapType::EXTERN if r.is_nullable() => self.uses(proposal::reference_types),
                HeapType::Abstract { ty: AbstractHeapType::Exn | AbstractHeapType::NoExn, .. } => {
                    self.uses(proposal::exceptions)
                }
                HeapType::FUNC | HeapType::EXTERN | HeapType::Concrete(_) => self.uses(proposal::function_references),
                _ => self.uses(proposal::gc),
            },
            _ => {}
        }
    }
    fn function_type(&mut self, f: &FuncType) {
        self.uses_if(f.results().len() > 1, proposal::multi_value);
        f.params().iter().chain(f.results()).for_each(|t| self.value_type(*t));
    }
    fn types(&mut self, group: &RecGroup) -> Walk {
        self.add(M::Types, group.types().len())?;
        self.uses_if(group.is_explicit_rec_group(), proposal::gc);
        for ty in group.types() {
            self.uses_if(ty.supertype_idx.is_some() || !ty.is_final, proposal::gc);
            match &ty.composite_type.inner {
                CompositeInnerType::Func(f) => self.function_type(f),
                CompositeInnerType::Cont(_) => self.uses(proposal::stack_switching),
                _ => self.uses(proposal::gc),
            }
        }
        Ok(())
    }
    fn memory(&mut self, ty: &MemoryType) -> Walk {
        self.memories += 1;
        self.uses_if(self.memories > 1, proposal::multi_memory);
        self.uses_if(ty.memory64, proposal::memory64);
        self.uses_if(ty.shared, proposal::threads);
        self.uses_if(ty.page_size_log2.is_some(), proposal::custom_page_sizes);
        self.add(M::Memories, 1u64)
    }
    fn table(&mut self, ty: &TableType) -> Walk {
        self.tables += 1;
        self.uses_if(self.tables > 1, proposal::reference_types);
        self.uses_if(ty.table64, proposal::memory64);
        let element = ValType::Ref(ty.element_type);
        if element != ValType::FUNCREF {
            self.value_type(element); // tables of functions are as old as WebAssembly
        }
        self.add(M::Tables, 1u64)
    }
    fn global(&mut self, ty: &GlobalType) -> Walk {
        self.value_type(ty.content_type);
        Ok(())
    }
    fn import(&mut self, ty: TypeRef) -> Walk {
        self.add(M::Imports, 1u64)?;
        match ty {
            TypeRef::Memory(m) => self.memory(&m),
            TypeRef::Table(t) => self.table(&t),
            TypeRef::Global(g) => {
                self.uses_if(g.mutable, proposal::mutable_globals);
                self.global(&g)
            }
            TypeRef::Tag(_) => {
                self.uses(proposal::exceptions);
                self.add(M::Tags, 1u64)
            }
            _ => Ok(()),
        }
    }
    fn constant(&mut self, expression: &ConstExpr<'_>) -> Walk {
        for op in expression.get_operators_reader() {
            let op = op?;
            let simple = matches!(
                op,
                Operator::I32Const { .. }
                    | Operator::I64Const { .. }
                    | Operator::F32Const { .. }
                    | Operator::F64Const { .. }
                    | Operator::GlobalGet { .. }
                    | Operator::End
            );
            let of = of_operator(&op);
            self.uses(of);
            self.uses_if(!simple && of == proposal::mvp, proposal::extended_const);
        }
        Ok(())
    }
    fn body(&mut self, body: &FunctionBody<'_>) -> Walk {
        let size = body.range().len() as u64;
        self.max(M::BodyBytes, size)?;
        self.add(M::CodeBytes, size)?;
        let mut locals = 0u64;
        for group in body.get_locals_reader()? {
            let (count, ty) = group?;
            locals += u64::from(count);
            self.value_type(ty);
            self.max(M::Locals, locals)?;
        }
        let mut depth = 1u64;
        for op in body.get_operators_reader()? {
            let op = op?;
            self.uses(of_operator(&op));
            match op {
                Operator::Block { blockty }
                | Operator::Loop { blockty }
                | Operator::If { blockty }
                | Operator::Try { blockty } => {
                    depth += 1;
                    self.block_type(blockty);
                    self.max(M::Nesting, depth)?;
                }
                Operator::TryTable { try_table } => {
                    depth += 1;
                    self.block_type(try_table.ty);
                    self.max(M::Nesting, depth)?;
                }
                Operator::End | Operator::Delegate { .. } => depth = depth.saturating_sub(1),
                Operator::BrTable { targets } => self.max(M::BrTableTargets, u64::from(targets.len()))?,
                Operator::CallIndirect { table_index, .. } => self.uses_if(table_index != 0, proposal::reference_types),
                _ => {}
            }
        }
        Ok(())
    }
    fn block_type(&mut self, ty: BlockType) {
        match ty {
            BlockType::Empty => {}
            BlockType::Type(t) => self.value_type(t),
            BlockType::FuncType(_) => self.uses(proposal::multi_value),
        }
    }
    fn canonical(&mut self, f: &CanonicalFunction) {
        let plain = match f {
            CanonicalFunction::Lift { options, .. } | CanonicalFunction::Lower { options, .. } => {
                !options.iter().any(|o| matches!(o, CanonicalOption::Async | CanonicalOption::Callback(_)))
            }
            CanonicalFunction::ResourceNew { .. }
            | CanonicalFunction::ResourceDrop { .. }
            | CanonicalFunction::ResourceRep { .. } => true,
            _ => false,
        };
        self.uses_if(!plain, proposal::component_model_async);
    }

    fn payload(&mut self, payload: Payload<'_>) -> Walk {
        match payload {
            Payload::Version { encoding, .. } => {
                (self.memories, self.tables) = (0, 0);
                self.uses_if(encoding == Encoding::Component, proposal::component_model);
                self.add(M::Modules, u64::from(encoding == Encoding::Module))
            }
            Payload::TypeSection(section) => section.into_iter().try_for_each(|group| self.types(&group?)),
            Payload::ImportSection(section) => section.into_imports().try_for_each(|import| self.import(import?.ty)),
            Payload::FunctionSection(section) => self.add(M::Functions, section.count()),
            Payload::GlobalSection(section) => {
                self.add(M::Globals, section.count())?;
                section.into_iter().try_for_each(|global| {
                    let global = global?;
                    self.global(&global.ty)?;
                    self.constant(&global.init_expr)
                })
            }
            Payload::TagSection(section) => {
                self.uses(proposal::exceptions);
                self.add(M::Tags, section.count())
            }
            Payload::ExportSection(section) => self.add(M::Exports, section.count()),
            Payload::TableSection(section) => section.into_iter().try_for_each(|table| {
                let table = table?;
                self.table(&table.ty)?;
                self.add(M::TableElements, table.ty.initial)
            }),
            Payload::MemorySection(section) => section.into_iter().try_for_each(|memory| {
                let memory = memory?;
                self.memory(&memory)?;
                let page = 1 << memory.page_size_log2.unwrap_or(16).min(16);
                self.add(M::MemoryBytes, memory.initial.saturating_mul(page))
            }),
            Payload::ElementSection(section) => {
                self.add(M::Segments, section.count())?;
                section.into_iter().try_for_each(|element| self.element(element?))
            }
            Payload::DataCountSection { .. } => {
                self.uses(proposal::bulk_memory);
                Ok(())
            }
            Payload::DataSection(section) => {
                self.add(M::Segments, section.count())?;
                section.into_iter().try_for_each(|data| {
                    let data = data?;
                    self.add(M::DataBytes, data.data.len())?;
                    match data.kind {
                        DataKind::Active { offset_expr, .. } => self.constant(&offset_expr),
                        DataKind::Passive => {
                            self.uses(proposal::bulk_memory);
                            Ok(())
                        }
                    }
                })
            }
            Payload::CodeSectionEntry(body) => self.body(&body),
            Payload::CustomSection(section) => self.add(M::CustomBytes, section.range().len()),
            Payload::InstanceSection(section) => self.add(M::Instances, section.count()),
            Payload::ComponentInstanceSection(section) => self.add(M::Instances, section.count()),
            Payload::CoreTypeSection(section) => self.add(M::Items, section.count()),
            Payload::ComponentTypeSection(section) => self.add(M::Items, section.count()),
            Payload::ComponentAliasSection(section) => self.add(M::Items, section.count()),
            Payload::ComponentCanonicalSection(section) => {
                self.add(M::Items, section.count())?;
                section.into_iter().try_for_each(|f| {
                    self.canonical(&f?);
                    Ok(())
                })
            }
            Payload::ComponentImportSection(section) => self.add(M::Items, section.count()),
            Payload::ComponentExportSection(section) => self.add(M::Items, section.count()),
            Payload::UnknownSection { id, .. } => Err(Stop::UnknownSection(id)),
            _ => Ok(()), // start, headers of code and of nested binaries, ends
        }
    }
    fn element(&mut self, element: wasmparser::Element<'_>) -> Walk {
        match element.kind {
            ElementKind::Active { offset_expr, .. } => self.constant(&offset_expr)?,
            ElementKind::Passive => self.uses(proposal::bulk_memory),
            ElementKind::Declared => self.uses(proposal::reference_types),
        }
        match element.items {
            ElementItems::Functions(f) => self.add(M::ElementItems, f.count()),
            ElementItems::Expressions(ty, items) => {
                self.add(M::ElementItems, items.count())?;
                self.uses(proposal::reference_types);
                self.value_type(ValType::Ref(ty));
                items.into_iter().try_for_each(|e| self.constant(&e?))
            }
        }
    }
}

fn walk(wasm: &[u8], meter: &mut Meter<'_>) -> Walk {
    meter.max(M::Bytes, wasm.len() as u64)?;
    let mut depth = 0; // modules and components open around the current payload
    for payload in Parser::new(0).parse_all(wasm) {
        let payload = payload?;
        match payload {
            Payload::Version { .. } => {
                depth += 1;
                meter.max(M::Depth, depth)?;
            }
            Payload::End(_) => depth -= 1,
            _ => {}
        }
        meter.payload(payload)?;
    }
    Ok(())
}

/// # Safety
/// `bytes` has `size` bytes; `limits`, `out` and `err` are as the header says.
#[no_mangle]
pub unsafe extern "C" fn cn_structural_check(
    bytes: *const u8,
    size: usize,
    limits: &[u64; METRICS],
    out: &mut Structure,
    err: *mut Buf,
) -> i32 {
    *out = Structure { metrics: [0; METRICS], proposals: 0, exceeded: -1 };
    guard(err, || {
        let mut meter = Meter { limits, seen: out, memories: 0, tables: 0 };
        let why = match walk(crate::guard::slice(bytes, size), &mut meter) {
            Ok(()) => return status::OK,
            Err(Stop::Exceeded(metric)) => {
                out.exceeded = metric as i32;
                String::new()
            }
            Err(Stop::Malformed(error)) => error.to_string(),
            Err(Stop::UnknownSection(id)) => format!("unknown section {id}"),
        };
        Buf::give(err, why.into_bytes());
        status::REJECTED
    })
}

#[cfg(test)]
#[path = "../tests/structure.rs"]
mod tests;
