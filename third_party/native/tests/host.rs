use super::*;
use crate::support::wasm;
use wasmtime::Engine;

/// A function of the host that was called.
#[derive(Debug, PartialEq)]
pub struct Asked {
    pub function: usize,
    pub number: u64,
    pub bytes: Vec<u8>,
    pub name: String,
}

/// A host that answers as a test says and keeps what it was asked.
pub struct Recorder {
    pub asked: Vec<Asked>,
    pub numbers: [u64; 2],
    pub result: Vec<u8>,
    pub goes_on: bool,
    /// Its epoch goes on with each function that is called.
    pub engine: Option<Engine>,
    pub ticks: Vec<u64>,
    pub goes_on_at_ticks: bool,
    pub fuel: Option<u64>,
}

impl Recorder {
    pub fn new() -> Recorder {
        Recorder {
            asked: Vec::new(),
            numbers: [0, 0],
            result: Vec::new(),
            goes_on: true,
            engine: None,
            ticks: Vec::new(),
            goes_on_at_ticks: true,
            fuel: None,
        }
    }
    pub fn host(&mut self) -> Host {
        Host { context: std::ptr::from_mut(self).cast(), call, tick }
    }
}

extern "C" fn call(context: *mut c_void, function: usize, call: *mut HostCall) -> bool {
    let (recorder, call) = unsafe { (&mut *context.cast::<Recorder>(), &mut *call) };
    recorder.asked.push(Asked {
        function,
        number: call.numbers[0],
        bytes: unsafe { crate::guard::slice(call.bytes, call.size) }.to_vec(),
        name: String::from_utf8(unsafe { crate::guard::slice(call.name, call.name_size) }.to_vec()).unwrap(),
    });
    call.numbers = recorder.numbers;
    (call.result, call.result_size) = (recorder.result.as_ptr(), recorder.result.len());
    call.fuel = recorder.fuel.unwrap_or(call.fuel);
    if let Some(engine) = &recorder.engine {
        engine.increment_epoch();
    }
    recorder.goes_on
}

extern "C" fn tick(context: *mut c_void, memory_bytes: u64) -> bool {
    let recorder = unsafe { &mut *context.cast::<Recorder>() };
    recorder.ticks.push(memory_bytes);
    recorder.goes_on_at_ticks
}

pub fn name(interface: &'static str, name: &'static str) -> HostName {
    HostName {
        interface: interface.as_ptr(),
        interface_size: interface.len(),
        name: name.as_ptr(),
        name_size: name.len(),
    }
}

#[test]
fn a_function_that_nobody_has_is_an_error() {
    let engine = Engine::default();
    let link = |names: &[(&str, &str)]| link(&mut Linker::new(&engine), names).map_err(|error| error.to_string());
    assert_eq!(link(&[]), Ok(()));
    assert_eq!(link(&[("wasi:clocks/wall-clock@0.2.0", "now")]), Ok(()));
    for unknown in [("wasi:clocks/wall-clock@0.2.0", "then"), ("wasi:sockets/tcp@0.2.0", "connect")] {
        let error = link(&[unknown, ("caisson:node/host@1.0.0", "log")]).unwrap_err();
        assert_eq!(error, "2 host functions were named and 1 are known");
    }
}

#[test]
fn functions_of_files_are_there_for_every_version_and_end_the_call() {
    let engine = Engine::default();
    let text = r#"(component (import "wasi:filesystem/types@0.2.9" (instance
        (export "descriptor" (type (sub resource)))
        (export "filesystem-error-code" (func (param "x" u32))))))"#;
    let component = Component::new(&engine, wasm(text)).unwrap();
    let mut linker = Linker::new(&engine);
    assert!(linker.instantiate_pre(&component).is_err());
    link_files(&mut linker, &component).unwrap();
    assert!(linker.instantiate_pre(&component).is_ok());
}

#[test]
fn results_are_read_as_their_types_say() {
    let bytes = b"A=1\0B=\0";
    let mut call = HostCall::new(7u32, 9);
    (call.result, call.result_size) = (bytes.as_ptr(), bytes.len());
    assert_eq!(call.texts(), ["A=1", "B="]);
    assert!(call.flag());
    assert_eq!((call.datetime().seconds, call.datetime().nanoseconds), (7, 9));
    assert!(matches!(call.streamed(()), (Err(StreamError::Closed),)));
    assert!(matches!(HostCall::new(7u32, 0).streamed(3), (Ok(3),)));
    assert_eq!(HostCall::new(0u32, 0).texts(), [""; 0]);
}
