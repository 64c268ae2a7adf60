//! Greets, on both standard streams, and tells a variable and the time.
//!
//! Grants it needs: `{preset: wasi, env: [PATH]}`. Without the variable it says nothing of it; without the clock it panics,
//! as Rust's standard library does when there is no time.

use std::time::SystemTime;

fn main() {
    println!("Hello from WASI!");
    eprintln!("This goes to stderr");
    if let Ok(path) = std::env::var("PATH") {
        println!("PATH: {path}");
    }
    println!("Current time: {:?}", SystemTime::now());
}
