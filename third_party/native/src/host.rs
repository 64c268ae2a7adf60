//! What components may import: the types of each function are here, what it does is C++.
//!
//! WASI 0.2 (cli, clocks, io, random; the file interfaces without a directory) and caisson:node/host. A handle of a
//! resource is a number of the host's; nothing is kept here. Wasmtime's own WASI is not used: it cannot be counted,
//! charged, refused or ended call by call, which is what the policy of a call asks for.

use crate::guard::Lent;
use std::ffi::c_void;
use wasmtime::component::{
    types::ComponentItem, Component, ComponentNamedList, ComponentType, Lift, Linker, Lower, Resource, ResourceType,
    Val, WasmList,
};
use wasmtime::{AsContext, Error, StoreContextMut};
use wasmtime_c_api::{wasmtime_context_get_data, WasmtimeStoreData};

type Cx<'a> = StoreContextMut<'a, WasmtimeStoreData>;

/// The C++ side of every function: the data of the store, the function's number, and what it is called with. False
/// ends the guest; the host knows why.
pub type HostFunction = extern "C" fn(*mut c_void, usize, &mut HostCall) -> bool;

/// `cn_host_name`: a function that the host has, and its place is its number.
#[repr(C)]
pub struct HostName {
    pub interface: Lent,
    pub name: Lent,
}

/// `cn_host_call`: arguments on the way there, results on the way back.
#[repr(C)]
pub struct HostCall {
    numbers: [u64; 2],
    bytes: Lent,
    name: Lent,
    result: Lent,
    kept: Vec<u8>, // behind what C++ knows of: `bytes`, when they are neither the guest's nor an argument
}

/// A call with these numbers. What else it lends lives as long as the arguments that the guest gave.
fn ask(first: impl Into<u64>, second: u64) -> HostCall {
    let none = Lent::of(&[]);
    HostCall { numbers: [first.into(), second], bytes: none, name: none, result: none, kept: Vec::new() }
}

fn ask_nothing(_: &Cx<'_>, (): &()) -> HostCall {
    ask(0u64, 0)
}

fn ask_of<T>(_: &Cx<'_>, (resource,): &(Resource<T>,)) -> HostCall {
    ask(resource.rep(), 0)
}

fn ask_number(_: &Cx<'_>, (number,): &(u64,)) -> HostCall {
    ask(*number, 0)
}

impl HostCall {
    fn lending(mut self, bytes: &[u8]) -> HostCall {
        self.bytes = Lent::of(bytes);
        self
    }
    fn keeping(mut self, bytes: Vec<u8>) -> HostCall {
        self.kept = bytes;
        self.bytes = Lent::of(&self.kept);
        self
    }
    fn run(&mut self, cx: &Cx<'_>, host: HostFunction, function: usize) -> Result<&HostCall, Error> {
        match host(wasmtime_context_get_data(cx.as_context()), function, self) {
            true => Ok(self),
            false => Err(Error::msg("ended by the host")),
        }
    }
    fn result(&self) -> Vec<u8> {
        unsafe { self.result.bytes() }.to_vec()
    }
    fn text(&self) -> String {
        String::from_utf8_lossy(unsafe { self.result.bytes() }).into_owned()
    }
    /// Texts that end in a zero byte each.
    fn texts(&self) -> Vec<String> {
        let text = self.text();
        text.split_terminator('\0').map(str::to_string).collect()
    }
    fn own<T: 'static>(&self) -> (Resource<T>,) {
        (Resource::new_own(self.numbers[0] as u32),)
    }
    /// The second number says that the stream is at its end.
    fn streamed<T>(&self, value: T) -> (Result<T, StreamError>,) {
        (if self.numbers[1] == 0 { Ok(value) } else { Err(StreamError::Closed) },)
    }
}

struct IoError;
struct Pollable;
struct InputStream;
struct OutputStream;
struct TerminalInput;
struct TerminalOutput;
struct Descriptor;
struct DirectoryEntryStream;

#[derive(ComponentType, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    #[allow(dead_code)] // part of the type; no stream of ours fails in this way
    Failed(Resource<IoError>),
    #[component(name = "closed")]
    Closed,
}

#[derive(ComponentType, Lower)]
#[component(record)]
struct Datetime {
    seconds: u64,
    nanoseconds: u32,
}

