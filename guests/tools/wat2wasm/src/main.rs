//! `wat2wasm IN.wat OUT.wasm`: WebAssembly text to bytes.
//!
//! Leaves out the names that the text gives to functions and variables, so that a module is as small as it can be; other
//! custom sections stay. Validity is not checked: a module may be broken on purpose.

use std::path::Path;
use std::process::ExitCode;
use wasmparser::{Encoding, Parser, Payload};

/// The bytes without the `name` section. Components, and bytes that cannot be walked, are returned as they are.
fn without_names(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut done = 0; // everything before it is in `out` or was left out
    let mut section_start = 8; // after the header
    for payload in Parser::new(0).parse_all(bytes) {
        match payload {
            Err(_) => return bytes.to_vec(),
            Ok(Payload::Version { encoding: Encoding::Component, .. }) => return bytes.to_vec(),
            Ok(Payload::CustomSection(section)) => {
                if section.name() == "name" {
                    out.extend_from_slice(&bytes[done..section_start]);
                    done = section.range().end;
                }
                section_start = section.range().end;
            }
            Ok(payload) => {
                if let Some((_, range)) = payload.as_section() {
                    section_start = range.end;
                }
            }
        }
    }
    out.extend_from_slice(&bytes[done..]);
    out
}

fn convert(arguments: &[String]) -> Result<(), String> {
    let [input, output] = arguments else {
        return Err("usage: wat2wasm IN.wat OUT.wasm".to_string());
    };
    let bytes = wat::parse_file(Path::new(input)).map_err(|error| error.to_string())?;
    std::fs::write(output, without_names(&bytes)).map_err(|error| format!("{output}: {error}"))
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match convert(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("wat2wasm: {message}");
            ExitCode::FAILURE
        }
    }
}
