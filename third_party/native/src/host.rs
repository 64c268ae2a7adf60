//! What components may import: the types of each function are here, what it does is C++.
//!
//! WASI 0.2 (cli, clocks, io, random; the file interfaces without a directory) and caisson:node/host. A handle of a
//! resource is a number of the host's; nothing is kept here. Wasmtime's own WASI is not used: it cannot be counted,
//! charged, refused or ended call by call, which is what the policy of a call asks for.

use crate::limits::Tally;
use std::borrow::Cow;
use std::ffi::c_void;
use wasmtime::component::{
    types::ComponentItem, Component, ComponentNamedList, ComponentType, Lift, Linker, Lower, Resource, ResourceType,
    Val, WasmList, WasmStr,
};
use wasmtime::{Error, StoreContextMut};

pub struct Ctx {
    pub host: Host,
    pub tally: Tally,
}

type Cx<'a> = StoreContextMut<'a, Ctx>;

/// `cn_host`: the C++ side of one call.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Host {
    context: *mut c_void,
    call: extern "C" fn(*mut c_void, usize, *mut HostCall) -> bool,
    tick: extern "C" fn(*mut c_void, u64) -> bool,
}

// Used on the thread that makes the call, and only during it.
unsafe impl Send for Host {}
unsafe impl Sync for Host {}

impl Host {
    pub fn tick(&self, memory_bytes: u64) -> bool {
        (self.tick)(self.context, memory_bytes)
    }
}

/// The host ended the call, and knows why.
#[derive(Debug)]
pub struct Stopped;

impl std::fmt::Display for Stopped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ended by the host")
    }
}

impl std::error::Error for Stopped {}

/// `cn_host_name`: a function that the host has, and its place is its number.
#[repr(C)]
pub struct HostName {
    interface: *const u8,
    interface_size: usize,
    name: *const u8,
    name_size: usize,
}

impl HostName {
    /// # Safety
    /// Both texts are ASCII and outlive the result.
    pub unsafe fn text<'a>(&self) -> (&'a str, &'a str) {
        let text = |at, size| std::str::from_utf8_unchecked(crate::guard::slice(at, size));
        (text(self.interface, self.interface_size), text(self.name, self.name_size))
    }
}

/// `cn_host_call`: arguments on the way there, results on the way back.
#[repr(C)]
pub struct HostCall {
    numbers: [u64; 2],
    bytes: *const u8,
    size: usize,
    name: *const u8,
    name_size: usize,
    fuel: u64,
    result: *const u8,
    result_size: usize,
}