#[derive(ComponentType, Lift, Clone, Copy)]
#[component(enum)]
#[repr(u8)]
#[allow(dead_code, non_camel_case_types)] // made by the guest, named as in WIT
enum Level {
    trace,
    debug,
    info,
    warning,
    error,
}

#[derive(ComponentType, Lower)]
#[component(variant)]
enum Failure {
    #[component(name = "not-found")]
    NotFound(String),
    #[component(name = "denied")]
    Denied(String),
    #[component(name = "invalid")]
    Invalid(String),
    #[component(name = "limit")]
    Limit(String),
    #[component(name = "unknown")]
    Unknown(String),
}

/// By the number that C++ gives them, from 1.
const FAILURES: [fn(String) -> Failure; 5] =
    [Failure::NotFound, Failure::Denied, Failure::Invalid, Failure::Limit, Failure::Unknown];

fn before_version(interface: &str) -> &str {
    interface.split('@').next().unwrap_or(interface)
}

struct Definer<'a> {
    linker: &'a mut Linker<WasmtimeStoreData>,
    names: Vec<(&'a str, &'a str)>,
    host: HostFunction,
    defined: usize,
}

impl Definer<'_> {
    fn place(&self, interface: &str, name: &str) -> Option<usize> {
        self.names.iter().position(|(i, n)| before_version(i) == interface && *n == name)
    }
    /// Defines a function that C++ has: what it is called with, and what its results are.
    fn function<P, R>(
        &mut self,
        interface: &str,
        name: &str,
        arguments: impl Fn(&Cx<'_>, &P) -> HostCall + Send + Sync + 'static,
        results: impl Fn(&HostCall) -> R + Send + Sync + 'static,
    ) -> Result<(), Error>
    where
        P: ComponentNamedList + Lift + 'static,
        R: ComponentNamedList + Lower + 'static,
    {
        let Some(place) = self.place(interface, name) else {
            return Ok(());
        };
        self.defined += 1;
        let host = self.host;
        let in_wit = if name.contains('.') { format!("[method]{name}") } else { name.into() };
        self.linker
            .instance(self.names[place].0)?
            .func_wrap(&in_wit, move |cx: Cx<'_>, given: P| Ok(results(arguments(&cx, &given).run(&cx, host, place)?)))
    }
    /// Defines a resource. C++ is told of the end of one if it has a function `NAME.drop`.
    fn resource<T: 'static>(&mut self, interface: &str, name: &str) -> Result<(), Error> {
        let dropped = self.place(interface, &format!("{name}.drop"));
        self.defined += usize::from(dropped.is_some());
        let Some((full, _)) = self.names.iter().find(|n| before_version(n.0) == interface) else {
            return Ok(());
        };
        let host = self.host;
        let ended = move |cx: Cx<'_>, rep: u32| match dropped {
            Some(function) => ask(rep, 0).run(&cx, host, function).map(|_| ()),
            None => Ok(()),
        };
        self.linker.instance(full)?.resource(name, ResourceType::host::<T>(), ended)
    }
}

