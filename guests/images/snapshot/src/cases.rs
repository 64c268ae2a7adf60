//! The table of small programs that give the same JSON in every language.
//!
//! A case has `name`, the sources, `input` (the request), and `expect`: every member of `expect` must be in the result, with an
//! equal value; numbers are equal by value; a text that begins with `~` is a part of what must be there. `expect_LANGUAGE`
//! replaces it where a language differs, `why` says why. For this host: `host_calls`, `lines`, `refuse`, `memory` (bytes).

use crate::host::Image;
use anyhow::{bail, Context, Result};
use serde_json::Value;

fn equal(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Number(a), Value::Number(b)) => {
            a == b || (a.is_f64() || b.is_f64()) && a.as_f64() == b.as_f64()
        }
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(key, value)| b.get(key).is_some_and(|got| equal(value, got)))
        }
        _ => expected == got,
    }
}

/// Like `equal`, but objects may have members that are not expected, outside of `value`.
fn fits(expected: &Value, got: &Value) -> bool {
    match (expected, got) {
        (Value::Object(a), Value::Object(_)) => a.iter().all(|(key, value)| {
            got.get(key).is_some_and(|got| {
                if key == "value" {
                    equal(value, got)
                } else {
                    fits(value, got)
                }
            })
        }),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| fits(a, b))
        }
        (Value::String(a), Value::String(b)) => match a.strip_prefix('~') {
            Some(part) => b.contains(part),
            None => a == b,
        },
        _ => equal(expected, got),
    }
}

fn problem(image: &Image, case: &Value, language: &str, code: &str) -> Option<String> {
    let request = case.get("input").map_or("{}".to_string(), Value::to_string);
    let expected = case
        .get(format!("expect_{language}"))
        .unwrap_or(&case["expect"]);
    let refused: Vec<String> = case["refuse"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|v| v.as_str().map(str::to_string))
        .collect();
    let memory = case["memory"].as_u64().unwrap_or(512 << 20) as usize;
    let answer = match image.call_limited(code.as_bytes(), request.as_bytes(), memory, &refused) {
        Ok(answer) => answer,
        Err(error) => return Some(format!("{error:#}")),
    };
    let Ok(got) = serde_json::from_str::<Value>(&answer.text) else {
        return Some(format!("the result is no JSON: {:.300}", answer.text));
    };
    if answer.malformed || !fits(expected, &got) {
        return Some(format!(
            "expected {expected:.500}\n     got {:.1200}",
            answer.text
        ));
    }
    if let Some(lines) = case.get("lines") {
        let got: Vec<Value> = answer
            .lines
            .iter()
            .map(|line| line.as_str().into())
            .collect();
        if lines.as_array() != Some(&got) {
            return Some(format!(
                "expected the lines {lines}\n     got {}",
                Value::from(got)
            ));
        }
    }
    let calls = case["host_calls"].as_u64();
    calls
        .filter(|&calls| calls != answer.host_calls)
        .map(|_| format!("{} host calls", answer.host_calls))
}

pub fn run(image: &[u8], language: &str, file: &[u8], only: Option<&str>) -> Result<()> {
    let cases: Vec<Value> = serde_json::from_slice(file).context("the table")?;
    let image = Image::load(image)?;
    let (mut failed, mut count) = (0, 0);
    for case in &cases {
        let name = case["name"].as_str().unwrap_or("?");
        let Some(code) = case[language].as_str() else {
            continue;
        };
        if only.is_some_and(|only| only != name) {
            continue;
        }
        count += 1;
        if let Some(problem) = problem(&image, case, language, code) {
            println!("{language} {name}: {problem}");
            failed += 1;
        }
    }
    println!("{language}: {} of {count} cases hold", count - failed);
    if failed > 0 {
        bail!("{failed} cases of {language} fail");
    }
    Ok(())
}