impl HostCall {
    fn new(first: impl Into<u64>, second: u64) -> HostCall {
        HostCall {
            numbers: [first.into(), second],
            bytes: std::ptr::null(),
            size: 0,
            name: std::ptr::null(),
            name_size: 0,
            fuel: 0,
            result: std::ptr::null(),
            result_size: 0,
        }
    }
    /// Lends bytes of the guest's memory, or of the host, until the call returns.
    fn with(mut self, bytes: &[u8]) -> HostCall {
        (self.bytes, self.size) = (bytes.as_ptr(), bytes.len());
        self
    }
    fn named(mut self, name: &str) -> HostCall {
        (self.name, self.name_size) = (name.as_ptr(), name.len());
        self
    }
    fn run(mut self, mut cx: Cx<'_>, function: usize) -> Result<HostCall, Error> {
        self.fuel = cx.get_fuel()?;
        let host = cx.data().host;
        let goes_on = (host.call)(host.context, function, &mut self);
        cx.set_fuel(self.fuel)?;
        if goes_on {
            Ok(self)
        } else {
            Err(Error::new(Stopped))
        }
    }
    fn result(&self) -> Vec<u8> {
        unsafe { crate::guard::slice(self.result, self.result_size) }.to_vec()
    }
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.result()).into_owned()
    }
    /// Texts that end in a zero byte each.
    fn texts(&self) -> Vec<String> {
        let text = self.text();
        let mut out: Vec<String> = text.split('\0').map(str::to_string).collect();
        out.pop();
        out
    }
    fn flag(&self) -> bool {
        self.numbers[0] != 0
    }
    fn own<T: 'static>(&self) -> Resource<T> {
        Resource::new_own(self.numbers[0] as u32)
    }
    fn datetime(&self) -> Datetime {
        Datetime { seconds: self.numbers[0], nanoseconds: self.numbers[1] as u32 }
    }
    /// The second number says that the stream is at its end.
    fn streamed<T>(&self, value: T) -> (Result<T, StreamError>,) {
        (match self.numbers[1] {
            0 => Ok(value),
            _ => Err(StreamError::Closed),
        },)
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
#[allow(dead_code)] // made by the guest
enum Level {
    #[component(name = "trace")]
    Trace,
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warning")]
    Warning,
    #[component(name = "error")]
    Error,
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

fn before_version(interface: &str) -> &str {
    interface.split('@').next().unwrap_or(interface)
}

struct Definer<'a> {
    linker: &'a mut Linker<Ctx>,
    names: &'a [(&'a str, &'a str)],
    defined: usize,
}

impl Definer<'_> {
    fn place(&self, interface: &str, name: &str) -> Option<usize> {
        let name = name.trim_start_matches("[method]");
        self.names.iter().position(|(i, n)| before_version(i) == interface && *n == name)
    }
    /// Defines a function that C++ has; `f` gets its number.
    fn function<P, R>(
        &mut self,
        interface: &str,
        name: &str,
        f: impl Fn(Cx<'_>, usize, P) -> Result<R, Error> + Send + Sync + 'static,
    ) -> Result<(), Error>
    where
        P: ComponentNamedList + Lift + 'static,
        R: ComponentNamedList + Lower + 'static,
    {
        let Some(place) = self.place(interface, name) else {
            return Ok(());
        };
        self.defined += 1;
        self.linker.instance(self.names[place].0)?.func_wrap(name, move |cx, parameters| f(cx, place, parameters))
    }
    /// Defines a resource. C++ is told of the end of one if it has a function `NAME.drop`.
    fn resource<T: 'static>(&mut self, interface: &str, name: &str) -> Result<(), Error> {
        let dropped = self.place(interface, &format!("{name}.drop"));
        self.defined += usize::from(dropped.is_some());
        let known = self.names.iter().find(|n| before_version(n.0) == interface);
        let Some(full) = known.map(|n| n.0) else {
            return Ok(());
        };
        let ty = ResourceType::host::<T>();
        self.linker.instance(full)?.resource(name, ty, move |cx, rep| match dropped {
            Some(function) => HostCall::new(rep, 0).run(cx, function).map(|_| ()),
            None => Ok(()),
        })
    }
}

