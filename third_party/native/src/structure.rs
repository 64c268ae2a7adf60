//! What an untrusted binary is made of, before the compiler sees it: numbers held against limits, and the proposals it uses.
//!
//! One pass of the parser, without validation (the compiler does that). What is announced is counted before it is read, and
//! what is too much ends the walk where it is met. The parser holds one item of a section at a time. The largest is a group of
//! types: it takes five to seven times its bytes where they are fields and parameters, and 25 times where they are types with
//! nothing in them, of which only as many are read as the limit says.

use crate::guard::{guard, Lent, Outcome};
use wasmparser::{
    AbstractHeapType, BinaryReader, BlockType, CanonicalFunction, CanonicalOption, CompositeInnerType, ConstExpr, Data,
    DataKind, Element, ElementItems, ElementKind, Encoding, FuncType, FunctionBody, HeapType, MemoryType, Operator,
    Parser, Payload, RecGroup, SectionLimited, TableType, TypeRef, ValType,
};
use wasmtime::Error;

/// An enumeration in the order of one in the header.
macro_rules! enumeration {
    ($name:ident: $($item:ident)*) => {
        #[derive(Clone, Copy, PartialEq)]
        #[allow(non_camel_case_types)]
        enum $name { $($item),* }
    };
}

// `enum cn_metric`: what is counted, over all modules of the binary together.
enumeration! { Metric:
    Bytes Functions BodyBytes CodeBytes Locals Nesting BrTableTargets Types Imports Exports Globals Tags Tables TableElements
    Memories MemoryBytes Segments DataBytes ElementItems CustomBytes Modules Depth Instances Items
}
use Metric as M;
const METRICS: usize = M::Items as usize + 1;

// `enum cn_proposal`, whose numbers are bits, and `mvp`, which is none. Those of instructions have the names that
// wasmparser gives its groups of them.
enumeration! { Proposal:
    mutable_globals sign_extension saturating_float_to_int multi_value bulk_memory reference_types simd relaxed_simd
    tail_call extended_const multi_memory memory64 threads exceptions legacy_exceptions function_references gc
    custom_page_sizes wide_arithmetic stack_switching memory_control shared_everything_threads custom_descriptors
    component_model component_model_async mvp
}
use Proposal as P;

