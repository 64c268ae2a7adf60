//! The world caisson:node.

use crate::{Kind, Level, Result};

wit_bindgen::generate!({ world: "node", path: "wit" });

use caisson::node::host;
use exports::caisson::node::processor;

extern "Rust" {
    fn caisson_processor(input: &[u8]) -> Result<Vec<u8>>;
}

pub(crate) fn log(level: Level, line: &str) {
    let level = match level {
        Level::Trace => host::Level::Trace,
        Level::Debug => host::Level::Debug,
        Level::Info => host::Level::Info,
        Level::Warning => host::Level::Warning,
        Level::Error => host::Level::Error,
    };
    host::log(level, line);
}

pub(crate) fn call(operation: &str, input: &[u8]) -> Result<Vec<u8>, (Kind, String)> {
    host::call(operation, input).map_err(|failure| match failure {
        host::Failure::NotFound(reason) => (Kind::NotFound, reason),
        host::Failure::Denied(reason) => (Kind::Denied, reason),
        host::Failure::Invalid(reason) => (Kind::Invalid, reason),
        host::Failure::Limit(reason) => (Kind::Limit, reason),
        host::Failure::Unknown(reason) => (Kind::Unknown, reason),
    })
}

struct Node;

impl processor::Guest for Node {
    fn process(input: Vec<u8>) -> Result<Vec<u8>, processor::Error> {
        unsafe { caisson_processor(&input) }
            .map_err(|error| processor::Error { message: error.message, code: error.code })
    }
}

export!(Node);
