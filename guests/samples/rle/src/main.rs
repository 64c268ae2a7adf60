//! Run-length encoding of a text: `aaab` becomes `3a1b`. With the argument `decode` the way back.
//!
//! A digit or a backslash of the text is written with a backslash before it, so that every text comes back as it was.
//! Grants it needs: `{preset: wasi}`.

use std::io::{self, Read, Write};

/// The most letters that a decoded text may have, whatever the counts say.
const MOST_DECODED: usize = 1 << 20;

fn encode(text: &str) -> String {
    let mut out = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        let mut count = 1;
        while letters.next_if_eq(&letter).is_some() {
            count += 1;
        }
        out += &count.to_string();
        if letter.is_ascii_digit() || letter == '\\' {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}

fn decode(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut length = 0;
    let mut letters = text.chars().peekable();
    while letters.peek().is_some() {
        let mut digits = String::new();
        while let Some(digit) = letters.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        let count: usize = digits.parse().map_err(|_| format!("no count before letter {} of the result", length + 1))?;
        letters.next_if_eq(&'\\');
        let letter = letters.next().ok_or("a count without a letter at the end")?;
        length += count;
        if length > MOST_DECODED {
            return Err(format!("more than {MOST_DECODED} letters"));
        }
        out.extend(std::iter::repeat(letter).take(count));
    }
    Ok(out)
}

fn main() {
    let mut text = String::new();
    if io::stdin().read_to_string(&mut text).is_err() {
        eprintln!("the input is not UTF-8");
        std::process::exit(2);
    }
    let decodes = std::env::args().nth(1).as_deref() == Some("decode");
    let result = if decodes { decode(&text) } else { Ok(encode(&text)) };
    match result {
        Ok(text) => io::stdout().write_all(text.as_bytes()).unwrap_or_else(|_| std::process::exit(3)),
        Err(problem) => {
            eprintln!("{problem}");
            std::process::exit(1);
        }
    }
}