fn link_io(d: &mut Definer<'_>) -> Result<(), Error> {
    const ERROR: &str = "wasi:io/error";
    const POLL: &str = "wasi:io/poll";
    const STREAMS: &str = "wasi:io/streams";
    type In = Resource<InputStream>;
    type Out = Resource<OutputStream>;
    d.resource::<IoError>(ERROR, "error")?;
    d.function(ERROR, "error.to-debug-string", ask_of::<IoError>, |c| (c.text(),))?;
    d.resource::<Pollable>(POLL, "pollable")?;
    d.function(POLL, "pollable.ready", ask_of::<Pollable>, |c| (c.numbers[0] != 0,))?;
    d.function(POLL, "pollable.block", ask_of::<Pollable>, |_| ())?;
    d.function(
        POLL,
        "poll",
        |_, (list,): &(Vec<Resource<Pollable>>,)| {
            ask(0u64, 0).keeping(list.iter().flat_map(|p| p.rep().to_le_bytes()).collect())
        },
        |c| (c.result().as_chunks().0.iter().map(|place| u32::from_le_bytes(*place)).collect::<Vec<u32>>(),),
    )?;
    d.resource::<InputStream>(STREAMS, "input-stream")?;
    d.resource::<OutputStream>(STREAMS, "output-stream")?;
    for name in ["input-stream.read", "input-stream.blocking-read"] {
        d.function(STREAMS, name, |_, (s, size): &(In, u64)| ask(s.rep(), *size), |c| c.streamed(c.result()))?;
    }
    for name in ["input-stream.skip", "input-stream.blocking-skip"] {
        d.function(STREAMS, name, |_, (s, size): &(In, u64)| ask(s.rep(), *size), |c| c.streamed(c.numbers[0]))?;
    }
    d.function(STREAMS, "input-stream.subscribe", ask_of::<InputStream>, HostCall::own::<Pollable>)?;
    d.function(STREAMS, "output-stream.subscribe", ask_of::<OutputStream>, HostCall::own::<Pollable>)?;
    d.function(STREAMS, "output-stream.check-write", ask_of::<OutputStream>, |c| c.streamed(c.numbers[0]))?;
    for name in ["output-stream.write", "output-stream.blocking-write-and-flush"] {
        let lend = |cx: &Cx<'_>, (s, bytes): &(Out, WasmList<u8>)| ask(s.rep(), 0).lending(bytes.as_le_slice(cx));
        d.function(STREAMS, name, lend, |c| c.streamed(()))?;
    }
    for name in ["output-stream.flush", "output-stream.blocking-flush"] {
        d.function(STREAMS, name, ask_of::<OutputStream>, |c| c.streamed(()))?;
    }
    for name in ["output-stream.write-zeroes", "output-stream.blocking-write-zeroes-and-flush"] {
        d.function(STREAMS, name, |_, (s, size): &(Out, u64)| ask(s.rep(), *size), |c| c.streamed(()))?;
    }
    for name in ["output-stream.splice", "output-stream.blocking-splice"] {
        let from_input = |_: &Cx<'_>, (s, _, size): &(Out, In, u64)| ask(s.rep(), *size); // there is one input stream
        d.function(STREAMS, name, from_input, |c| c.streamed(c.numbers[0]))?;
    }
    Ok(())
}

fn link_cli(d: &mut Definer<'_>) -> Result<(), Error> {
    const ENVIRONMENT: &str = "wasi:cli/environment";
    type Texts = Vec<(String, String)>;
    d.function(ENVIRONMENT, "get-environment", ask_nothing, |c| {
        let split = |t: String| t.split_once('=').map(|(k, v)| (k.to_string(), v.to_string()));
        (c.texts().into_iter().filter_map(split).collect::<Texts>(),)
    })?;
    d.function(ENVIRONMENT, "get-arguments", ask_nothing, |c| (c.texts(),))?;
    d.function(ENVIRONMENT, "initial-cwd", ask_nothing, |_| (None::<String>,))?;
    d.function("wasi:cli/exit", "exit", |_, (r,): &(Result<(), ()>,)| ask(u64::from(r.is_err()), 0), |_| ())?;
    d.function("wasi:cli/exit", "exit-with-code", |_, (code,): &(u8,)| ask(*code, 0), |_| ())?;
    d.function("wasi:cli/stdin", "get-stdin", ask_nothing, HostCall::own::<InputStream>)?;
    d.function("wasi:cli/stdout", "get-stdout", ask_nothing, HostCall::own::<OutputStream>)?;
    d.function("wasi:cli/stderr", "get-stderr", ask_nothing, HostCall::own::<OutputStream>)?;
    // Nothing of a guest is a terminal, and it has no directories. The resources are part of the types all the same.
    d.resource::<TerminalInput>("wasi:cli/terminal-input", "terminal-input")?;
    d.resource::<TerminalOutput>("wasi:cli/terminal-output", "terminal-output")?;
    let no_output = |_: &HostCall| (None::<Resource<TerminalOutput>>,);
    d.function("wasi:cli/terminal-stdin", "get-terminal-stdin", ask_nothing, |_| (None::<Resource<TerminalInput>>,))?;
    d.function("wasi:cli/terminal-stdout", "get-terminal-stdout", ask_nothing, no_output)?;
    d.function("wasi:cli/terminal-stderr", "get-terminal-stderr", ask_nothing, no_output)?;
    let no_directories = |_: &HostCall| (Vec::<(Resource<Descriptor>, String)>::new(),);
    d.function("wasi:filesystem/preopens", "get-directories", ask_nothing, no_directories)
}

