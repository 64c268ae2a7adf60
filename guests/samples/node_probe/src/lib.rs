//! A component of the world caisson:node that does what its input says: `!WORD` or `!WORD ARGUMENT`. Any other input comes
//! back as it is.

wit_bindgen::generate!({ world: "node", path: "../../../api/wit/caisson-node" });

use caisson::node::host::{call, log, Failure, Level};
use exports::caisson::node::processor::{Error, Guest};
use std::io::{Read, Write};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::io::poll::poll;

struct Probe;

fn error(message: impl Into<String>) -> Error {
    Error { message: message.into(), code: 400 }
}

/// `OPERATION INPUT`
fn operate(argument: &str) -> Result<Vec<u8>, Error> {
    let (name, input) = argument.split_once(' ').unwrap_or((argument, ""));
    call(name, input.as_bytes()).map_err(|failure| {
        error(match failure {
            Failure::NotFound(why) => format!("not-found {why}"),
            Failure::Denied(why) => format!("denied {why}"),
            Failure::Invalid(why) => format!("invalid {why}"),
            Failure::Limit(why) => format!("limit {why}"),
            Failure::Unknown(why) => format!("unknown {why}"),
        })
    })
}

fn text(value: impl ToString) -> Result<Vec<u8>, Error> {
    Ok(value.to_string().into_bytes())
}

impl Guest for Probe {
    fn process(input: Vec<u8>) -> Result<Vec<u8>, Error> {
        let Some(command) = input.strip_prefix(b"!").and_then(|c| std::str::from_utf8(c).ok()) else {
            return Ok(input);
        };
        let (word, argument) = command.split_once(' ').unwrap_or((command, ""));
        let number = argument.parse::<u64>().unwrap_or(0);
        match word {
            "log" => log(Level::Warning, argument),
            "call" => return operate(argument),
            "calls" => (0..number).for_each(|_| log(Level::Trace, "")),
            "fail" => return Err(error(argument)),
            "panic" => panic!("{argument}"),
            "exit" => std::process::exit(number as i32),
            "loop" => loop {
                std::hint::black_box(());
            },
            "recurse" => return text(recurse(number)),
            // Memory, and what the host keeps for a guest.
            "grow" => {
                let mut all = Vec::new();
                for _ in 0..number {
                    all.push(vec![1u8; 1 << 20]);
                    std::hint::black_box(&all);
                }
            }
            "big" => return Ok(vec![b'x'; number as usize]),
            "biglog" => log(Level::Info, &"x".repeat(number as usize)),
            "handles" => (0..number).for_each(|_| std::mem::forget(monotonic_clock::subscribe_duration(1))),
            "drops" => (0..number).for_each(|_| drop(monotonic_clock::subscribe_duration(1))),
            // Streams.
            "print" => {
                print!("{argument}");
                std::io::stdout().flush().map_err(|e| error(e.to_string()))?;
            }
            "error" => eprint!("{argument}"),
            "flood" => {
                let piece = vec![b'o'; 4096];
                while std::io::stdout().write_all(&piece).is_ok() {}
                return Err(error("standard output is closed"));
            }
            "zeroes" => {
                let stream = wasip2::cli::stdout::get_stdout();
                return text(stream.write_zeroes(number).is_ok());
            }
            "splice" => {
                let (from, to) = (wasip2::cli::stdin::get_stdin(), wasip2::cli::stdout::get_stdout());
                return text(to.splice(&from, number).unwrap_or(0));
            }
            "stdin" => {
                let mut all = Vec::new();
                std::io::stdin().read_to_end(&mut all).map_err(|e| error(e.to_string()))?;
                return Ok(all);
            }
            "args" => return text(std::env::args().collect::<Vec<_>>().join(",")),
            "env" => {
                let all = std::env::vars().map(|(name, value)| format!("{name}={value}"));
                return text(all.collect::<Vec<_>>().join(","));
            }
            // Time: `number` is nanoseconds.
            "sleep" => monotonic_clock::subscribe_duration(number).block(),
            "never" => monotonic_clock::subscribe_duration(u64::MAX).block(),
            "until" => monotonic_clock::subscribe_instant(number).block(),
            "poll" => {
                let both = [
                    monotonic_clock::subscribe_duration(number),
                    monotonic_clock::subscribe_duration(u64::MAX),
                ];
                return text(format!("{:?}", poll(&[&both[1], &both[0]])));
            }
            "ready" => return text(monotonic_clock::subscribe_duration(number).ready()),
            "pollnone" => {
                poll(&[]);
            }
            "now" => {
                let wall = wall_clock::now();
                return text(format!("{}.{:09} {}", wall.seconds, wall.nanoseconds, monotonic_clock::now()));
            }
            "resolution" => return text(monotonic_clock::resolution()),
            // Random numbers.
            "random" => return Ok(wasip2::random::random::get_random_bytes(number)),
            "number" => return text(wasip2::random::random::get_random_u64()),
            "insecure" => return Ok(wasip2::random::insecure::get_insecure_random_bytes(number)),
            "seed" => return text(format!("{:?}", wasip2::random::insecure_seed::insecure_seed())),
            "files" => {
                return match std::fs::read(argument) {
                    Ok(bytes) => Ok(bytes),
                    Err(e) => text(e),
                };
            }
            _ => return Err(error(format!("unknown command {word}"))),
        }
        Ok(b"done".to_vec())
    }
}

#[inline(never)]
fn recurse(depth: u64) -> u64 {
    if depth == 0 {
        return 0;
    }
    std::hint::black_box([depth; 16])[0].min(1) + recurse(depth - 1)
}

export!(Probe);