fn of_operator(op: &Operator<'_>) -> Proposal {
    macro_rules! proposal_of {
        ($( @$proposal:ident $op:ident $({ $($arg:ident: $argty:ty),* })? => $visit:ident ($($ann:tt)*) )*) => {
            match op {
                $( Operator::$op { .. } => P::$proposal, )*
                _ => P::mvp, // the enumeration is open; the match has all that this version of the crate knows
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

type Walk = Result<(), Error>;

struct Meter<'a> {
    wasm: &'a [u8],
    limits: &'a [u64; METRICS],
    seen: &'a mut Structure,
    memories: Vec<Option<u64>>, // of the module that is being read: the bytes that its own ones begin with
    tables: u64,
    depth: u64, // of modules and components that are open
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
            self.seen.exceeded = metric as i32;
            return Err(Error::msg("over a limit"));
        }
        Ok(())
    }
    fn uses_if(&mut self, condition: bool, proposal: Proposal) {
        self.seen.proposals |= u64::from(condition) << proposal as u64;
    }
    /// Never an error: as the last thing that is done it is the result.
    fn uses(&mut self, proposal: Proposal) -> Walk {
        self.uses_if(proposal != P::mvp, proposal);
        Ok(())
    }

    fn value_type(&mut self, ty: ValType) -> Walk {
        let ValType::Ref(r) = ty else {
            return self.uses(if ty == ValType::V128 { P::simd } else { P::mvp });
        };
        self.uses(match r.heap_type() {
            HeapType::FUNC | HeapType::EXTERN if r.is_nullable() => P::reference_types,
            HeapType::FUNC | HeapType::EXTERN | HeapType::Concrete(_) => P::function_references,
            HeapType::Abstract { ty: AbstractHeapType::Exn | AbstractHeapType::NoExn, .. } => P::exceptions,
            _ => P::gc,
        })
    }
    fn function_type(&mut self, f: &FuncType) -> Walk {
        self.uses_if(f.results().len() > 1, P::multi_value);
        f.params().iter().chain(f.results()).try_for_each(|t| self.value_type(*t))
    }
    /// The types of a group are counted before it is read, which takes memory for each.
    fn types(&mut self, section: SectionLimited<'_, RecGroup>) -> Walk {
        const GROUP: u8 = 0x4e;
        let (count, mut groups) = (section.count(), section.into_iter());
        for _ in 0..count {
            let at = groups.original_position();
            let mut head = BinaryReader::new(&self.wasm[at..], at);
            let types = if head.read_u8()? == GROUP { head.read_var_u32()? } else { 1 };
            self.add(M::Types, types)?;
            groups.next().map_or(Ok(()), |group| self.group(&group?))?;
        }
        Ok(())
    }
    fn group(&mut self, group: &RecGroup) -> Walk {
        self.uses_if(group.is_explicit_rec_group(), P::gc);
        for ty in group.types() {
            self.uses_if(ty.supertype_idx.is_some() || !ty.is_final, P::gc);
            match &ty.composite_type.inner {
                CompositeInnerType::Func(f) => self.function_type(f),
                CompositeInnerType::Cont(_) => self.uses(P::stack_switching),
                _ => self.uses(P::gc),
            }?;
        }
        Ok(())
    }
    fn memory(&mut self, ty: &MemoryType) -> Walk {
        self.memories.push(None);
        self.uses_if(self.memories.len() > 1, P::multi_memory);
        self.uses_if(ty.memory64, P::memory64);
        self.uses_if(ty.shared, P::threads);
        self.uses_if(ty.page_size_log2.is_some(), P::custom_page_sizes);
        self.add(M::Memories, 1u64)
    }
    fn table(&mut self, ty: &TableType) -> Walk {
        self.tables += 1;
        self.uses_if(self.tables > 1, P::reference_types);
        self.uses_if(ty.table64, P::memory64);
        let element = ValType::Ref(ty.element_type);
        if element != ValType::FUNCREF {
            self.value_type(element)?; // tables of functions are as old as WebAssembly
        }
        self.add(M::Tables, 1u64)
    }
    fn import(&mut self, ty: TypeRef) -> Walk {
        self.add(M::Imports, 1u64)?;
        match ty {
            TypeRef::Memory(m) => self.memory(&m),
            TypeRef::Table(t) => self.table(&t),
            TypeRef::Global(g) => {
                self.uses_if(g.mutable, P::mutable_globals);
                self.value_type(g.content_type)
            }
            TypeRef::Tag(_) => {
                self.uses(P::exceptions)?;
                self.add(M::Tags, 1u64)
            }
            _ => Ok(()),
        }
    }
    fn constant(&mut self, expression: &ConstExpr<'_>) -> Walk {
        use Operator::{End, F32Const, F64Const, GlobalGet, I32Const, I64Const};
        for op in expression.get_operators_reader() {
            let op = op?;
            self.uses(match (&op, of_operator(&op)) {
                (I32Const { .. } | I64Const { .. } | F32Const { .. } | F64Const { .. }, of) => of,
                (GlobalGet { .. } | End, of) => of,
                (_, P::mvp) => P::extended_const,
                (_, of) => of,
            })?;
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
            self.value_type(ty)?;
            self.max(M::Locals, locals)?;
        }
        let mut depth = 1u64;
        for op in body.get_operators_reader()? {
            let op = op?;
            self.uses(of_operator(&op))?;
            let opened = match op {
                Operator::Block { blockty } | Operator::Loop { blockty } | Operator::If { blockty } => blockty,
                Operator::Try { blockty } => blockty,
                Operator::TryTable { try_table } => try_table.ty,
                other => {
                    match other {
                        Operator::End | Operator::Delegate { .. } => depth = depth.saturating_sub(1),
                        Operator::BrTable { targets } => self.max(M::BrTableTargets, u64::from(targets.len()))?,
                        Operator::CallIndirect { table_index: 1.., .. } => self.uses(P::reference_types)?,
                        _ => {}
                    }
                    continue;
                }
            };
            depth += 1;
            self.max(M::Nesting, depth)?;
            match opened {
                BlockType::Empty => Ok(()),
                BlockType::Type(ty) => self.value_type(ty),
                BlockType::FuncType(_) => self.uses(P::multi_value),
            }?;
        }
        Ok(())
    }
    fn canonical(&mut self, f: &CanonicalFunction) -> Walk {
        use CanonicalFunction::{Lift, Lower, ResourceDrop, ResourceNew, ResourceRep};
        self.uses(match f {
            Lift { options, .. } | Lower { options, .. }
                if !options.iter().any(|o| matches!(o, CanonicalOption::Async | CanonicalOption::Callback(_))) =>
            {
                P::mvp
            }
            ResourceNew { .. } | ResourceDrop { .. } | ResourceRep { .. } => P::mvp,
            _ => P::component_model_async,
        })
    }

    fn payload(&mut self, payload: Payload<'_>) -> Walk {
        match payload {
            Payload::Version { encoding, .. } => {
                (self.memories, self.tables, self.depth) = (Vec::new(), 0, self.depth + 1);
                self.max(M::Depth, self.depth)?;
                self.uses_if(encoding == Encoding::Component, P::component_model);
                self.add(M::Modules, u64::from(encoding == Encoding::Module))
            }
            Payload::TypeSection(section) => self.types(section),
            Payload::ImportSection(section) => section.into_imports().try_for_each(|import| self.import(import?.ty)),
            Payload::FunctionSection(section) => self.add(M::Functions, section.count()),
            Payload::GlobalSection(section) => {
                self.add(M::Globals, section.count())?;
                section.into_iter().try_for_each(|global| {
                    let global = global?;
                    self.value_type(global.ty.content_type)?;
                    self.constant(&global.init_expr)
                })
            }
            Payload::TagSection(section) => {
                self.uses(P::exceptions)?;
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
                let bytes = memory.initial.saturating_mul(1 << memory.page_size_log2.unwrap_or(16).min(16));
                self.memories.pop();
                self.memories.push(memory.page_size_log2.map_or(Some(bytes), |_| None));
                self.add(M::MemoryBytes, bytes)
            }),
            Payload::ElementSection(section) => {
                self.add(M::Segments, section.count())?;
                section.into_iter().try_for_each(|element| self.element(element?))
            }
            Payload::DataCountSection { .. } => self.uses(P::bulk_memory),
            Payload::DataSection(section) => self.data(section),
            Payload::CodeSectionEntry(body) => self.body(&body),
            Payload::CustomSection(section) => self.add(M::CustomBytes, section.range().len()),
            Payload::InstanceSection(section) => self.add(M::Instances, section.count()),
            Payload::ComponentInstanceSection(section) => self.add(M::Instances, section.count()),
            Payload::CoreTypeSection(section) => self.add(M::Items, section.count()),
            Payload::ComponentTypeSection(section) => self.add(M::Items, section.count()),
            Payload::ComponentAliasSection(section) => self.add(M::Items, section.count()),
            Payload::ComponentCanonicalSection(section) => {
                self.add(M::Items, section.count())?;
                section.into_iter().try_for_each(|f| self.canonical(&f?))
            }
            Payload::ComponentImportSection(section) => self.add(M::Items, section.count()),
            Payload::ComponentExportSection(section) => self.add(M::Items, section.count()),
            Payload::End(_) => {
                self.depth -= 1;
                Ok(())
            }
            Payload::UnknownSection { id, .. } => Err(Error::msg(format!("unknown section {id}"))),
            _ => Ok(()), // start, headers of code and of nested binaries
        }
    }
    /// The compiler makes one image of a module's data where all of it lies close together, at places that are numbers: it
    /// counts as nothing then. Of other data it makes code, segment by segment.
    fn data(&mut self, section: SectionLimited<'_, Data<'_>>) -> Walk {
        const ALWAYS_AN_IMAGE: u64 = 16 << 20; // Wasmtime's memory_guaranteed_dense_image_size
        let mut ranges = vec![(u64::MAX, 0u64); self.memories.len()];
        let (mut active, mut is_image) = (0u64, true);
        for data in section {
            let data = data?;
            self.add(M::DataBytes, data.data.len())?;
            let DataKind::Active { memory_index, offset_expr } = data.kind else {
                self.uses(P::bulk_memory)?;
                self.add(M::Segments, 1u64)?;
                continue;
            };
            self.constant(&offset_expr)?;
            active += 1;
            is_image &= self.place(memory_index, &offset_expr, data.data.len() as u64).is_some_and(|(at, end)| {
                let (first, last) = ranges[memory_index as usize];
                ranges[memory_index as usize] = (first.min(at), last.max(end));
                last.max(end) - first.min(at) < ALWAYS_AN_IMAGE
            });
        }
        self.add(M::Segments, if is_image { 0 } else { active })
    }
    /// Where a segment begins and ends, if that is a number, and inside of what a memory of the module begins with.
    fn place(&self, memory: u32, offset: &ConstExpr<'_>, length: u64) -> Option<(u64, u64)> {
        let mut ops = offset.get_operators_reader();
        let at = match ops.read().ok()? {
            Operator::I32Const { value } => u64::from(value.cast_unsigned()),
            Operator::I64Const { value } => value.cast_unsigned(),
            _ => return None,
        };
        let (own, end) = ((*self.memories.get(memory as usize)?)?, at.checked_add(length)?);
        (matches!(ops.read(), Ok(Operator::End)) && end <= own).then_some((at, end))
    }
    fn element(&mut self, element: Element<'_>) -> Walk {
        match element.kind {
            ElementKind::Active { offset_expr, .. } => self.constant(&offset_expr),
            ElementKind::Passive => self.uses(P::bulk_memory),
            ElementKind::Declared => self.uses(P::reference_types),
        }?;
        match element.items {
            ElementItems::Functions(f) => self.add(M::ElementItems, f.count()),
            ElementItems::Expressions(ty, items) => {
                self.add(M::ElementItems, items.count())?;
                self.uses(P::reference_types)?;
                self.value_type(ValType::Ref(ty))?;
                items.into_iter().try_for_each(|e| self.constant(&e?))
            }
        }
    }
}

/// # Safety
/// The pointers are as the header says.
#[no_mangle]
pub unsafe extern "C" fn cn_structural_check(wasm: Lent, limits: &[u64; METRICS], out: &mut Structure) -> Outcome {
    *out = Structure { metrics: [0; METRICS], proposals: 0, exceeded: -1 };
    guard(|| {
        let wasm = wasm.bytes();
        let mut meter = Meter { wasm, limits, seen: out, memories: Vec::new(), tables: 0, depth: 0 };
        meter.add(M::Bytes, wasm.len())?;
        Parser::new(0).parse_all(wasm).try_for_each(|payload| meter.payload(payload?))
    })
}

#[cfg(test)]
#[path = "../tests/structure.rs"]
mod tests;