fn link_io(d: &mut Definer<'_>) -> Result<(), Error> {
    const ERROR: &str = "wasi:io/error";
    const POLL: &str = "wasi:io/poll";
    const STREAMS: &str = "wasi:io/streams";
    type In = Resource<InputStream>;
    type Out = Resource<OutputStream>;
    d.resource::<IoError>(ERROR, "error")?;
    d.function(ERROR, "[method]error.to-debug-string", |cx, i, (e,): (Resource<IoError>,)| {
        Ok((HostCall::new(e.rep(), 0).run(cx, i)?.text(),))
    })?;
    d.resource::<Pollable>(POLL, "pollable")?;
    d.function(POLL, "[method]pollable.ready", |cx, i, (p,): (Resource<Pollable>,)| {
        Ok((HostCall::new(p.rep(), 0).run(cx, i)?.flag(),))
    })?;
    d.function(POLL, "[method]pollable.block", |cx, i, (p,): (Resource<Pollable>,)| {
        HostCall::new(p.rep(), 0).run(cx, i).map(|_| ())
    })?;
    d.function(POLL, "poll", |cx, i, (list,): (Vec<Resource<Pollable>>,)| {
        let places: Vec<u8> = list.iter().flat_map(|p| p.rep().to_le_bytes()).collect();
        let ready = HostCall::new(0u64, 0).with(&places).run(cx, i)?.result();
        let (numbers, _) = ready.as_chunks::<4>();
        Ok((numbers.iter().map(|n| u32::from_le_bytes(*n)).collect::<Vec<u32>>(),))
    })?;
    d.resource::<InputStream>(STREAMS, "input-stream")?;
    d.resource::<OutputStream>(STREAMS, "output-stream")?;
    for name in ["[method]input-stream.read", "[method]input-stream.blocking-read"] {
        d.function(STREAMS, name, |cx, i, (s, size): (In, u64)| {
            let call = HostCall::new(s.rep(), size).run(cx, i)?;
            Ok(call.streamed(call.result()))
        })?;
    }
    for name in ["[method]input-stream.skip", "[method]input-stream.blocking-skip"] {
        d.function(STREAMS, name, |cx, i, (s, size): (In, u64)| {
            let call = HostCall::new(s.rep(), size).run(cx, i)?;
            Ok(call.streamed(call.numbers[0]))
        })?;
    }
    d.function(STREAMS, "[method]input-stream.subscribe", |cx, i, (s,): (In,)| {
        Ok((HostCall::new(s.rep(), 0).run(cx, i)?.own::<Pollable>(),))
    })?;
    d.function(STREAMS, "[method]output-stream.subscribe", |cx, i, (s,): (Out,)| {
        Ok((HostCall::new(s.rep(), 0).run(cx, i)?.own::<Pollable>(),))
    })?;
    d.function(STREAMS, "[method]output-stream.check-write", |cx, i, (s,): (Out,)| {
        let call = HostCall::new(s.rep(), 0).run(cx, i)?;
        Ok(call.streamed(call.numbers[0]))
    })?;
    for name in ["[method]output-stream.write", "[method]output-stream.blocking-write-and-flush"] {
        d.function(STREAMS, name, |cx, i, (s, bytes): (Out, WasmList<u8>)| {
            let call = HostCall::new(s.rep(), 0).with(bytes.as_le_slice(&cx));
            Ok(call.run(cx, i)?.streamed(()))
        })?;
    }
    for name in ["[method]output-stream.flush", "[method]output-stream.blocking-flush"] {
        d.function(STREAMS, name, |cx, i, (s,): (Out,)| Ok(HostCall::new(s.rep(), 0).run(cx, i)?.streamed(())))?;
    }
    for name in ["[method]output-stream.write-zeroes", "[method]output-stream.blocking-write-zeroes-and-flush"] {
        d.function(STREAMS, name, |cx, i, (s, size): (Out, u64)| {
            Ok(HostCall::new(s.rep(), size).run(cx, i)?.streamed(()))
        })?;
    }
    for name in ["[method]output-stream.splice", "[method]output-stream.blocking-splice"] {
        d.function(STREAMS, name, |cx, i, (s, _, size): (Out, In, u64)| {
            let call = HostCall::new(s.rep(), size).run(cx, i)?; // there is one input stream
            Ok(call.streamed(call.numbers[0]))
        })?;
    }
    Ok(())
}

fn link_cli(d: &mut Definer<'_>) -> Result<(), Error> {
    const ENVIRONMENT: &str = "wasi:cli/environment";
    d.function(ENVIRONMENT, "get-environment", |cx, i, (): ()| {
        let split = |t: &String| t.split_once('=').map(|(k, v)| (k.to_string(), v.to_string()));
        let texts = HostCall::new(0u64, 0).run(cx, i)?.texts();
        Ok((texts.iter().filter_map(split).collect::<Vec<(String, String)>>(),))
    })?;
    d.function(ENVIRONMENT, "get-arguments", |cx, i, (): ()| Ok((HostCall::new(0u64, 0).run(cx, i)?.texts(),)))?;
    d.function(ENVIRONMENT, "initial-cwd", |cx, i, (): ()| {
        HostCall::new(0u64, 0).run(cx, i)?;
        Ok((None::<String>,))
    })?;
    d.function("wasi:cli/exit", "exit", |cx, i, (status,): (Result<(), ()>,)| {
        HostCall::new(u64::from(status.is_err()), 0).run(cx, i).map(|_| ())
    })?;
    d.function("wasi:cli/exit", "exit-with-code", |cx, i, (code,): (u8,)| {
        HostCall::new(code, 0).run(cx, i).map(|_| ())
    })?;
    d.function("wasi:cli/stdin", "get-stdin", |cx, i, (): ()| {
        Ok((HostCall::new(0u64, 0).run(cx, i)?.own::<InputStream>(),))
    })?;
    for (interface, name) in [("wasi:cli/stdout", "get-stdout"), ("wasi:cli/stderr", "get-stderr")] {
        d.function(interface, name, |cx, i, (): ()| Ok((HostCall::new(0u64, 0).run(cx, i)?.own::<OutputStream>(),)))?;
    }
    // Nothing of a guest is a terminal. The resources are part of the types all the same.
    d.resource::<TerminalInput>("wasi:cli/terminal-input", "terminal-input")?;
    d.resource::<TerminalOutput>("wasi:cli/terminal-output", "terminal-output")?;
    d.function("wasi:cli/terminal-stdin", "get-terminal-stdin", |cx, i, (): ()| {
        HostCall::new(0u64, 0).run(cx, i)?;
        Ok((None::<Resource<TerminalInput>>,))
    })?;
    for (interface, name) in
        [("wasi:cli/terminal-stdout", "get-terminal-stdout"), ("wasi:cli/terminal-stderr", "get-terminal-stderr")]
    {
        d.function(interface, name, |cx, i, (): ()| {
            HostCall::new(0u64, 0).run(cx, i)?;
            Ok((None::<Resource<TerminalOutput>>,))
        })?;
    }
    Ok(())
}

