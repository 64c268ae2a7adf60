//! Makes an image out of a module, and runs images for the tests.
//!
//!   snapshot make IN OUT                  runs the initialiser and writes the module as it is then
//!   snapshot facts IMAGE                  imports, exports and initial memory, as JSON
//!   snapshot run IMAGE CODE [REQUEST]     one call; CODE is a file, REQUEST a JSON object
//!   snapshot cases IMAGE LANGUAGE FILE [NAME]   the cases of a table
//!   snapshot bench IMAGE CODE REQUEST N   times N calls, each with an instance of its own

mod cases;
mod host;

use anyhow::{anyhow, bail, Context, Result};
use host::{Image, Mode};
use std::time::Instant;

fn read(path: &str) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {path}"))
}

fn make(from: &str, to: &str) -> Result<()> {
    let bytes = read(from)?;
    let (engine, linker) = host::engine(Mode::Snapshot)?;
    let mut store = host::store(&engine);
    let mut wizer = wasmtime_wizer::Wizer::new();
    wizer.init_func("wizer-initialize");
    let image = host::wait(wizer.run(&mut store, &bytes, async |store, module| {
        linker.instantiate_async(store, module).await
    }));
    for line in &store.data().lines {
        eprintln!("snapshot: {line}");
    }
    let image = image.map_err(|error| anyhow!("{error:?}"))?;
    std::fs::write(to, image).with_context(|| format!("cannot write {to}"))
}

fn run(image: &str, code: &str, request: &str) -> Result<()> {
    let image = Image::load(&read(image)?)?;
    let answer = image.call(&read(code)?, request.as_bytes())?;
    for line in &answer.lines {
        eprintln!("{line}");
    }
    eprintln!(
        "{} host calls, {} bytes of memory",
        answer.host_calls, answer.memory
    );
    println!("{}", answer.text);
    Ok(())
}

fn bench(image: &str, code: &str, request: &str, count: usize) -> Result<()> {
    let image = Image::load(&read(image)?)?;
    let code = read(code)?;
    let mut times = Vec::new();
    for _ in 0..count {
        let begin = Instant::now();
        let answer = image.call(&code, request.as_bytes())?;
        times.push(begin.elapsed().as_secs_f64() * 1e3);
        if times.len() == 1 {
            println!("{}", answer.text.chars().take(300).collect::<String>());
        }
    }
    times.sort_by(f64::total_cmp);
    let at = |part: usize| times[(times.len() * part / 100).min(times.len() - 1)];
    println!(
        "min {:.4}  p50 {:.4}  p99 {:.4} ms",
        times[0],
        at(50),
        at(99)
    );
    Ok(())
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["make", from, to] => make(from, to),
        ["facts", image] => {
            println!("{}", host::facts(&read(image)?)?);
            Ok(())
        }
        ["run", image, code] => run(image, code, "{}"),
        ["run", image, code, request] => run(image, code, request),
        ["bench", image, code, request, count] => bench(image, code, request, count.parse()?),
        ["cases", image, language, file] => cases::run(&read(image)?, language, &read(file)?, None),
        ["cases", image, language, file, name] => {
            cases::run(&read(image)?, language, &read(file)?, Some(name))
        }
        _ => bail!("usage: snapshot make|facts|run|bench|cases ..."),
    }
}
