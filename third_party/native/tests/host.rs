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
    pub ticks: usize,
    pub goes_on_at_ticks: bool,
}

impl Recorder {
    pub fn new() -> Recorder {
        Recorder {
            asked: Vec::new(),
            numbers: [0, 0],
            result: Vec::new(),
            goes_on: true,
            engine: None,
            ticks: 0,
            goes_on_at_ticks: true,
        }
    }
    /// The data of the store that it is the host of.
    pub fn data(&mut self) -> *mut c_void {
        std::ptr::from_mut(self).cast()
    }
}

pub extern "C" fn call(context: *mut c_void, function: usize, call: &mut HostCall) -> bool {
    let recorder = unsafe { &mut *context.cast::<Recorder>() };
    let bytes = |lent: Lent| unsafe { lent.bytes() }.to_vec();
    recorder.asked.push(Asked {
        function,
        number: call.numbers[0],
        bytes: bytes(call.bytes),
        name: String::from_utf8(bytes(call.name)).unwrap(),
    });
    call.numbers = recorder.numbers;
    call.result = Lent::of(&recorder.result);
    if let Some(engine) = &recorder.engine {
        engine.increment_epoch();
    }
    recorder.goes_on
}

pub fn name(interface: &'static str, name: &'static str) -> HostName {
    HostName { interface: Lent::of(interface.as_bytes()), name: Lent::of(name.as_bytes()) }
}

#[test]
fn a_function_that_nobody_has_is_an_error() {
    let engine = Engine::default();
    let link = |names: &[HostName]| link(&mut Linker::new(&engine), names, call).map_err(|error| error.to_string());
    assert_eq!(link(&[]), Ok(()));
    assert_eq!(link(&[name("wasi:clocks/wall-clock@0.2.0", "now")]), Ok(()));
    for unknown in [("wasi:clocks/wall-clock@0.2.0", "then"), ("wasi:sockets/tcp@0.2.0", "connect")] {
        let error = link(&[name(unknown.0, unknown.1), name("caisson:node/host@1.0.0", "log")]).unwrap_err();
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
    let call = HostCall { result: Lent::of(bytes), ..ask(7u32, 9) };
    assert_eq!(call.texts(), ["A=1", "B="]);
    assert!(matches!(call.streamed(()), (Err(StreamError::Closed),)));
    assert!(matches!(ask(7u32, 0).streamed(3), (Ok(3),)));
    assert_eq!(ask(0u32, 0).texts(), [""; 0]);
}