fn link_clocks_and_random(d: &mut Definer<'_>) -> Result<(), Error> {
    const MONOTONIC: &str = "wasi:clocks/monotonic-clock";
    for name in ["now", "resolution"] {
        d.function(MONOTONIC, name, ask_nothing, |c| (c.numbers[0],))?;
        d.function("wasi:clocks/wall-clock", name, ask_nothing, |c| {
            (Datetime { seconds: c.numbers[0], nanoseconds: c.numbers[1] as u32 },)
        })?;
    }
    d.function(MONOTONIC, "subscribe-instant", ask_number, HostCall::own::<Pollable>)?;
    d.function(MONOTONIC, "subscribe-duration", ask_number, HostCall::own::<Pollable>)?;
    d.function("wasi:random/random", "get-random-bytes", ask_number, |c| (c.result(),))?;
    d.function("wasi:random/random", "get-random-u64", ask_nothing, |c| (c.numbers[0],))?;
    d.function("wasi:random/insecure", "get-insecure-random-bytes", ask_number, |c| (c.result(),))?;
    d.function("wasi:random/insecure", "get-insecure-random-u64", ask_nothing, |c| (c.numbers[0],))?;
    d.function("wasi:random/insecure-seed", "insecure-seed", ask_nothing, |c| ((c.numbers[0], c.numbers[1]),))
}

fn link_node(d: &mut Definer<'_>) -> Result<(), Error> {
    const HOST: &str = "caisson:node/host";
    let lend_text = |_: &Cx<'_>, (level, text): &(Level, String)| ask(*level as u64, 0).lending(text.as_bytes());
    d.function(HOST, "log", lend_text, |_| ())?;
    let lend_both = |cx: &Cx<'_>, (operation, input): &(String, WasmList<u8>)| HostCall {
        name: Lent::of(operation.as_bytes()),
        ..ask(0u64, 0).lending(input.as_le_slice(cx))
    };
    d.function(HOST, "call", lend_both, |c| {
        (match c.numbers[0] {
            0 => Ok(c.result()),
            failed => Err(FAILURES[FAILURES.len().min(failed as usize) - 1](c.text())),
        },)
    })
}

/// Links every function that C++ names. Errors: it names one that is not here.
pub fn link(linker: &mut Linker<WasmtimeStoreData>, names: &[HostName], host: HostFunction) -> Result<(), Error> {
    let text = |lent: Lent| std::str::from_utf8(unsafe { lent.bytes() });
    let names: Result<_, std::str::Utf8Error> = names.iter().map(|n| Ok((text(n.interface)?, text(n.name)?))).collect();
    let mut d = Definer { linker, names: names?, host, defined: 0 };
    link_io(&mut d)?;
    link_cli(&mut d)?;
    link_clocks_and_random(&mut d)?;
    link_node(&mut d)?;
    if d.defined != d.names.len() {
        let (named, known) = (d.names.len(), d.defined);
        return Err(Error::msg(format!("{named} host functions were named and {known} are known")));
    }
    Ok(())
}

/// The functions of files, as the component imports them: standard libraries do, whether files are used or not. Each takes
/// a handle of a directory, a file or an error, and there is never one, so none of them can be called.
pub fn link_files(linker: &mut Linker<WasmtimeStoreData>, component: &Component) -> Result<(), Error> {
    for (interface, item) in component.component_type().imports(component.engine()) {
        let ComponentItem::ComponentInstance(instance) = item.ty else {
            continue;
        };
        if before_version(interface) != "wasi:filesystem/types" {
            continue;
        }
        let mut files = linker.instance(interface)?;
        let nothing = |_: Cx<'_>, _: u32| Ok(());
        files.resource("descriptor", ResourceType::host::<Descriptor>(), nothing)?;
        let entries = ResourceType::host::<DirectoryEntryStream>();
        files.resource("directory-entry-stream", entries, nothing)?;
        for (name, item) in instance.exports(component.engine()) {
            if matches!(item.ty, ComponentItem::ComponentFunc(_)) {
                files.func_new(name, |_, _, _: &[Val], _| {
                    Err(Error::msg("a file function was called without a file"))
                })?;
            }
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "../tests/host.rs"]
pub mod tests;
