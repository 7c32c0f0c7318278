//! Prints how long a key takes to become results, with 500 apps and 200,000 files:
//! `cargo run --release -p search --example key_to_results`.

#![allow(clippy::print_stdout, reason = "it prints a measure")]

#[path = "../tests/machine/mod.rs"]
mod machine;

use std::time::{Duration, Instant};

fn main() {
    let home = std::env::temp_dir();
    let searcher = machine::machine(&home);
    let mut times = Vec::new();
    for word in [
        "report 1999",
        "app 42",
        "photo",
        "计算",
        "发票 77",
        "keyword",
        "zzzz",
        "letter 100 txt",
    ] {
        for (at, letter) in word.char_indices() {
            let begun = Instant::now();
            let results = searcher.search(&word[..at + letter.len_utf8()], 8);
            times.push((begun.elapsed().as_secs_f64() * 1e3, results.len()));
            // 8 keys a second.
            std::thread::sleep(Duration::from_millis(125));
        }
    }
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let at = |percent: usize| times[(times.len() - 1) * percent / 100].0;
    println!(
        "{} keys: p50 {:.2} ms, p99 {:.2} ms, slowest {:.2} ms",
        times.len(),
        at(50),
        at(99),
        at(100)
    );
}