fn link_clocks_and_random(d: &mut Definer<'_>) -> Result<(), Error> {
    const MONOTONIC: &str = "wasi:clocks/monotonic-clock";
    const WALL: &str = "wasi:clocks/wall-clock";
    for name in ["now", "resolution"] {
        d.function(MONOTONIC, name, |cx, i, (): ()| Ok((HostCall::new(0u64, 0).run(cx, i)?.numbers[0],)))?;
        d.function(WALL, name, |cx, i, (): ()| Ok((HostCall::new(0u64, 0).run(cx, i)?.datetime(),)))?;
    }
    for name in ["subscribe-instant", "subscribe-duration"] {
        d.function(MONOTONIC, name, |cx, i, (when,): (u64,)| {
            Ok((HostCall::new(when, 0).run(cx, i)?.own::<Pollable>(),))
        })?;
    }
    for (interface, bytes, number) in [
        ("wasi:random/random", "get-random-bytes", "get-random-u64"),
        ("wasi:random/insecure", "get-insecure-random-bytes", "get-insecure-random-u64"),
    ] {
        d.function(interface, bytes, |cx, i, (size,): (u64,)| Ok((HostCall::new(size, 0).run(cx, i)?.result(),)))?;
        d.function(interface, number, |cx, i, (): ()| Ok((HostCall::new(0u64, 0).run(cx, i)?.numbers[0],)))?;
    }
    d.function("wasi:random/insecure-seed", "insecure-seed", |cx, i, (): ()| {
        let [first, second] = HostCall::new(0u64, 0).run(cx, i)?.numbers;
        Ok(((first, second),))
    })
}

fn link_node(d: &mut Definer<'_>) -> Result<(), Error> {
    const HOST: &str = "caisson:node/host";
    d.function(HOST, "log", |cx, i, (level, text): (Level, WasmStr)| {
        let decoded: String;
        let call = HostCall::new(level as u64, 0).with(match text.to_str(&cx)? {
            Cow::Borrowed(text) => text.as_bytes(),
            Cow::Owned(text) => {
                decoded = text;
                decoded.as_bytes()
            }
        });
        call.run(cx, i).map(|_| ())
    })?;
    d.function(HOST, "call", |cx, i, (operation, input): (WasmStr, WasmList<u8>)| {
        let name = operation.to_str(&cx)?.into_owned();
        let call = HostCall::new(0u64, 0).named(&name).with(input.as_le_slice(&cx));
        let call = call.run(cx, i)?;
        Ok((match call.numbers[0] {
            0 => Ok(call.result()),
            1 => Err(Failure::NotFound(call.text())),
            2 => Err(Failure::Denied(call.text())),
            3 => Err(Failure::Invalid(call.text())),
            4 => Err(Failure::Limit(call.text())),
            _ => Err(Failure::Unknown(call.text())),
        },))
    })
}

/// Links every function that C++ names. Errors: it names one that is not here.
pub fn link(linker: &mut Linker<Ctx>, names: &[(&str, &str)]) -> Result<(), Error> {
    let mut d = Definer { linker, names, defined: 0 };
    link_io(&mut d)?;
    link_cli(&mut d)?;
    link_clocks_and_random(&mut d)?;
    link_node(&mut d)?;
    d.function("wasi:filesystem/preopens", "get-directories", |cx, i, (): ()| {
        HostCall::new(0u64, 0).run(cx, i)?;
        Ok((Vec::<(Resource<Descriptor>, String)>::new(),))
    })?;
    if d.defined != names.len() {
        let (defined, named) = (d.defined, names.len());
        return Err(Error::msg(format!("{named} host functions were named and {defined} are known")));
    }
    Ok(())
}

/// The functions of files, as the component imports them: standard libraries do, whether files are used or not. Each takes
/// a handle of a directory, a file or an error, and there is never one, so none of them can be called.
pub fn link_files(linker: &mut Linker<Ctx>, component: &Component) -> Result<(), Error> {
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
