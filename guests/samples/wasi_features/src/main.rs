//! Shows what each grant gives: arguments, variables, the clock, randomness, and the files of a directory.
//!
//! Grants it needs: `{clock: true, random: true}`; more to see with `args: [...]`, `env: [...]`, `read: [DIR:/data]`.

use std::collections::hash_map::RandomState;
use std::env;
use std::fs;
use std::time::Instant;

fn main() {
    let start = Instant::now();
    let arguments: Vec<String> = env::args().collect();
    println!("Arguments: {arguments:?}");
    for (key, value) in env::vars() {
        println!("{key}: {value}");
    }
    match fs::read_dir("/data") {
        Ok(entries) => {
            let mut names: Vec<String> = entries
                .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
                .collect();
            names.sort();
            println!("Files: {names:?}");
        }
        Err(error) => println!("Files: none ({error})"),
    }
    println!("Elapsed: {:?}", start.elapsed());
    println!("Random state: {:?}", RandomState::new());
}
