//! Write a node of Caisson in Rust.
//!
//! ```ignore
//! fn shout(input: &[u8]) -> caisson::Result<Vec<u8>> {
//!     caisson::log(caisson::Level::Info, "shouting");
//!     Ok([input, b"!"].concat())
//! }
//! caisson::processor!(shout);
//! ```
//!
//! Built for `wasm32-unknown-unknown` it speaks the ABI `buffer`, for `wasm32-wasip2` it is a component of the world
//! caisson:node (api/abi.md). Built for anything else, in `cargo test`, the host is one that grants nothing.

#[cfg_attr(all(target_arch = "wasm32", not(target_env = "p2")), path = "buffer.rs")]
#[cfg_attr(all(target_arch = "wasm32", target_env = "p2"), path = "component.rs")]
#[cfg_attr(not(target_arch = "wasm32"), path = "native.rs")]
mod host;
pub mod http;
mod json;
pub mod kv;

use std::fmt;

/// Why an input was not processed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    /// For people.
    pub message: String,
    /// By custom 400 for an input that makes no sense, 413 for one that is too large, 500 for everything else.
    pub code: u16,
}

impl Error {
    pub fn new(code: u16, message: impl Into<String>) -> Error {
        Error { message: message.into(), code }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Any error of the standard library or of a crate, so that `?` works: code 500.
impl<E: std::error::Error> From<E> for Error {
    fn from(error: E) -> Error {
        Error::new(500, error.to_string())
    }
}

/// What a processor gives, and any function of one.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What kept an operation of the host from giving a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    NotFound,
    /// It is not granted.
    Denied,
    /// Its input is wrong.
    Invalid,
    /// It does not fit into a limit.
    Limit,
    /// There is no such operation. In a component also what is `Failed` elsewhere.
    Unknown,
    /// Something outside failed.
    Failed,
}

/// An operation that gave nothing. As an error it reads `kv.get: denied: ...`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub operation: String,
    pub kind: Kind,
    /// For people; may be empty.
    pub reason: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::NotFound => "not found",
            Kind::Denied => "denied",
            Kind::Invalid => "invalid",
            Kind::Limit => "limit",
            Kind::Unknown => "unknown",
            Kind::Failed => "failed",
        };
        write!(f, "{}: {kind}", self.operation)?;
        if self.reason.is_empty() {
            return Ok(());
        }
        write!(f, ": {}", self.reason)
    }
}

impl std::error::Error for Failure {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    Trace,
    Debug,
    Info,
    Warning,
    Error,
}

/// A line for the log of the run. Needs no grant.
pub fn log(level: Level, line: impl AsRef<str>) {
    host::log(level, line.as_ref());
}

/// Runs an operation of the table in api/abi.md. `input` is a JSON object on one line and, behind the line feed, bytes.
pub fn call(operation: &str, input: &[u8]) -> Result<Vec<u8>, Failure> {
    host::call(operation, input)
        .map_err(|(kind, reason)| Failure { operation: operation.to_string(), kind, reason })
}

/// Adds a record to the events of the run. Grant: `imports: [emit]`.
pub fn emit(topic: &str, record: impl AsRef<[u8]>) -> Result<(), Failure> {
    call("emit", &json::input("topic", topic, record.as_ref())).map(|_| ())
}

/// At most 2^20 bytes. Grant: `random`.
pub fn random(count: u32) -> Result<Vec<u8>, Failure> {
    call("random.bytes", format!("{{\"count\":{count}}}").as_bytes())
}

/// Since 1970-01-01, and since some moment before the call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Time {
    pub unix_ns: u64,
    pub elapsed_ns: u64,
}

/// Grant: `clock`.
pub fn now() -> Result<Time, Failure> {
    let text = String::from_utf8_lossy(&call("clock.now", b"")?).into_owned();
    Ok(Time { unix_ns: json::number(&text, "unix_ns"), elapsed_ns: json::number(&text, "elapsed_ns") })
}

/// Says which function is the processor: `fn(&[u8]) -> caisson::Result<T>`, where `T` becomes bytes (`Vec<u8>`, `String`,
/// `&str`). Once in a module.
#[macro_export]
macro_rules! processor {
    ($function:path) => {
        #[no_mangle]
        fn caisson_processor(input: &[u8]) -> $crate::Result<Vec<u8>> {
            $function(input).map(Into::into)
        }
    };
}
