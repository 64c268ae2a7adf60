//! Bytes in, bytes out: `hello` becomes `HELLO!`. What the host has for a processor is in the crate `caisson`.

use caisson::{Error, Level, Result};

fn process(input: &[u8]) -> Result<String> {
    let text = std::str::from_utf8(input)?;
    if text.is_empty() {
        return Err(Error::new(400, "there is no text"));
    }
    caisson::log(Level::Info, "shouting");
    Ok(text.to_uppercase() + "!")
}
caisson::processor!(process);
