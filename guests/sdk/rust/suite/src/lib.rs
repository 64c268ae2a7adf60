//! The guest of the suite that every SDK passes (guests/sdk/README.md): does what the first line of its input says. An input
//! that does not begin with `!` comes back as it is.

use caisson::http::Request;
use caisson::{kv, Error, Level, Result};
use std::sync::atomic::{AtomicU32, Ordering};

static CALLS: AtomicU32 = AtomicU32::new(0);

fn cut(text: &str) -> (&str, &str) {
    text.split_once(' ').unwrap_or((text, ""))
}

fn number(text: &str) -> usize {
    text.parse().unwrap_or(0)
}

fn level(digit: &str) -> Level {
    [Level::Trace, Level::Debug, Level::Info, Level::Warning, Level::Error][number(digit).min(4)]
}

fn fetch(request: Request) -> Result<Vec<u8>> {
    let response = request.send()?;
    let head = format!("{} {}\n", response.status, response.header("x-answer").unwrap_or_default());
    Ok([head.as_bytes(), &response.body].concat())
}

fn suite(input: &[u8]) -> Result<Vec<u8>> {
    CALLS.fetch_add(1, Ordering::Relaxed);
    if !input.starts_with(b"!") {
        return Ok(input.to_vec());
    }
    let end = input.iter().position(|byte| *byte == b'\n').unwrap_or(input.len());
    let line = std::str::from_utf8(&input[..end])?;
    let body = &input[(end + 1).min(input.len())..];
    let (command, rest) = cut(line);
    let (word, tail) = cut(rest);
    match command {
        "!big" => return Ok(vec![b'x'; number(word)]),
        "!reverse" => return Ok(rest.chars().rev().collect::<String>().into_bytes()),
        "!count" => return Ok(CALLS.load(Ordering::Relaxed).to_string().into_bytes()),
        "!fail" => return Err(Error::new(number(word) as u16, String::from_utf8_lossy(body))),
        "!trap" => panic!("as it was told"),
        "!log" => {
            caisson::log(level(word), tail);
            return Ok(b"logged".to_vec());
        }
        "!set" => kv::set(rest, body)?,
        "!get" => return Ok(kv::get(rest)?.unwrap_or_else(|| b"nothing".to_vec())),
        "!delete" => {
            kv::delete(rest)?;
        }
        "!emit" => caisson::emit(rest, body)?,
        "!fetch" => return fetch(Request::new(word, tail).header("x-suite", "yes").body(body)),
        "!secret" => return fetch(Request::get(tail).secret("authorization", word, "Bearer ")),
        _ => return Err(Error::new(400, "there is no such command")),
    }
    Ok(Vec::new())
}
caisson::processor!(suite);
